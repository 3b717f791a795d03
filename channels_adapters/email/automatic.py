"""Mail that no person wrote. It is never answered by itself and reopens no case."""

from __future__ import annotations

import re

from channels_adapters.contract import AutomaticKind
from channels_adapters.email.addresses import Ours
from channels_adapters.email.headers import Headers

MAX_HOPS = 100
_LIST_FIELDS = ("list-id", "list-unsubscribe", "list-post")
_ANSWERING_MACHINES = ("x-autoreply", "x-autorespond", "x-autorespond-to")
_ROBOT = re.compile(r"(?:no|do[-_.]?not)[-_.]?reply|no[-_.]?responder|non[-_.]?rispondere|postmaster|automailer")
_DAEMON = re.compile(r"mailer-?daemon")


def kind(found: Headers, sender: str, ours: Ours) -> AutomaticKind:
    """What kind of automatic mail this is, "" for a person's."""
    local = sender.rpartition("@")[0]
    if ours.owns(sender) or any(ours.owns(value.strip().lower()) for value in found.all("x-loop")):
        return "own"
    if found.get("x-failed-recipients") or _DAEMON.fullmatch(local):
        return "bounce"
    declared = _declared(found)
    if declared:
        return declared
    if found.get("return-path").replace(" ", "") == "<>":
        return "bounce"
    return "auto-generated" if _ROBOT.match(local) or _goes_in_circles(found) else ""


def _declared(found: Headers) -> AutomaticKind:
    """What the mail says of itself."""
    submitted = found.get("auto-submitted").lower()
    precedence = found.get("precedence").strip().lower()
    if submitted.startswith("auto-replied") or precedence == "auto_reply" or any(map(found.get, _ANSWERING_MACHINES)):
        return "auto-reply"
    if any(map(found.get, _LIST_FIELDS)) or precedence in ("bulk", "list", "junk"):
        return "list"
    if submitted.partition(";")[0].strip() not in ("", "no") or found.get("x-loop") or _wants_no_answer(found):
        return "auto-generated"
    return ""


def _wants_no_answer(found: Headers) -> bool:
    asked = {word.strip().lower() for word in found.get("x-auto-response-suppress").split(",")}
    return bool(asked & {"all", "autoreply", "oof"})


def _goes_in_circles(found: Headers) -> bool:
    return len(found.all("received")) > MAX_HOPS
