"""What a program posts, as events."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from channels_adapters.api.fields import Fields, document
from channels_adapters.contract import (
    Address,
    DeliveryState,
    DeliveryUpdate,
    Event,
    InboundFile,
    InboundMessage,
    Unparseable,
)

MAX_ITEMS = 1000  # messages, and as many states, in one delivery
MAX_FILES = 10
MAX_TEXT = 100_000  # characters
MAX_FILE_SIZE = 10 * 1024 * 1024
STATES: dict[str, DeliveryState] = {"sent": "sent", "delivered": "delivered", "read": "read", "failed": "failed"}
MESSAGE_FIELDS = (
    "id", "thread", "from", "text", "subject", "language", "topic", "sent_at", "files", "answers", "tag", "automatic",
)  # fmt: skip
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,50}")


def events(body: bytes, account: str) -> list[Event]:
    """Messages first, then states, each in the order of the document. Raise `Unparseable` with a sentence."""
    root = document(body)
    root.only("messages", "states")
    found: list[Event] = [message(item, account) for item in root.each("messages", MAX_ITEMS)]
    found += [state(item) for item in root.each("states", MAX_ITEMS)]
    if not found:
        raise Unparseable(_("The delivery is empty. Put at least one object into “messages” or “states”."))
    return found


def message(item: Fields, account: str) -> InboundMessage:
    item.only(*MESSAGE_FIELDS)
    files = tuple(_file(each) for each in item.each("files", MAX_FILES))
    answered = item.identifier("answers", most=500)
    tag = item.identifier("tag")
    return InboundMessage(
        external_id=item.identifier("id", required=True),
        sender=sender(item.nested("from"), account),
        text=item.text("text", MAX_TEXT, required=not files),
        subject=item.text("subject", 300),
        thread=item.identifier("thread"),
        references=(answered,) if answered else (),
        tags=(tag,) if tag else (),
        files=files,
        sent_at=item.instant("sent_at"),
        language=_matching(item, "language", _LANGUAGE, _("a language such as it or pt-BR")),
        topic=_matching(item, "topic", _SLUG, _("the short name of a topic")),
        automatic="auto-generated" if item.flag("automatic") else "",
    )


def sender(who: Fields, account: str) -> Address:
    """Exactly one of id, email and phone. An id is a person inside this program only."""
    who.only("id", "email", "phone", "name")
    given = [kind for kind in ("id", "email", "phone") if who.has(kind)]
    if len(given) != 1:
        raise Unparseable(_("“%(where)s” must carry exactly one of id, email and phone.") % {"where": who.where})
    name = who.text("name", 200)
    if given == ["email"]:
        return Address("mailto", _email(who), name)
    if given == ["phone"]:
        return Address("tel", _phone(who), name)
    return Address(f"external.{account}", who.identifier("id", required=True), name)


def _email(who: Fields) -> str:
    value = who.identifier("email", required=True, most=254)
    try:
        validate_email(value)
    except ValidationError:
        raise Unparseable(_("“%(where)s” is not an e-mail address.") % {"where": who.at("email")}) from None
    return value.lower()


def _phone(who: Fields) -> str:
    value = re.sub(r"[ ()./-]", "", who.identifier("phone", required=True, most=40))
    if not _PHONE.fullmatch(value):
        raise Unparseable(
            _("“%(where)s” must be a number with its country, such as +390612345678.") % {"where": who.at("phone")}
        )
    return value


def _matching(item: Fields, name: str, pattern: re.Pattern[str], meaning: str) -> str:
    value = item.identifier(name, most=50)
    if value and not pattern.fullmatch(value):
        raise Unparseable(_("“%(where)s” must be %(meaning)s.") % {"where": item.at(name), "meaning": meaning})
    return value


def _file(item: Fields) -> InboundFile:
    item.only("name", "content_type", "base64")
    return InboundFile(
        name=item.text("name", 200, required=True),
        content_type=item.identifier("content_type", most=100) or "application/octet-stream",
        body=item.packed("base64", MAX_FILE_SIZE),
    )


def state(item: Fields) -> DeliveryUpdate:
    """What became of a message of ours, by the id the program gave it or by our key."""
    item.only("id", "key", "state", "reason", "address_dead")
    external_id, key = item.identifier("id", most=500), item.identifier("key")
    if not (external_id or key):
        raise Unparseable(_("“%(where)s” must carry id or key.") % {"where": item.where})
    reached = STATES.get(item.text("state", 20))
    if reached is None:
        raise Unparseable(
            _("“%(where)s” must be one of %(states)s.") % {"where": item.at("state"), "states": ", ".join(STATES)}
        )
    return DeliveryUpdate(
        state=reached,
        external_id=external_id,
        key=key,
        reason=item.text("reason", 300),
        address_dead=item.flag("address_dead"),
    )
