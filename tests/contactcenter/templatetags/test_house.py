"""How times, days and citizens' words are written on every staff page."""

import datetime as dt

import pytest
import time_machine
from django.utils import translation

from contactcenter.templatetags import house
from tests.conftest import ROME

NOW = dt.datetime(2026, 11, 23, 10, 0, tzinfo=ROME)


@pytest.mark.parametrize(
    "seconds, words",
    [(-5, "0:00"), (48, "0:48"), (242, "4:02"), (3599, "59:59"), (3600, "1 h"), (86_399, "23 h"), (86_400 * 2, "2 d")],
)
def test_a_clock_counts_seconds_then_hours_then_days(seconds: int, words: str) -> None:
    with translation.override("en"):
        assert house.elapsed(seconds) == words


@pytest.mark.parametrize(
    "language, at, words",
    [
        ("en", dt.datetime(2026, 11, 23, 8, 0, tzinfo=ROME), "today, 23 November"),
        ("en", dt.datetime(2026, 11, 22, 23, 59, tzinfo=ROME), "yesterday, 22 November"),
        ("it", dt.datetime(2026, 11, 4, 8, 0, tzinfo=ROME), "4 novembre"),
        ("es", dt.datetime(2026, 11, 4, 8, 0, tzinfo=ROME), "4 noviembre"),
        ("en", dt.datetime(2025, 11, 4, 8, 0, tzinfo=ROME), "4 November 2025"),
    ],
)
def test_days_are_named_as_people_name_them(language: str, at: dt.datetime, words: str) -> None:
    with time_machine.travel(NOW, tick=False), translation.override(language):
        assert house.day(at) == words


@pytest.mark.parametrize(
    "at, words, lateness",
    [
        (NOW + dt.timedelta(hours=2), "today, 12:00", "warn"),
        (NOW + dt.timedelta(days=1, hours=2), "tomorrow, 12:00", ""),
        (NOW + dt.timedelta(days=58), "20 Jan 2027", ""),
        (NOW - dt.timedelta(days=3), "20 Nov 2026", "bad"),
    ],
)
def test_a_term_says_when_and_whether_it_presses(at: dt.datetime, words: str, lateness: str) -> None:
    with time_machine.travel(NOW, tick=False), translation.override("en"):
        assert (house.due(at), house.lateness(at)) == (words, lateness)


def test_an_instant_is_told_in_the_towns_own_zone() -> None:
    assert house.hour(dt.datetime(2026, 11, 23, 9, 31, tzinfo=dt.UTC)) == "10:31"


@pytest.mark.parametrize(
    "filter_", [house.since, house.hour, house.exact, house.day, house.short_day, house.due, house.lateness]
)
def test_what_never_happened_has_no_words(filter_: object) -> None:
    assert callable(filter_)
    assert filter_(None) == ""


def test_addresses_in_a_citizens_words_open_elsewhere_and_tell_nothing() -> None:
    made = house.linked("Guardi https://www.example.org/a?b=1&c=2 e mi dica")
    assert 'href="https://www.example.org/a?b=1&amp;c=2"' in made
    assert 'rel="nofollow noopener noreferrer" target="_blank"' in made


@pytest.mark.parametrize(
    "text",
    ['<script>alert("x@y.it")</script>', 'x" onmouseover="alert(1) www.example.org', "<a href='javascript:1'>a@b.it</a>",
     'rel="nofollow" https://e.org', "&lt;b&gt; www.e.org"],
    ids=range(5),
)  # fmt: skip
def test_words_stay_words(text: str) -> None:
    made = house.linked(text)
    assert "<script" not in made
    assert "<b>" not in made
    for tag in made.split("<")[1:]:
        assert tag.startswith(("a href=", "/a>"))
        assert " on" not in tag.split(">")[0]


@pytest.mark.parametrize(
    "name, letters", [("Giulia Ferri", "GF"), ("@marta", "?"), ("", "?"), ("Ana Gómez Ruiz", "AG")]
)
def test_initials(name: str, letters: str) -> None:
    assert house.initials(name) == letters


@pytest.mark.parametrize("code, words", [("uk", "ukrainian"), ("it", "italian"), ("zz", "ZZ")])
def test_a_language_has_a_name(code: str, words: str) -> None:
    with translation.override("en"):
        assert house.tongue(code) == words
