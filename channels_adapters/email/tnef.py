"""winmail.dat: what Outlook packs when it thinks it writes to itself."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from tnefparse import TNEF

from channels_adapters.contract import InboundFile
from channels_adapters.email import charsets, filenames

TYPES = {"application/ms-tnef", "application/vnd.ms-tnef"}
MAX_FILES = 200
MAX_PACKET = 15 * 1024 * 1024  # bytes: its reader needs seconds for more, if they are many small things
# What its reader raises on broken packets: it checks little, indexes freely and uses names before they are set.
_BROKEN = (ValueError, LookupError, TypeError, AttributeError, NameError, struct.error, OverflowError, AssertionError)


@dataclass(frozen=True)
class Unpacked:
    text: str = ""
    html: str = ""
    files: tuple[InboundFile, ...] = ()


def unpack(data: bytes) -> Unpacked | None:
    """The contents, or None when they can't be read or there are none: then the packet itself is the file."""
    if len(data) > MAX_PACKET:
        return None
    try:
        packet = TNEF(data)
        text, html = _words(packet.body), _words(packet.htmlbody)
        files = tuple(_file(found.long_filename(), found.data) for found in packet.attachments[:MAX_FILES])
    except _BROKEN:
        return None
    return Unpacked(text, html, files) if text or html or files else None


def _words(body: str | bytes | None) -> str:
    return charsets.clean(charsets.decode(body) if isinstance(body, bytes) else body or "")


def _file(name: str | bytes | None, data: bytes) -> InboundFile:
    given = charsets.decode(name) if isinstance(name, bytes) else name or ""
    return InboundFile(name=filenames.harmless(given.rstrip("\0")), body=bytes(data))
