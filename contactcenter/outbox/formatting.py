"""The light markup of an answer: bold, italic, lists and links, as CommonMark writes them; every other sign is words.

The words as they were typed are the plain text of what leaves, readable as they are; this makes the form beside them.
"""

import re
from functools import cache

import nh3
from markdown_it import MarkdownIt

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a"}
RULES = ["list", "emphasis", "link", "newline", "escape", "autolink"]
SCHEMES = {"http", "https", "mailto", "tel"}
LONGEST = 100_000  # characters; longer words leave as they are
_ADDRESS = re.compile(r"(?<![\[(<])\bhttps?://[^\s<>]*[^\s<>.,;:!?)\]'\"]")
_STAR = re.compile(r"(?<![*\\])\*(?!\*)")  # one star alone: a product, a footnote; italic is written with _
_FORMED = re.compile(r"<(?:strong|em|ul|ol)\b|<a href=\"([^\"]*)\"[^>]*>(?!\1<)")


def html(text: str) -> str:
    """Safe HTML of the words. "" where nothing in them is formatted: then a channel shapes them as it always does."""
    if not text or len(text) > LONGEST:
        return ""
    made = safe(_reader().render(_STAR.sub(r"\\*", _ADDRESS.sub(r"<\g<0>>", text))))
    return made if _FORMED.search(made) else ""


def preview(text: str) -> str:
    """As `html`, also where nothing is formatted."""
    return html(text) or safe("".join(f"<p>{_escaped(part)}</p>" for part in text[:LONGEST].split("\n\n")))


def safe(made: str) -> str:
    """Nothing but these tags and links out of the page, whatever was stored."""
    return nh3.clean(
        made, tags=TAGS, attributes={"*": set(), "a": {"href"}, "ol": {"start"}}, url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow", set_tag_attribute_values={"a": {"target": "_blank"}},
    ).strip()  # fmt: skip


def _escaped(text: str) -> str:
    return nh3.clean_text(text).replace("&#10;", "<br>").replace("\n", "<br>")


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("zero", {"breaks": True, "html": False}).enable(RULES)
