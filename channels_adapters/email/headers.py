"""The header block of a mail or of a part: read once, decoded only where asked."""

from __future__ import annotations

import binascii
import re
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime

from channels_adapters.email import charsets

MAX_FIELDS = 1000
MAX_FIELD = 16_000  # characters of one field; longer ones are cut: RFC 5322 knows no such thing in earnest
MAX_BLOCK = 512 * 1024  # bytes
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,64})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"(?<=\?=)[ \t]+(?==\?)")
_MESSAGE_ID = re.compile(r"<([!-;=?-~]{1,248})>")
_BARE_ID = re.compile(r"[!-;=?A-~]{1,200}@[!-;=?A-~]{1,200}")


class Headers:
    """Fields by lower-case name, in the order they came. Values are unfolded and still encoded."""

    def __init__(self, block: bytes = b"") -> None:
        self.fields: list[tuple[str, str]] = []
        for line in _logical_lines(block[:MAX_BLOCK])[:MAX_FIELDS]:
            name, colon, value = line.partition(b":")
            name = name.rstrip()
            if colon and name and b" " not in name:
                self.fields.append((name.decode("ascii", "replace").lower(), _unfold(value)))

    def all(self, name: str) -> list[str]:
        return [value for field, value in self.fields if field == name]

    def get(self, name: str) -> str:
        """The first field of that name, "" when there is none."""
        return next((value for field, value in self.fields if field == name), "")

    def text(self, name: str) -> str:
        """The first field of that name, decoded to one clean line."""
        return decoded(self.get(name))


def _logical_lines(block: bytes) -> list[bytes]:
    """The lines of a block, each with its continuations."""
    lines: list[bytes] = []
    folded: list[bytes] = []
    for line in block.splitlines():
        if line[:1] in (b" ", b"\t") and folded:
            folded.append(line)
            continue
        if folded:
            lines.append(b"\n".join(folded))
        folded = [line]
    return [*lines, b"\n".join(folded)]


def _unfold(value: bytes) -> str:
    return charsets.decode(value[:MAX_FIELD].replace(b"\n", b"")).strip()


def _word(charset: str, encoding: str, payload: str) -> tuple[str, bytes] | None:
    """The bytes of an encoded word with its charset, or None when it is broken."""
    raw = payload.encode("utf-8", "replace")
    if encoding in "bB":
        try:
            return charset, binascii.a2b_base64(raw + b"=" * (-len(raw) % 4))
        except binascii.Error:
            return None
    return charset, binascii.a2b_qp(raw, header=True)


def decoded(value: str) -> str:
    """Resolve encoded words (RFC 2047); broken ones stay as they are. Gives one clean line.

    Neighbours of one charset are joined before decoding: mailers cut between the bytes of one character.
    """
    if "=?" not in value:
        return charsets.clean_line(value)
    value = _BETWEEN_WORDS.sub("", value)
    pieces: list[str] = []
    pending: tuple[str, bytes] | None = None
    position = 0
    for match in _ENCODED_WORD.finditer(value):
        word = _word(match[1].partition("*")[0].lower(), match[2], match[3])
        if pending and (match.start() > position or word is None or word[0] != pending[0]):
            pieces.append(charsets.decode(pending[1], pending[0]))
            pending = None
        pieces.append(value[position : match.start()])
        if word is None:
            pieces.append(match[0])
        else:
            pending = (word[0], (pending[1] if pending else b"") + word[1])
        position = match.end()
    if pending:
        pieces.append(charsets.decode(pending[1], pending[0]))
    return charsets.clean_line("".join(pieces) + value[position:])


def parametrised(value: str) -> Message:
    """A field with parameters (RFC 2045, RFC 2231), asked through the standard library's reader."""
    message = Message()
    message["Content-Type"] = value
    return message


def parameter(field: Message, name: str) -> str:
    """A parameter's value, decoded; "" when it is missing or unreadable."""
    try:
        value = field.get_param(name)
    except (ValueError, LookupError, TypeError):  # what its reader raises on parameters that nobody should send
        return ""
    if isinstance(value, tuple):  # RFC 2231: charset, language, percent-decoded octets as Latin-1
        return charsets.clean_line(charsets.decode(value[2].encode("latin-1", "replace"), value[0] or ""))
    return decoded(value) if isinstance(value, str) else ""


def message_ids(value: str) -> tuple[str, ...]:
    """The message ids in a field, each with its angle brackets, in order."""
    return tuple(dict.fromkeys(f"<{found}>" for found in _MESSAGE_ID.findall(value)))


def own_id(value: str) -> str:
    """The id in a Message-ID field with angle brackets; "" when it isn't fit to know a mail by."""
    found = message_ids(value)
    if found:
        return found[0]
    return f"<{value}>" if _BARE_ID.fullmatch(value) else ""


def moment(value: str) -> datetime | None:
    """The instant of a Date field in UTC, or None when it makes no sense."""
    try:
        found = parsedate_to_datetime(value)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return found if 1980 <= found.year <= 2100 else None
