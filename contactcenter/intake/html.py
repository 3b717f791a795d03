"""A citizen's HTML is data: an allow-list, no scripts, no forms, no remote loads until an agent asks for them."""

from collections.abc import Callable

import nh3

MAX_LENGTH = 500_000  # characters; longer HTML is not shown, its text is
_TAGS = """
    a abbr address article b bdi bdo blockquote br caption center cite code col colgroup dd del dfn div dl dt em
    figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol p pre q s samp section
    small span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var
"""
TAGS = frozenset(_TAGS.split())
ATTRIBUTES = {
    "*": {"dir", "lang", "title", "align", "valign"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start", "type"},
    "bdo": {"dir"},
}
REMOTE = ("http:", "https:")


def _clean(html: str, remote: Callable[[str], str | None]) -> str:
    """`remote` gives the address an image from elsewhere is shown by; None = none."""

    def attribute(tag: str, name: str, value: str) -> str | None:
        if tag != "img" or name != "src":
            return value
        scheme = value.strip().lower()
        if scheme.startswith("cid:"):
            return value
        return remote(value.strip()) if scheme.startswith(REMOTE) else None

    return nh3.clean(
        html.replace("\x00", ""),
        tags=set(TAGS),
        clean_content_tags={"script", "style", "title", "template", "noscript", "iframe", "object", "svg", "math"},
        attributes=ATTRIBUTES,
        attribute_filter=attribute,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def sanitise(html: str) -> str:
    """HTML to store: nothing that acts. Addresses of remote images stay in it, so that an agent may ask for them."""
    return "" if not html or len(html) > MAX_LENGTH else _clean(html, lambda address: address)


def without_remote(html: str) -> str:
    """Stored HTML as a page shows it until somebody asks for the images: nothing in it loads from anywhere."""
    return _clean(html, lambda _address: None)


def with_pictures(html: str, shown_by: Callable[[str], str]) -> str:
    """Stored HTML whose remote images load from `shown_by(address)`, an address of our own."""
    return _clean(html, shown_by)


def remote_pictures(html: str) -> list[str]:
    """The addresses of images elsewhere in stored HTML, in order, each once."""
    found: dict[str, None] = {}

    def note(address: str) -> str:
        found.setdefault(address)
        return address

    _clean(html, note)
    return list(found)
