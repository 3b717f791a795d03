"""What a file is, by its first bytes; what it calls itself doesn't count."""

import filetype

HEAD = 8192  # bytes looked at
_TEXT_CONTROLS = frozenset(range(0x20)) - {0x09, 0x0A, 0x0C, 0x0D, 0x1B}
_MARKUP = (b"<!doctype html", b"<html", b"<script", b"<svg", b"<?xml")
# The only types a browser may show inside a page of ours; everything else is downloaded.
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
SOUNDS = frozenset({"audio/mpeg", "audio/ogg", "audio/x-wav", "audio/mp4", "audio/aac", "audio/x-flac", "audio/amr"})
PAPERS = frozenset({"application/pdf"})  # in a tab of its own, by the browser's own reader
TEXTS = frozenset({"text/plain"})  # their beginning, as text of ours
SHOWN_INLINE = PICTURES | SOUNDS | PAPERS


def content_type(head: bytes) -> str:
    """The sniffed type of a file by its first bytes. Text that looks like markup is text all the same."""
    kind = filetype.guess(head)
    if kind is not None:
        return str(kind.mime)
    start = head.lstrip()[:64].lower()
    if any(start.startswith(sign) for sign in _MARKUP):
        return "application/octet-stream"  # never anything a browser would run
    return "text/plain" if head and not _TEXT_CONTROLS.intersection(head) else "application/octet-stream"


def shown_as(content_type: str) -> str:
    """How a page may show a file of this type besides offering it: "picture", "sound", "paper", "text", or ""."""
    ways = {"picture": PICTURES, "sound": SOUNDS, "paper": PAPERS, "text": TEXTS}
    return next((way for way, types in ways.items() if content_type in types), "")
