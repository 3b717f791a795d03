"""Mail about our mail: bounces (RFC 3464), read receipts (RFC 8098), spam complaints (RFC 5965), old-style bounces."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from channels_adapters.contract import DeliveryUpdate
from channels_adapters.email import addresses, charsets
from channels_adapters.email.headers import Headers, message_ids, own_id
from channels_adapters.email.mime import Part

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_MESSAGE_ID_LINE = re.compile(r"^[ \t>]*Message-ID:\s*(<[^<>\s]{1,248}>)", re.I | re.M)
_GOOD = {"delivered": "delivered", "relayed": "sent", "expanded": "sent"}
_MAX_LOOK = 100_000


@dataclass(frozen=True)
class Verdict:
    """What a report says of one recipient."""

    action: str
    status: str  # "5.1.1"
    detail: str


def update(root: Part, ours: addresses.Ours) -> DeliveryUpdate | None:
    """What a report tells about a mail of ours; None when this is no report, or one that decides nothing."""
    original = _original_id(root, ours)
    if not original:
        return None
    for part in root.walk():
        if part.type in ("message/delivery-status", "message/global-delivery-status"):
            return _of_delivery(part, original)
        if part.type in ("message/disposition-notification", "message/global-disposition-notification"):
            return _of_disposition(part, original)
        if part.type == "message/feedback-report":
            reason = _("The recipient reported this message as unwanted. Reach them on another channel.")
            return DeliveryUpdate(state="failed", external_id=original, reason=reason, address_dead=True)
    return _of_old_bounce(root, original) if root.headers.get("x-failed-recipients") else None


# --- which mail of ours is meant ---


def _original_id(root: Part, ours: addresses.Ours) -> str:
    """The Message-ID of the mail that is reported on, where it is one of our domain's; "" otherwise.

    Anything else would be an answer to mail that others sent in our name.
    """
    domains = {addresses.domain(address) for address in ours.addresses}
    candidates = [*_named_in_report(root), *_returned_ids(root), *_answered_ids(root), *_ids_in_text(root)]
    return next((found for found in candidates if addresses.domain(found).rstrip(">").lower() in domains), "")


def _named_in_report(root: Part) -> list[str]:
    reports = [part for part in root.walk() if part.type.startswith("message/") and "notification" in part.type]
    return [
        found for part in reports for block in _blocks(part) for found in message_ids(block.get("original-message-id"))
    ]


def _returned_ids(root: Part) -> list[str]:
    """From the returned mail, or its header."""
    returned = [
        part for part in root.walk() if part.type in ("message/rfc822", "text/rfc822-headers", "message/global")
    ]
    heads = [Headers(part.decoded()[:_MAX_LOOK].replace(b"\r\n", b"\n").partition(b"\n\n")[0]) for part in returned]
    return [own_id(head.get("message-id")) for head in heads]


def _answered_ids(root: Part) -> list[str]:
    return [found for name in ("in-reply-to", "references") for found in message_ids(root.headers.get(name))]


def _ids_in_text(root: Part) -> list[str]:
    texts = [part.body[:_MAX_LOOK] for part in root.walk() if part.type == "text/plain" and not part.children]
    return [found for text in texts for found in _MESSAGE_ID_LINE.findall(charsets.decode(text))]


def _blocks(part: Part) -> list[Headers]:
    """The header blocks of a status part: one about the mail, then one for each recipient."""
    text = part.decoded()[:_MAX_LOOK].replace(b"\r\n", b"\n")
    return [Headers(block) for block in re.split(rb"\n\s*\n", text) if block.strip()]


# --- what it says ---


def _of_delivery(part: Part, original: str) -> DeliveryUpdate | None:
    verdicts = [_verdict(block) for block in _blocks(part) if block.get("action")]
    failed = [verdict for verdict in verdicts if verdict.action == "failed"]
    if failed:
        return _failure(original, failed[0])
    good = next((_GOOD[verdict.action] for verdict in verdicts if verdict.action in _GOOD), "")
    if good == "delivered":
        return DeliveryUpdate(state="delivered", external_id=original)
    return DeliveryUpdate(state="sent", external_id=original) if good else None


def _verdict(block: Headers) -> Verdict:
    diagnostic = block.text("diagnostic-code").partition(";")[2].strip()
    status = _STATUS.search(block.get("status")) or _STATUS.search(diagnostic)
    return Verdict(block.get("action").split()[0].lower(), status[0] if status else "", diagnostic)


def _failure(original: str, verdict: Verdict) -> DeliveryUpdate:
    dead = verdict.status.startswith("5.1.") and verdict.status not in ("5.1.7", "5.1.8")  # those two blame our side
    return DeliveryUpdate(state="failed", external_id=original, reason=_reason(verdict.status), address_dead=dead)


def _reason(status: str) -> str:
    """A sentence for the agent. The other server's own words stay in the raw mail: they carry addresses."""
    known = {
        "5.1.": _("There is no such mailbox. Ask for another address or reach the citizen on another channel."),
        "5.2.2": _("The recipient's mailbox is full. Try again later or reach the citizen on another channel."),
        "5.2.3": _("The mail is too large for the recipient's mailbox. Send it with fewer or smaller files."),
        "5.3.4": _("The mail is too large for the recipient's server. Send it with fewer or smaller files."),
        "5.7.": _("The recipient's mail server refuses our mail. Tell the administrator and use another channel."),
        "4.4.7": _("The recipient's mail server could not be reached for days. Reach the citizen on another channel."),
    }
    found = next((sentence for prefix, sentence in known.items() if status.startswith(prefix)), "")
    found = found or _("The mail could not be delivered. Reach the citizen on another channel.")
    return f"{found} ({status})" if status else found


def _of_disposition(part: Part, original: str) -> DeliveryUpdate | None:
    said = next((block.get("disposition").lower() for block in _blocks(part) if block.get("disposition")), "")
    outcome = said.partition(";")[2].strip()
    if outcome.startswith("displayed"):
        return DeliveryUpdate(state="read", external_id=original)
    return DeliveryUpdate(state="delivered", external_id=original) if outcome else None


def _of_old_bounce(root: Part, original: str) -> DeliveryUpdate:
    """Some servers write a letter instead of a report."""
    texts = " ".join(charsets.decode(part.decoded()[:_MAX_LOOK]) for part in root.walk() if part.type == "text/plain")
    status = next((found[0] for found in _STATUS.finditer(texts) if found[1] != "2"), "")
    return _failure(original, Verdict("failed", status, ""))
