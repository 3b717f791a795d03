"""Names of files as strangers give them, and as we may keep them."""

import mimetypes
import re

from channels_adapters.email import charsets

MAX_NAME = 150
_FORBIDDEN = re.compile(r'[<>:"|?*]')
# mimetypes would need the system's table; these are what citizens send.
EXTENSIONS = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "message/rfc822": ".eml",
    "application/zip": ".zip",
}


def harmless(name: str) -> str:
    """No path, no control or direction-changing characters, no leading dot, at most 150 characters with the ending."""
    last = re.split(r"[/\\]", charsets.clean_line(name))[-1]
    last = _FORBIDDEN.sub("_", last).strip(" .")
    if len(last) <= MAX_NAME:
        return last
    stem, dot, ending = last.rpartition(".")
    return f"{stem[: MAX_NAME - len(ending) - 1]}.{ending}" if dot and len(ending) <= 10 else last[:MAX_NAME]


def made_up(content_type: str, number: int) -> str:
    """A name for a file that came without one: "file-2.pdf"."""
    ending = EXTENSIONS.get(content_type) or mimetypes.guess_extension(content_type) or ""
    return f"file-{number}{ending}"
