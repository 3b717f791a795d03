"""A hostile corpus: whatever a mail's HTML tries, nothing acts and nothing loads."""

from html.parser import HTMLParser
from pathlib import Path

import pytest

from contactcenter.intake import html

CORPUS = sorted((Path(__file__).parent / "hostile").glob("*.html"))
TAGS_THAT_ACT = {
    "script", "style", "iframe", "object", "embed", "form", "input", "button", "meta", "link", "base", "svg", "math",
    "video", "audio", "template", "textarea",
}  # fmt: skip


class Reader(HTMLParser):
    """What a browser would see: tags and attributes. Escaped text is only text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, (value or "").strip().lower()) for name, value in attrs]


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_nothing_of_it_can_act(path: Path) -> None:
    seen = Reader(html.sanitise(path.read_text(encoding="utf-8")))
    assert seen.tags & TAGS_THAT_ACT == set()
    names = {name for name, _value in seen.attributes}
    assert {name for name in names if name.startswith("on")} | (
        names & {"style", "srcset", "srcdoc", "background", "poster"}
    ) == set()
    assert [
        v for n, v in seen.attributes if n in {"href", "src"} and not v.startswith(("http", "mailto:", "tel:", "cid:"))
    ] == []


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_nothing_of_it_loads_until_asked(path: Path) -> None:
    shown = html.without_remote(html.sanitise(path.read_text(encoding="utf-8"))).lower()
    assert 'src="http' not in shown
    assert "src='http" not in shown


def test_the_corpus_is_there() -> None:
    assert len(CORPUS) >= 12


def test_an_ordinary_mail_keeps_its_shape() -> None:
    table = '<table><tr><td colspan="2">a</td></tr></table>'
    mail = f'<p dir="rtl">مرحبا</p>{table}<a href="https://a.example">x</a><img src="cid:foto">'
    clean = html.without_remote(html.sanitise(mail))
    assert all(
        part in clean for part in ('dir="rtl"', 'colspan="2"', 'href="https://a.example"', 'src="cid:foto"', "noopener")
    )


def test_html_beyond_reason_is_left_out() -> None:
    assert html.sanitise("<p>" * 300_000) == ""
