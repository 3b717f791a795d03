"""When is an office open? Weekly hours in local wall time, public holidays, closed days, special hours.

Pure: no database, no clock. Every span is turned into UTC before anything is compared or subtracted, because two
instants of one zone differ by wall time in Python, which is wrong on two nights a year.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from contactcenter.sla import public_holidays

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Span = Sequence[str]  # "HH:MM", "HH:MM"; one that ends no later than it begins ends on the next day
Week = Mapping[str, Sequence[Span]]
Opening = tuple[datetime, datetime]  # UTC; the end is not part of it
ALWAYS: Week = {day: [["00:00", "24:00"]] for day in DAYS}
END_OF_DAY = "24:00"
SEARCH_DAYS = 400  # an empty calendar must fail loudly, not search for ever
REMEMBERED = 1000  # days whose openings a calendar keeps
ONE_DAY = timedelta(days=1)
LONG_AGO = datetime.min.replace(tzinfo=UTC)


class NeverOpen(ValueError):
    """The calendar has no opening within the next 400 days."""

    def __init__(self) -> None:
        super().__init__(_("This calendar has no opening in the next 400 days. Correct its hours in the settings."))


@dataclass(frozen=True)
class Calendar:
    """`week` maps "mon"…"sun" to spans; a day without any is closed, and so is an empty week. `ALWAYS` is 24 × 7.

    A span belongs to the day it begins on: Monday's 22:00–06:00 lasts into a Tuesday on which the office is closed.
    Special hours win over closed days, closed days and holidays over the week.
    """

    zone: str  # IANA
    week: Week = field(default_factory=dict)
    closed_days: frozenset[str] = frozenset()  # ISO dates
    holidays: str = ""  # country, ISO 3166 alpha-2
    subdivision: str = ""  # of that country, as in `public_holidays.subdivisions`
    special_hours: Mapping[str, Sequence[Span]] = field(default_factory=dict)  # by ISO date; no spans = closed that day
    _known: dict[date, tuple[Opening, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    # --- one day, as people say it ---

    def spans(self, day: date) -> Sequence[Span]:
        """What holds for the local `day`, in wall time."""
        special = self.special_hours.get(day.isoformat())
        if special is not None:
            return special
        return () if self.is_closed_day(day) else self.week.get(DAYS[day.weekday()], ())

    def is_closed_day(self, day: date) -> bool:
        """By the office's decision or as a public holiday, special hours apart."""
        return day.isoformat() in self.closed_days or day in public_holidays.days(
            self.holidays, self.subdivision, day.year
        )

    # --- instants; all of them aware, whatever their zone ---

    def intervals(self, day: date) -> tuple[Opening, ...]:
        """The openings that begin on the local `day`, disjoint and in order."""
        known = self._known.get(day)
        if known is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            known = self._known[day] = tuple(_disjoint(self._in_utc(day)))
        return known

    def is_open(self, at: datetime) -> bool:
        day = self._local_day(at)
        near = (day - ONE_DAY, day, day + ONE_DAY)  # clocks that go back at midnight put tomorrow's opening before now
        return any(begin <= at < end for each in near for begin, end in self.intervals(each))

    def next_opening(self, after: datetime) -> datetime:
        """When (UTC) it opens next, strictly after `after`. Raises `NeverOpen`, also where it never closes."""
        closing = None
        for begin, end in self._openings(after):
            if begin > after and begin != closing:
                return begin
            closing = end
        raise NeverOpen

    def closes_at(self, at: datetime) -> datetime | None:
        """When (UTC) the opening ends that lasts at `at`; None where it is closed, or open for 400 days and more."""
        closing = None
        for begin, end in self._openings(at):
            if closing is None:
                closing = end if begin <= at < end else None
            elif begin == closing:
                closing = end
            else:
                break
        return closing if closing and closing < at + timedelta(days=SEARCH_DAYS) else None

    def business_seconds(self, a: datetime, b: datetime) -> float:
        """How long it is open from `a` to `b`; negative where `b` lies before `a`."""
        if b < a:
            return -self.business_seconds(b, a)
        days = (self._local_day(b) - self._local_day(a)).days + 1
        parts = (min(end, b) - max(begin, a) for begin, end in self._openings(a, days) if begin < b)
        return sum(parts, timedelta()).total_seconds()

    def due(self, start: datetime, seconds: float) -> datetime:
        """When (UTC) it has been open for `seconds` since `start`. At a closing it is due then, not when it opens again.

        Raises `NeverOpen`, and `ValueError` for less than nothing.
        """
        left, at = timedelta(seconds=seconds), start.astimezone(UTC)
        if left < timedelta():
            raise ValueError("a clock runs forwards only")
        while left:
            before = at
            for begin, end in self._openings(at):
                begin = max(begin, before)
                if end - begin >= left:
                    return begin + left
                left, at = left - (end - begin), end
            if at == before:
                raise NeverOpen
        return at

    def _local_day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.zone)).date()

    def _openings(self, after: datetime, days: int = SEARCH_DAYS) -> Iterator[Opening]:
        """Disjoint openings in order, those that end after `after`, of so many days."""
        first = self._local_day(after) - ONE_DAY
        raw = (opening for n in range(days + 2) for opening in self.intervals(first + n * ONE_DAY))
        return (opening for opening in _disjoint(raw) if opening[1] > after)

    def _in_utc(self, day: date) -> list[Opening]:
        zone = ZoneInfo(self.zone)
        return sorted((_instant(day, begin, zone), _end(day, begin, end, zone)) for begin, end in self.spans(day))


def _disjoint(openings: Iterator[Opening] | list[Opening]) -> Iterator[Opening]:
    """None of them twice: an hour that doesn't exist in spring may push one span into the next."""
    until = LONG_AGO
    for begin, end in openings:
        if max(begin, until) < end:
            yield max(begin, until), end
            until = end


def _instant(day: date, text: str, zone: ZoneInfo) -> datetime:
    """02:30 in the night it doesn't exist is 03:30; in the night it comes twice it is the first."""
    return datetime.combine(day, _time(text), zone).astimezone(UTC)


def _end(day: date, begin: str, end: str, zone: ZoneInfo) -> datetime:
    if end == END_OF_DAY:
        return _instant(day + ONE_DAY, "00:00", zone)
    return _instant(day + ONE_DAY if _time(end) <= _time(begin) else day, end, zone)


@lru_cache(maxsize=2048)
def _time(text: str) -> time:
    return time.fromisoformat(text)
