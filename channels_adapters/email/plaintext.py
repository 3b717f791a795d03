"""The words of an HTML mail. The HTML itself goes on as received: it is sanitised where it is stored."""

import html
import re

from inscriptis import Inscriptis
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig
from lxml import etree
from lxml.html import HTMLParser, document_fromstring

MAX_HTML = 1_000_000  # characters laid out with care; what is longer, or nested beyond reason, is only stripped
MAX_CELLS = 10_000  # laying out a table takes time by the square of its rows
_CELL = re.compile(r"<t[dr]\b", re.I)
_CONFIG = ParserConfig(css=CSS_PROFILES["strict"])
_HIDDEN = [
    (re.compile(opening, re.I), re.compile(closing, re.I))
    for opening, closing in ((r"<script\b", r"</script\s*>"), (r"<style\b", r"</style\s*>"), ("<!--", "-->"))
]
_TAG = re.compile(r"<[^<>]{0,20000}>")
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/blockquote)\b[^<>]{0,200}>", re.I)
_MANY_NEWLINES = re.compile(r"\n{3,}")


def from_html(source: str) -> str:
    """Readable text: lists, tables and links in reading order, at most one empty line in a row."""
    laid_out = _laid_out(source) if len(source) <= MAX_HTML and len(_CELL.findall(source)) <= MAX_CELLS else ""
    text = laid_out if laid_out.strip() else _stripped(source)
    text = "\n".join(line.rstrip() for line in text.replace("\xa0", " ").split("\n"))
    return _MANY_NEWLINES.sub("\n\n", text).strip("\n")


def _laid_out(source: str) -> str:
    parser = HTMLParser(huge_tree=True, encoding="utf-8", no_network=True)
    try:
        tree = document_fromstring(source.encode("utf-8", "replace"), parser=parser)
        return str(Inscriptis(tree, _CONFIG).get_text())
    except (etree.LxmlError, RecursionError, ValueError, TypeError, KeyError, IndexError):
        return ""  # nothing in it, or built to break a layout: the plain way below always works


def _stripped(source: str) -> str:
    for opening, closing in _HIDDEN:
        source = _without(source, opening, closing)
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", source))).strip()


def _without(source: str, opening: re.Pattern[str], closing: re.Pattern[str]) -> str:
    """Cut out what lies between. Goes over the text once: one pattern with both ends would do so for every opening."""
    kept, position = [], 0
    while (start := opening.search(source, position)) and (end := closing.search(source, start.end())):
        kept.append(source[position : start.start()])
        position = end.end()
    return "".join(kept) + source[position:]


def as_html(text: str) -> str:
    """Text as HTML, for a mail whose other parts are HTML."""
    return "<p>" + html.escape(text).replace("\n", "<br>\n") + "</p>"
