"""Is an office open? Weekly hours in local wall time, public holidays, extra closed days. Pure: no database, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays as public_holidays

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Week = Mapping[str, Sequence[Sequence[str]]]
SEARCH_DAYS = 400  # an empty calendar must fail loudly, not search for ever


class NeverOpen(ValueError):
    """The calendar has no opening within the next 400 days."""


@dataclass(frozen=True)
class Calendar:
    """`week` maps "mon"…"sun" to ["HH:MM", "HH:MM"] intervals; an empty week is open always."""

    zone: str
    week: Week = field(default_factory=dict)
    closed_days: frozenset[str] = frozenset()  # ISO dates
    holidays: str = ""  # country code of the `holidays` library

    def is_open(self, at: datetime) -> bool:
        """`at` is any aware instant."""
        if not self.week:
            return True
        local = at.astimezone(ZoneInfo(self.zone))
        if self._is_closed_day(local.date()):
            return False
        return any(begin <= local.time() < end for begin, end in self._intervals(local.date()))

    def next_opening(self, after: datetime) -> datetime:
        """The next instant (UTC) it opens, strictly after `after`. Raises `NeverOpen`."""
        zone = ZoneInfo(self.zone)
        day = after.astimezone(zone).date()
        for offset in range(SEARCH_DAYS):
            date_ = day + timedelta(days=offset)
            for begin, _end in [] if self._is_closed_day(date_) else self._intervals(date_):
                opening = datetime.combine(date_, begin, zone).astimezone(ZoneInfo("UTC"))
                if opening > after:
                    return opening
        raise NeverOpen("This calendar has no opening hours in the next 400 days. Correct it in the settings.")

    def _is_closed_day(self, day: date) -> bool:
        return day.isoformat() in self.closed_days or day in _holidays(self.holidays, day.year)

    def _intervals(self, day: date) -> list[tuple[time, time]]:
        return sorted((_time(begin), _time(end)) for begin, end in self.week.get(DAYS[day.weekday()], ()))


def _time(text: str) -> time:
    return time.max if text == "24:00" else time.fromisoformat(text)


@lru_cache(maxsize=64)
def _holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(public_holidays.country_holidays(country, years=year)) if country else frozenset()
