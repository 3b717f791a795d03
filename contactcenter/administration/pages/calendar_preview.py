"""How a calendar will turn out: the coming days, the coming holidays, and what is odd about it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import formats, timezone
from django.utils.translation import get_language, gettext as _

from contactcenter.sla import checking, public_holidays
from contactcenter.sla.calendars import ONE_DAY, Calendar, NeverOpen

DAYS_AHEAD = 14
HOLIDAYS_AHEAD = 365


@dataclass(frozen=True)
class Day:
    """`hours` is "" where nothing begins; `notes` say why a day is as it is."""

    date: str
    hours: str
    notes: list[str]
    usual: bool  # by the week alone


@dataclass(frozen=True)
class Preview:
    state: str
    is_open: bool
    days: list[Day] = field(default_factory=list)
    holidays: list[tuple[str, str]] = field(default_factory=list)  # (day, name)
    warnings: list[str] = field(default_factory=list)


def preview(calendar: Calendar, language: str) -> Preview:
    """For a sound calendar, from today on; names in `language` where the library has them."""
    now = timezone.now()
    today = now.astimezone(ZoneInfo(calendar.zone)).date()
    named = _named(calendar, language, today.year)
    ahead = ((day, name) for day, name in named if timedelta() <= day - today < timedelta(days=HOLIDAYS_AHEAD))
    holidays = [(_in_small_letters(formats.date_format(day, "D j E Y")), name) for day, name in ahead]
    coming = (today + timedelta(days=n) for n in range(DAYS_AHEAD))
    return Preview(
        state=state(calendar, now), is_open=calendar.is_open(now), holidays=holidays,
        days=[_told(calendar, day, dict(named)) for day in coming], warnings=list(warnings(calendar, language)),
    )  # fmt: skip


def _named(calendar: Calendar, language: str, year: int) -> list[tuple[date, str]]:
    """The public holidays of two years, in order."""
    years = (public_holidays.days(calendar.holidays, calendar.subdivision, each, language) for each in (year, year + 1))
    return [pair for days in years for pair in days.items()]


def state(calendar: Calendar, now: datetime) -> str:
    """ "Open now, until …", "Closed now, opens …"."""
    if calendar.is_open(now):
        closing = calendar.closes_at(now)
        return _("Open now, until %(when)s.") % {"when": _instant(calendar, closing)} if closing else _("Always open.")
    try:
        return _("Closed now, opens on %(when)s.") % {"when": _instant(calendar, calendar.next_opening(now))}
    except NeverOpen:
        return _("Never open.")


def warnings(calendar: Calendar, language: str) -> Iterator[str]:
    """What is allowed, and hardly meant."""
    now = timezone.now()
    year = now.astimezone(ZoneInfo(calendar.zone)).year
    try:
        calendar.due(now, 1)
    except NeverOpen:
        yield _("This calendar has no opening in the next 400 days. Whoever waits for one waits for ever: enter hours.")
    if calendar.holidays and not public_holidays.days(calendar.holidays, calendar.subdivision, year):
        country = dict(public_holidays.countries(language)).get(calendar.holidays, calendar.holidays)
        yield _(
            "%(country)s: no public holidays are known for %(year)d. Write the days on which you are closed into "
            "“Other closed days”."
        ) % {"country": country, "year": year}


def _told(calendar: Calendar, day: date, named: dict[date, str]) -> Day:
    special = day.isoformat() in calendar.special_hours
    closed = day.isoformat() in calendar.closed_days
    notes = [named[day]] if day in named else []
    notes += [_("special hours")] * special + [_("closed day")] * closed
    usual = not notes
    night = [end for begin, end in calendar.spans(day - ONE_DAY) if end <= begin]
    notes += [_("until %(time)s from the night before") % {"time": end} for end in night]
    hours = ", ".join(checking.written(span) for span in checking.ordered(calendar.spans(day)))
    return Day(_day(day), hours, notes, usual)


def _day(day: date) -> str:
    return _in_small_letters(formats.date_format(day, "D j E"))


def _instant(calendar: Calendar, at: datetime) -> str:
    return _in_small_letters(formats.date_format(at.astimezone(ZoneInfo(calendar.zone)), "D j E, H:i"))


def _in_small_letters(words: str) -> str:
    """Only English writes its days and months with a capital."""
    return words if (get_language() or "").startswith("en") else words.lower()
