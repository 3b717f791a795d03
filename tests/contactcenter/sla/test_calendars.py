import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from contactcenter.sla.calendars import Calendar, NeverOpen

ROME = ZoneInfo("Europe/Rome")
OFFICE = Calendar(
    zone="Europe/Rome",
    week={day: [["09:00", "13:00"], ["14:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    closed_days=frozenset({"2026-11-24"}),
    holidays="IT",
)


def rome(month: int, day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, minute, tzinfo=ROME)


@pytest.mark.parametrize(
    "at, is_open",
    [
        (rome(11, 23, 9), True),  # Monday, the door opens
        (rome(11, 23, 8, 59), False),
        (rome(11, 23, 13), False),  # lunch begins: an end doesn't count
        (rome(11, 23, 17, 59), True),
        (rome(11, 22, 10), False),  # Sunday
        (rome(11, 24, 10), False),  # closed by the office
        (rome(12, 8, 10), False),  # Immacolata
        (rome(4, 6, 10), False),  # Easter Monday
    ],
)
def test_an_office_is_open_in_its_own_wall_time(at: dt.datetime, is_open: bool) -> None:
    assert OFFICE.is_open(at) is is_open
    assert OFFICE.is_open(at.astimezone(dt.UTC)) is is_open


def test_without_hours_it_is_always_open() -> None:
    assert Calendar(zone="Europe/Rome").is_open(rome(12, 25, 3))


def test_the_next_opening_skips_the_week_end_and_the_holiday() -> None:
    assert OFFICE.next_opening(rome(4, 3, 18)) == rome(4, 7, 9)  # Good Friday evening → Tuesday
    assert OFFICE.next_opening(rome(11, 23, 13)) == rome(11, 23, 14)


def test_the_next_opening_is_right_on_the_night_clocks_change() -> None:
    night = Calendar(zone="Europe/Rome", week={"sun": [["04:00", "05:00"]]})
    assert night.next_opening(rome(3, 29, 0)) == dt.datetime(2026, 3, 29, 2, tzinfo=dt.UTC)
    assert night.next_opening(rome(10, 25, 0)) == dt.datetime(2026, 10, 25, 3, tzinfo=dt.UTC)


def test_midnight_at_the_end_belongs_to_the_day() -> None:
    late = Calendar(zone="Europe/Rome", week={"mon": [["20:00", "24:00"]]})
    assert late.is_open(rome(11, 23, 23, 59))
    assert not late.is_open(rome(11, 24, 0))


def test_a_calendar_that_never_opens_fails_loudly() -> None:
    with pytest.raises(NeverOpen, match="settings"):
        Calendar(zone="Europe/Rome", week={"mon": []}).next_opening(rome(11, 23, 9))
