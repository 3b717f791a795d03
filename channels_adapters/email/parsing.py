"""Raw mail → events. Pure: no network, no clock, no database."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from channels_adapters.contract import (
    AccountFacts,
    Address,
    AutomaticKind,
    Event,
    InboundMessage,
    RawRequest,
    Unparseable,
)
from channels_adapters.email import addresses, automatic, body, headers, mime, pec, proof, quoting, reports
from channels_adapters.email.settings import Settings

OVERSIZE = "x-oversize"  # header of a RawRequest: bytes of a mail of which only the header was fetched
MAX_REFERENCES = 50
MAX_SUBJECT = 500
_TELLTALE = ("from", "to", "date", "subject", "received", "message-id", "return-path", "mime-version")


@dataclass(frozen=True)
class Writer:
    """Who wrote, and where an answer goes."""

    sender: Address
    reply_to: Address | None
    remarks: tuple[str, ...]


def events(raw: RawRequest, settings: Settings, account: AccountFacts) -> list[Event]:
    """One message, or what became of a message of ours. Raises `Unparseable` with a sentence."""
    size = int(raw.headers.get(OVERSIZE, "0")) or (len(raw.body) if len(raw.body) > settings.max_bytes else 0)
    root = mime.split(raw.body[: headers.MAX_BLOCK] if size else raw.body)
    with translation.override(account.language):
        if not any(map(root.headers.get, _TELLTALE)):
            raise Unparseable(_("This is no e-mail: it has no header. Look at the raw item."))
        if size:
            return [_too_large(root, size, raw, settings)]
        update = _update(root, settings)
        return [update] if update else [_message(root, raw, settings)]


def _update(root: mime.Part, settings: Settings) -> Event | None:
    if pec.is_receipt(root.headers):
        return pec.receipt(root.headers)
    is_report = root.type == "multipart/report" or root.headers.get("x-failed-recipients")
    return reports.update(root, settings.ours) if is_report else None


def _message(envelope: mime.Part, raw: RawRequest, settings: Settings) -> InboundMessage:
    opened = pec.opened(envelope)
    mail = opened.mail if opened else envelope
    writer = Writer(opened.sender, None, ()) if opened and opened.sender else _writer(mail.headers, settings.ours)
    content = body.read(mail)
    text, quoted = quoting.split(content.text)
    return InboundMessage(
        external_id=_external_id(mail.headers, raw),
        sender=writer.sender,
        text=text,
        quoted=quoted,
        html=content.html,
        subject=mail.headers.text("subject")[:MAX_SUBJECT],
        tags=addresses.tags(mail.headers, settings.ours) or addresses.tags(envelope.headers, settings.ours),
        references=_references(mail.headers),
        recipients=addresses.recipients(mail.headers),
        reply_to=writer.reply_to,
        files=content.files,
        sent_at=headers.moment(mail.headers.get("date")),
        automatic=_automatic(mail, envelope, writer, settings),
        sender_proof="" if opened else _proof(mail.headers, writer, settings),
        remarks=_remarks(envelope, settings, *writer.remarks, *content.remarks, *([opened.remark] if opened else [])),
    )


def _too_large(root: mime.Part, size: int, raw: RawRequest, settings: Settings) -> InboundMessage:
    writer = _writer(root.headers, settings.ours)
    sentence = _(
        "This mail was too large to fetch: %(size)s MB, and the limit is %(limit)s MB. "
        "It is still in the mailbox %(address)s."
    )
    values = {"size": size // (1024 * 1024) + 1, "limit": settings.max_size, "address": settings.address}
    return InboundMessage(
        external_id=_external_id(root.headers, raw),
        sender=writer.sender,
        text=sentence % values,
        subject=root.headers.text("subject")[:MAX_SUBJECT],
        tags=addresses.tags(root.headers, settings.ours),
        references=_references(root.headers),
        recipients=addresses.recipients(root.headers),
        reply_to=writer.reply_to,
        sent_at=headers.moment(root.headers.get("date")),
        automatic=_automatic(root, root, writer, settings),
        sender_proof=_proof(root.headers, writer, settings),
        remarks=_remarks(root, settings, *writer.remarks, "oversize"),
    )


# --- who ---


def _writer(found: headers.Headers, ours: addresses.Ours) -> Writer:
    """The sender and where to answer (From, Reply-To). A form of ours writes from our address and names the citizen
    in Reply-To.
    """
    senders = [address for value in found.all("from")[:5] for address in addresses.in_field(value)]
    wanted = [address for address in addresses.in_field(found.get("reply-to")) if not ours.owns(address.value)]
    sender = next(iter([*senders, *_stand_ins(found), *wanted]), None)
    if sender is None:
        raise Unparseable(_("The mail names no sender that could be answered. Look at the raw item."))
    remarks = ["display-name-differs"] if addresses.names_another(sender) else []
    if ours.owns(sender.value) and wanted:
        return Writer(wanted[0], None, ("web-form",))
    if len(senders) > 1:
        remarks.append("several-senders")
    reply_to = wanted[0] if wanted and wanted[0].value != sender.value else None
    if reply_to and addresses.domain(reply_to.value) != addresses.domain(sender.value):
        remarks.append("reply-to-differs")
    return Writer(sender, reply_to, tuple(remarks))


def _stand_ins(found: headers.Headers) -> list[Address]:
    return [address for name in ("sender", "return-path") for address in addresses.in_field(found.get(name))]


def _proof(found: headers.Headers, writer: Writer, settings: Settings) -> str:
    """Nothing is proven where the From field is not the sender, or names several."""
    if {"web-form", "several-senders"} & set(writer.remarks):
        return ""
    return proof.of_sender(found, writer.sender.value, settings.authserv_id)


def _automatic(mail: mime.Part, envelope: mime.Part, writer: Writer, settings: Settings) -> AutomaticKind:
    if pec.is_receipt(envelope.headers) or envelope.type == "multipart/report":
        return "bounce"
    return automatic.kind(mail.headers, writer.sender.value, settings.ours)


def _remarks(envelope: mime.Part, settings: Settings, *more: str) -> tuple[str, ...]:
    """Adds whether the mail came by blind copy: such a one should not be answered automatically (RFC 3834)."""
    ours = settings.ours
    addressed = any(map(ours.owns, addresses.delivered_to(envelope.headers)))
    return tuple(dict.fromkeys([*more, *([] if addressed else ["not-addressed"])]))


# --- which ---


def _external_id(found: headers.Headers, raw: RawRequest) -> str:
    return headers.own_id(found.get("message-id")) or f"sha256:{hashlib.sha256(raw.body).hexdigest()}"


def _references(found: headers.Headers) -> tuple[str, ...]:
    """What this mail answers, nearest first."""
    answered = headers.message_ids(found.get("in-reply-to"))
    history = reversed(headers.message_ids(found.get("references")))
    return tuple(dict.fromkeys([*answered, *history]))[:MAX_REFERENCES]
