"""Mail addresses: read from fields, brought to one form, and told from our own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import getaddresses

from channels_adapters.contract import Address
from channels_adapters.email import headers

MAX_ADDRESSES = 100
_ADDRESS = re.compile(r"[^\s@<>\",;:()\[\]\\\x00-\x1f]{1,64}@[^\s@<>\",;:()\[\]\\\x00-\x1f]{1,190}")
# What nine of ten fields look like: one address, perhaps with a name. Read here, eight times as fast.
_SIMPLE = re.compile(r"\s*(?:\"?([^\"<>@,;:()\[\]\\]*?)\"?\s*<\s*([^\s<>]+)\s*>|([^\s<>]+))\s*")
_RECIPIENT_FIELDS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")


def normal(value: str) -> str:
    """Lower-case address, or "" when the value isn't one."""
    value = value.strip().strip(".").lower()
    return value if _ADDRESS.fullmatch(value) else ""


def in_field(value: str) -> list[Address]:
    """The usable addresses of a From, To, Cc or Reply-To field, names decoded. What has no domain is passed over."""
    simple = _SIMPLE.fullmatch(value) if len(value) < 500 else None
    usable = normal(simple[2] or simple[3]) if simple else ""
    if simple and usable:
        return [Address("mailto", usable, headers.decoded(simple[1] or "")[:150])]
    return _by_grammar(value) or _loose(value)


def _by_grammar(value: str) -> list[Address]:
    if value.count("(") > 20:  # nested comments make the standard reader recurse
        value = value.replace("(", "").replace(")", "")
    found = []
    for name, address in getaddresses([value]):
        usable = normal(address)
        if usable:
            found.append(Address("mailto", usable, headers.decoded(name)[:150]))
        if len(found) == MAX_ADDRESSES:
            break
    return found


def _loose(value: str) -> list[Address]:
    """Addresses in a field that follows no grammar at all."""
    return [Address("mailto", match.lower()) for match in _ADDRESS.findall(headers.decoded(value))[:MAX_ADDRESSES]]


def names_another(address: Address) -> bool:
    """Does the display name show an address that isn't the real one? That is how mails pretend."""
    return any(shown.lower().strip(".") != address.value for shown in _ADDRESS.findall(address.name))


def domain(address: str) -> str:
    return address.rpartition("@")[2]


@dataclass(frozen=True)
class Ours:
    """The addresses of this account."""

    addresses: frozenset[str]
    delimiter: str = "+"

    @classmethod
    def of(cls, address: str, aliases: Iterable[str], delimiter: str) -> Ours:
        return cls(frozenset(filter(None, map(normal, (address, *aliases)))), delimiter or "+")

    def owns(self, address: str) -> bool:
        return address in self.addresses or bool(self.tag(address))

    def tag(self, address: str) -> str:
        """The tag of one of our addresses, else "". An address may hold the delimiter itself: info-point-tag@office."""
        local, _at, host = address.rpartition("@")
        found = (
            local.removeprefix(name)
            for name, _at, own_host in (own.rpartition("@") for own in self.addresses)
            if own_host == host and local.startswith(name + self.delimiter)
        )
        return "" if address in self.addresses else min(found, key=len, default="").removeprefix(self.delimiter)


def recipients(found: headers.Headers) -> tuple[Address, ...]:
    """To and Cc. Bcc is never read: it isn't ours to disclose."""
    both = [address for name in ("to", "cc") for value in found.all(name) for address in in_field(value)]
    return tuple(dict.fromkeys(both))[:MAX_ADDRESSES]


def delivered_to(found: headers.Headers) -> list[str]:
    """Every address this mail was for, also where the visible ones were rewritten on the way."""
    values = (value for name in _RECIPIENT_FIELDS for value in found.all(name)[:20])
    return list(dict.fromkeys(address.value for value in values for address in in_field(value)))


def tags(found: headers.Headers, ours: Ours) -> tuple[str, ...]:
    """Candidates for our signed thread tag."""
    return tuple(dict.fromkeys(filter(None, map(ours.tag, delivered_to(found)))))[:10]
