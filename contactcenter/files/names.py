import re
import unicodedata

MAX_LENGTH = 150
FALLBACK = "file"
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean(name: str) -> str:
    """A name to show and to download as: no path, no control or direction characters, never empty."""
    last = re.split(r"[\\/]", name.replace("\x00", ""))[-1]
    shown = "".join(c for c in _BIDI.sub("", last) if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    shown = " ".join(shown.split()).strip(". ")
    if len(shown) > MAX_LENGTH:
        stem, dot, ending = shown.rpartition(".")
        keep = f".{ending[:20]}" if dot else ""
        shown = (stem or shown)[: MAX_LENGTH - len(keep)] + keep
    return shown or FALLBACK
