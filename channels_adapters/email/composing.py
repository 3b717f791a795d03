"""Our answer as a mail: addresses, threading, both forms of the text."""

from __future__ import annotations

import html
from email.utils import formataddr

from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext as _

from channels_adapters.contract import Outbound, OutboundFile, SendError
from channels_adapters.email import addresses, filenames
from channels_adapters.email.settings import Settings

MAX_REFERENCES = 20
_LINE_BREAKS = ("\r", "\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\0")


def message_id(key: str, settings: Settings) -> str:
    """Fixed before the first attempt: a repeat after a crash carries the same id."""
    return f"<{key}@{addresses.domain(settings.address)}>"


def compose(outbound: Outbound, settings: Settings, office: str) -> EmailMultiAlternatives:
    """The mail, ready for any of Django's mail back ends. Raises `SendError` for what could not be a header."""
    mail = EmailMultiAlternatives(
        subject=_one_line(outbound.subject),
        body=outbound.text,
        from_email=envelope_sender(outbound, settings),
        to=[_receiver(address.value) for address in outbound.to],
        headers=_headers(outbound, settings, office),
    )
    body = outbound.html or _paragraphs(outbound.text)
    mail.attach_alternative(_as_html(body, outbound.language), "text/html")
    for file in outbound.files:
        _attach(mail, file)
    return mail


def _headers(outbound: Outbound, settings: Settings, office: str) -> dict[str, str]:
    name = " · ".join(filter(None, (outbound.author, settings.display_name or office)))
    found = {
        "From": formataddr((_one_line(name), settings.address)),
        "Message-ID": outbound.external_id or message_id(outbound.key, settings),
        "Reply-To": tagged(settings, outbound.tag),
        "Content-Language": outbound.language,
        **_threading(outbound.references),
        **(_automatic(settings) if outbound.automatic else {}),
    }
    return {field: _one_line(value) for field, value in found.items() if value}


def _threading(references: tuple[str, ...]) -> dict[str, str]:
    """RFC 5322 §3.6.4; of a long history the first and the last ones. Ids that aren't of mail stay away."""
    known = [found for found in references if found.startswith("<") and "@" in found]
    if not known:
        return {}
    kept = known if len(known) <= MAX_REFERENCES else [known[0], *known[-MAX_REFERENCES + 1 :]]
    return {"In-Reply-To": known[-1], "References": " ".join(kept)}


def _automatic(settings: Settings) -> dict[str, str]:
    """So that no machine answers (RFC 3834), and that we know our own mail when it comes back."""
    return {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All", "X-Loop": settings.address}


def tagged(settings: Settings, tag: str) -> str:
    """Our address with the case's tag: citizen+tag@office."""
    local, at, host = settings.address.rpartition("@")
    return f"{local}{settings.tag_delimiter}{tag}{at}{host}" if tag else settings.address


def envelope_sender(outbound: Outbound, settings: Settings) -> str:
    """Where bounces return to."""
    return tagged(settings, outbound.tag) if settings.envelope == "tag" else settings.address


def _receiver(address: str) -> str:
    usable = addresses.normal(address)
    if not usable:
        raise SendError(_("The address to answer is no e-mail address. Correct it and send again."), permanent=True)
    return usable


def _one_line(value: str) -> str:
    if any(mark in value for mark in _LINE_BREAKS):
        sentence = _("A name, subject or reference contains a line break, which no mail may carry. Remove it.")
        raise SendError(sentence, permanent=True)
    return value


def _attach(mail: EmailMultiAlternatives, file: OutboundFile) -> None:
    name = filenames.harmless(file.name) or filenames.made_up(file.content_type, 1)
    kind = file.content_type if file.content_type.count("/") == 1 else "application/octet-stream"
    # As a mail or a text it would be taken apart and written anew: the receiver gets the very bytes.
    mail.attach(name, file.body, "application/octet-stream" if kind.startswith(("message/", "text/")) else kind)


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in text.split("\n\n"))


def _as_html(body: str, language: str) -> str:
    attribute = f' lang="{html.escape(language)}"' if language else ""
    return f'<!doctype html><html{attribute}><meta charset="utf-8"><body>{body}</body></html>'
