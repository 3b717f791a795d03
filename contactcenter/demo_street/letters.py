"""Mails as a citizen's mail program writes and shows them: real MIME both ways."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import format_datetime, formataddr, make_msgid, parseaddr

from contactcenter.demo_street.boxes import Box
from contactcenter.demo_street.models import DemoMail
from contactcenter.demo_street.town.people import DOMAIN

HEADERS = (
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
)  # fmt: skip
LONGEST_SHOWN = 200_000  # characters of one mail's text


@dataclass(frozen=True)
class Enclosure:
    name: str
    content_type: str
    body: bytes


@dataclass(frozen=True)
class Letter:
    """A mail as it is shown."""

    sender: str
    to: str
    subject: str
    text: str
    headers: tuple[tuple[str, str], ...]
    enclosures: tuple[Enclosure, ...]
    answer_to: str  # address that an answer goes to: Reply-To, else From
    message_id: str
    references: str
    automatic: bool


def compose(
    *, box: Box, to: str, subject: str, text: str, at: datetime, answered: Letter | None = None,
    enclosure: Enclosure | None = None,
) -> bytes:  # fmt: skip
    """The mail as bytes, as it would travel."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = formataddr((box.name, box.address))
    mail["To"] = to
    mail["Subject"] = " ".join(subject.split())
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = make_msgid(domain=DOMAIN)
    if answered and answered.message_id:
        mail["In-Reply-To"] = answered.message_id
        mail["References"] = f"{answered.references} {answered.message_id}".strip()
    mail.set_content(text)
    if enclosure:
        main, _slash, sub = enclosure.content_type.partition("/")
        mail.add_attachment(enclosure.body, maintype=main, subtype=sub, filename=enclosure.name)
    return mail.as_bytes()


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.rstrip().splitlines())


def read(raw: bytes) -> Letter:
    """Raises nothing: what can't be decoded is shown as well as it can be."""
    mail = message_from_bytes(raw, policy=policy.default)
    named = parseaddr(_field(mail, "Reply-To") or _field(mail, "From"))
    return Letter(
        sender=_field(mail, "From"),
        to=_field(mail, "To"),
        subject=_field(mail, "Subject"),
        text=_text(mail),
        headers=tuple((name, value) for name in HEADERS if (value := _field(mail, name))),
        enclosures=tuple(_enclosures(mail)),
        answer_to=named[1],
        message_id=_field(mail, "Message-ID"),
        references=_field(mail, "References"),
        automatic=_field(mail, "Auto-Submitted") not in ("", "no"),
    )


def of(mail: DemoMail) -> Letter:
    return read(bytes(mail.raw))


def _field(mail: Message, name: str) -> str:
    try:
        return " ".join(str(mail.get(name) or "").split())
    except (ValueError, LookupError, TypeError, IndexError, AttributeError):
        return ""  # the standard reader gives up on some malformed fields


def _text(mail: Message) -> str:
    part = mail.get_body(("plain", "html")) if isinstance(mail, EmailMessage) else None
    return _decoded(part)[:LONGEST_SHOWN] if part is not None else ""


def _decoded(part: Message) -> str:
    body = part.get_payload(decode=True)
    words = body if isinstance(body, bytes) else b""
    try:
        text = words.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        text = words.decode("utf-8", "replace")
    return text.replace("\r\n", "\n").replace("\x00", "")


def _enclosures(mail: Message) -> Sequence[Enclosure]:
    if not isinstance(mail, EmailMessage):
        return ()
    found = []
    for part in mail.iter_attachments():
        body = part.get_payload(decode=True)
        name = part.get_filename() or part.get_content_type()
        found.append(Enclosure(name, part.get_content_type(), body if isinstance(body, bytes) else b""))
    return found
