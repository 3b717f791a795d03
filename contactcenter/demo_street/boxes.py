"""Who a newcomer plays: a name of their choice, and an address that only their own browser session holds."""

import re
import secrets
import unicodedata
from dataclasses import dataclass

from django.http import HttpRequest

from contactcenter.demo_street.town.people import DOMAIN

SESSION_KEY = "demo-box"
FIRST_NAME = "Giulia Ferri"
LONGEST_NAME = 80
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else


@dataclass(frozen=True)
class Box:
    name: str
    address: str


def mine(request: HttpRequest) -> Box:
    """The box of this browser session, made on first sight."""
    known = request.session.get(SESSION_KEY)
    if not known:
        known = request.session[SESSION_KEY] = [FIRST_NAME, _address(FIRST_NAME)]
    return Box(*known)


def rename(request: HttpRequest, name: str) -> Box:
    """Another name; the address stays, or what was sent before would be lost from sight."""
    box = mine(request)
    shown = clean(name) or box.name
    request.session[SESSION_KEY] = [shown, box.address]
    return Box(shown, box.address)


def clean(name: str) -> str:
    """One line of printable characters."""
    printable = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in name[: LONGEST_NAME * 2])
    return " ".join(printable.split())[:LONGEST_NAME]


def _address(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = ".".join(re.findall("[a-z]+", plain)) or "cittadino"
    mark = "".join(secrets.choice(ALPHABET) for _n in range(6))
    return f"{words}.{mark}@{DOMAIN}"
