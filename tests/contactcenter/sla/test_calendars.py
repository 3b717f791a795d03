import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from contactcenter.sla.calendars import ALWAYS, Calendar, NeverOpen, Week

ROME = ZoneInfo("Europe/Rome")
WORKING_DAYS = ("mon", "tue", "wed", "thu", "fri")
OFFICE = Calendar(
    zone="Europe/Rome",
    week={day: [["09:00", "13:00"], ["14:00", "18:00"]] for day in WORKING_DAYS},
    closed_days=frozenset({"2026-11-24"}),
    holidays="IT",
    special_hours={"2026-12-24": [["09:00", "12:00"]], "2026-12-26": [["10:00", "12:00"]], "2026-12-30": []},
)
NIGHTS = Calendar(zone="Europe/Rome", week={day: [["22:00", "06:00"]] for day in ("fri", "sat", "sun")})
ROUND_THE_CLOCK = Calendar(zone="Europe/Rome", week=ALWAYS)


def rome(month: int, day: int, hour: int, minute: int = 0, fold: int = 0) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, minute, tzinfo=ROME, fold=fold)


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
        (rome(12, 24, 11, 59), True),  # a short Christmas Eve
        (rome(12, 24, 14, 30), False),
        (rome(12, 26, 11), True),  # Santo Stefano, a Saturday: special hours win over both
        (rome(12, 30, 10), False),  # special hours without any
    ],
)
def test_an_office_is_open_in_its_own_wall_time(at: dt.datetime, is_open: bool) -> None:
    assert OFFICE.is_open(at) is is_open
    assert OFFICE.is_open(at.astimezone(dt.UTC)) is is_open


def test_a_province_keeps_its_patron_saint() -> None:
    week = {day: [["09:00", "13:00"]] for day in WORKING_DAYS}
    italy, rome_, milan = (
        Calendar(zone="Europe/Rome", week=week, holidays="IT", subdivision=part) for part in ("", "RM", "MI")
    )
    peter_and_paul, ambrose = rome(6, 29, 10), rome(12, 7, 10)
    assert [each.is_open(peter_and_paul) for each in (italy, rome_, milan)] == [True, False, True]
    assert [each.is_open(ambrose) for each in (italy, rome_, milan)] == [True, True, False]


def test_round_the_clock_is_always_open_and_never_closes() -> None:
    assert ROUND_THE_CLOCK.is_open(rome(12, 25, 3))
    assert ROUND_THE_CLOCK.closes_at(rome(12, 25, 3)) is None
    with pytest.raises(NeverOpen):
        ROUND_THE_CLOCK.next_opening(rome(12, 25, 3))


# --- openings ---


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


def test_a_night_belongs_to_the_day_it_begins_on() -> None:
    assert NIGHTS.is_open(rome(11, 23, 5, 59))  # Monday morning: still Sunday's
    assert not NIGHTS.is_open(rome(11, 23, 6))
    assert NIGHTS.closes_at(rome(11, 22, 23)) == rome(11, 23, 6)
    assert NIGHTS.closes_at(rome(11, 23, 2)) == rome(11, 23, 6)


def test_a_day_that_ends_at_midnight_and_one_that_begins_there_are_one_opening() -> None:
    through = Calendar(zone="Europe/Rome", week={"mon": [["20:00", "24:00"]], "tue": [["00:00", "03:00"]]})
    assert through.closes_at(rome(11, 23, 21)) == rome(11, 24, 3)
    assert through.next_opening(rome(11, 23, 21)) == rome(11, 30, 20)  # not at midnight, when it is open already


def test_an_office_says_when_it_closes() -> None:
    assert OFFICE.closes_at(rome(11, 23, 10)) == rome(11, 23, 13)
    assert OFFICE.closes_at(rome(12, 24, 10)) == rome(12, 24, 12)
    assert OFFICE.closes_at(rome(11, 23, 13)) is None  # lunch


def test_an_office_that_opens_for_the_last_time_still_closes() -> None:
    once = Calendar(zone="Europe/Rome", special_hours={"2026-11-23": [["09:00", "12:00"]]})
    assert once.closes_at(rome(11, 23, 10)) == rome(11, 23, 12)


@pytest.mark.parametrize(
    "night, hours, begin, end",
    [
        (dt.date(2026, 3, 27), 8, "21:00", "05:00"),  # an ordinary one
        (dt.date(2026, 3, 28), 7, "21:00", "04:00"),  # clocks go forward
        (dt.date(2026, 10, 24), 9, "20:00", "05:00"),  # clocks go back
    ],
)
def test_a_night_lasts_as_long_as_clocks_say(night: dt.date, hours: int, begin: str, end: str) -> None:
    [(opens, closes)] = NIGHTS.intervals(night)
    assert (opens.tzinfo, closes - opens) == (dt.UTC, dt.timedelta(hours=hours))
    assert (f"{opens:%H:%M}", f"{closes:%H:%M}") == (begin, end)


def test_half_past_two_that_does_not_exist_is_an_hour_later_and_twice_is_the_first() -> None:
    early = Calendar(zone="Europe/Rome", week={"sun": [["02:30", "05:00"]]})
    assert early.intervals(dt.date(2026, 3, 29))[0][0] == dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC)
    assert early.intervals(dt.date(2026, 10, 25))[0][0] == dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)


def test_no_minute_of_the_missing_hour_counts_twice() -> None:
    split = Calendar(zone="Europe/Rome", week={"sun": [["01:00", "02:30"], ["03:00", "04:00"]]})
    assert split.business_seconds(rome(3, 29, 0), rome(3, 29, 12)) == 2 * 3600  # 00:00Z to 02:00Z


def test_a_calendar_that_never_opens_fails_loudly() -> None:
    nothing: list[Week] = [{"mon": []}, {}]
    for week in nothing:
        empty = Calendar(zone="Europe/Rome", week=week)
        assert not empty.is_open(rome(11, 23, 9))
        with pytest.raises(NeverOpen, match="settings"):
            empty.next_opening(rome(11, 23, 9))
        with pytest.raises(NeverOpen):
            empty.due(rome(11, 23, 9), 1)


# --- seconds that count ---


def test_four_hours_over_easter() -> None:
    easter = Calendar(
        zone="Europe/Rome",
        week={day: [["09:00", "13:00"], ["14:00", "18:00"]] for day in WORKING_DAYS},
        closed_days=frozenset({"2026-04-06"}),
    )
    due = easter.due(rome(4, 3, 17), 240 * 60)
    assert due.astimezone(ROME).isoformat() == "2026-04-07T12:00:00+02:00"
    assert easter.business_seconds(rome(4, 3, 17), due) == 240 * 60


def test_eight_hours_round_the_clock_while_clocks_go_forward() -> None:
    due = ROUND_THE_CLOCK.due(rome(3, 28, 20), 8 * 3600)
    assert due.astimezone(ROME).isoformat() == "2026-03-29T05:00:00+02:00"


def test_eight_hours_round_the_clock_while_clocks_go_back() -> None:
    due = ROUND_THE_CLOCK.due(rome(10, 24, 20), 8 * 3600)
    assert due.astimezone(ROME).isoformat() == "2026-10-25T03:00:00+01:00"


def test_what_is_due_at_closing_is_due_that_day() -> None:
    assert OFFICE.due(rome(11, 23, 17), 3600) == rome(11, 23, 18)
    assert OFFICE.due(rome(11, 23, 17), 3601) == rome(11, 25, 9) + dt.timedelta(seconds=1)  # Tuesday is closed


def test_outside_hours_the_clock_stands_still() -> None:
    assert OFFICE.business_seconds(rome(11, 21, 9), rome(11, 23, 9)) == 0
    assert OFFICE.due(rome(11, 21, 9), 60) == rome(11, 23, 9, 1)
    assert OFFICE.due(rome(11, 21, 9), 0) == rome(11, 21, 9)


def test_backwards_it_is_negative_and_nothing_is_due_before_it_began() -> None:
    assert OFFICE.business_seconds(rome(11, 23, 12), rome(11, 23, 10)) == -2 * 3600
    with pytest.raises(ValueError):
        OFFICE.due(rome(11, 23, 12), -1)


def test_years_between_two_openings_are_counted_but_not_searched() -> None:
    rare = Calendar(
        zone="Europe/Rome", special_hours={"2026-11-23": [["09:00", "12:00"]], "2028-11-23": [["09:00", "12:00"]]}
    )
    assert rare.business_seconds(rome(1, 1, 0), dt.datetime(2029, 1, 1, tzinfo=ROME)) == 6 * 3600
    with pytest.raises(NeverOpen):
        rare.due(rome(1, 1, 0), 4 * 3600)


def test_a_year_of_nights_is_counted_within_the_memory_of_a_calendar() -> None:
    first, last = dt.datetime(2020, 1, 1, tzinfo=ROME), dt.datetime(2026, 1, 1, tzinfo=ROME)
    assert (
        ROUND_THE_CLOCK.business_seconds(first, last)
        == (last.astimezone(dt.UTC) - first.astimezone(dt.UTC)).total_seconds()
    )
