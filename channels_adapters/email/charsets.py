"""Bytes → text, whatever the mail says about itself. Never raises, never gives NUL or lone surrogates."""

import codecs
import re
from functools import lru_cache

# What mailers write, and what they mean. The narrow old sets are read as the wide ones that browsers use for them.
ALIASES = {
    "ansi_x3.4-1968": "us-ascii",
    "cp-850": "cp850",
    "cp-1252": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-2022-jp-ms": "iso2022_jp_ext",
    "iso-8859-1": "cp1252",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-8-i": "iso-8859-8",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "latin1": "cp1252",
    "shift_jis": "cp932",
    "utf8mb4": "utf-8",
    "windows-31j": "cp932",
    "x-gbk": "gb18030",
    "x-mac-roman": "mac_roman",
    "x-sjis": "cp932",
}
# Python knows them as text encodings, but they are no charsets: slow, or they run escapes that the sender chose.
NO_CHARSETS = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"}
# Everything invisible that breaks storage or layout; newline and tab stay.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BIDI_AND_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@lru_cache(maxsize=256)
def canonical(charset: str) -> str:
    """Python's name for a declared charset; "" when it says nothing usable (then the bytes decide)."""
    name = charset.strip().strip("\"'").lower()
    name = ALIASES.get(name, name)
    try:
        found = codecs.lookup(name).name
        b"a".decode(found)  # refuses codecs that don't make text, such as zip
    except UnicodeError:
        pass  # a charset of two octets at least
    except (LookupError, ValueError):
        return ""
    return "" if found in NO_CHARSETS or found == "ascii" else found


def decode(data: bytes, charset: str = "") -> str:
    """The text of `data`. A charset that is missing, unknown or wrong gives way to UTF-8, then Windows-1252."""
    declared = canonical(charset)
    for name in (declared, "utf-8", "cp1252"):
        if name:
            try:
                return data.decode(name)
            except UnicodeError:
                continue
    return data.decode(declared or "utf-8", "replace")


def clean(text: str) -> str:
    """Text as it may be stored: one kind of newline, no control characters, no halves of surrogate pairs."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def clean_line(text: str) -> str:
    """One line without control and direction-changing characters: for names, subjects and file names."""
    return _BIDI_AND_CONTROLS.sub("", " ".join(text.split()))
