"""What holds for every calendar, over both nights on which clocks change."""

import datetime as dt

import pytest
from hypothesis import given, strategies as st

from contactcenter.sla.calendars import DAYS, Calendar, NeverOpen

ZONES = [
    "Europe/Rome",
    "Europe/Kyiv",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Cairo",
    "UTC",
]
SPRING, AUTUMN = dt.datetime(2026, 3, 29, tzinfo=dt.UTC), dt.datetime(2026, 10, 25, tzinfo=dt.UTC)

quarters = st.integers(0, 95).map(lambda n: f"{n // 4:02d}:{n % 4 * 15:02d}")
spans = st.lists(st.tuples(quarters, quarters | st.just("24:00")), max_size=3)
special_days = st.sampled_from(
    [(middle.date() + dt.timedelta(days=n)).isoformat() for middle in (SPRING, AUTUMN) for n in range(-3, 4)]
)
calendars = st.builds(
    Calendar,
    zone=st.sampled_from(ZONES),
    week=st.dictionaries(st.sampled_from(DAYS), spans),
    closed_days=st.frozensets(special_days, max_size=2),
    holidays=st.sampled_from(["", "IT"]),
    special_hours=st.dictionaries(special_days, spans, max_size=3),
)


@st.composite
def instants(draw: st.DrawFn, n: int) -> list[dt.datetime]:
    """In order, within four days of a change of clocks."""
    middle = draw(st.sampled_from([SPRING, AUTUMN]))
    seconds = draw(st.lists(st.integers(-4 * 86_400, 4 * 86_400), min_size=n, max_size=n))
    return sorted(middle + dt.timedelta(seconds=each) for each in seconds)


@given(calendars, instants(3))
def test_time_that_counts_adds_up(calendar: Calendar, three: list[dt.datetime]) -> None:
    a, b, c = three
    whole = calendar.business_seconds(a, b) + calendar.business_seconds(b, c)
    assert whole == pytest.approx(calendar.business_seconds(a, c), abs=1e-6)
    assert 0 <= whole <= (c - a).total_seconds()


@given(calendars, instants(2))
def test_what_took_until_now_was_due_by_now(calendar: Calendar, two: list[dt.datetime]) -> None:
    start, x = two
    elapsed = calendar.business_seconds(start, x)
    due = calendar.due(start, elapsed)
    assert due <= x
    assert calendar.business_seconds(start, due) == elapsed


@given(calendars, instants(1))
def test_a_calendar_agrees_with_itself(calendar: Calendar, one: list[dt.datetime]) -> None:
    """Open now = a second from now counts; it closes at an end; it opens at a beginning."""
    [at] = one
    soon = at + dt.timedelta(microseconds=1)
    assert calendar.is_open(at) == (calendar.business_seconds(at, soon) > 0)
    closing = calendar.closes_at(at)
    if closing is not None:
        assert calendar.is_open(at)
        assert not calendar.is_open(closing)
        assert calendar.business_seconds(at, closing) == (closing - at).total_seconds()
    try:
        opening = calendar.next_opening(at)
    except NeverOpen:
        return
    assert opening > at
    assert calendar.is_open(opening)
    assert not calendar.is_open(opening - dt.timedelta(microseconds=1))


@given(calendars, instants(1), st.integers(1, 400_000))
def test_what_is_due_is_due_while_it_is_open(calendar: Calendar, one: list[dt.datetime], seconds: int) -> None:
    [start] = one
    try:
        due = calendar.due(start, seconds)
    except NeverOpen:
        return
    assert calendar.business_seconds(start, due) == seconds
    assert calendar.is_open(due - dt.timedelta(microseconds=1))
