"""A citizen's HTML is data: an allow-list, no scripts, no forms, no remote loads until an agent asks for them."""

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


def _clean(html: str, *, remote_images: bool) -> str:
    def attribute(tag: str, name: str, value: str) -> str | None:
        if tag != "img" or name != "src":
            return value
        scheme = value.strip().lower()
        return value if scheme.startswith("cid:") or (remote_images and scheme.startswith(REMOTE)) else None

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
    return "" if not html or len(html) > MAX_LENGTH else _clean(html, remote_images=True)


def without_remote(html: str) -> str:
    """Stored HTML as a page shows it until somebody asks for the images: nothing in it loads from anywhere."""
    return _clean(html, remote_images=False)
