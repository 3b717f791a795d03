"""Days of the week and hours of the day, as a plan writes them, into seconds since it begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from contactcenter.management.staffing.toml_table import TomlTable, WrongPlan, checked_number
from contactcenter.routing.simulation.plan import Span
from contactcenter.sla import checking
from contactcenter.sla.calendars import DAYS, Calendar

ALL_WEEK = "mon-sun"
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Days:
    """The days of a plan in their zone, public holidays known."""

    zone: str
    first: date
    number: int
    holidays: str = ""
    subdivision: str = ""

    @property
    def begins(self) -> datetime:
        return self._midnight(self.first)

    @property
    def seconds(self) -> float:
        """Not always whole days of 24 hours: clocks change."""
        return self.since(self._midnight(self.first + timedelta(days=self.number)))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)

    def since(self, at: datetime) -> float:
        return (at - self.begins).total_seconds()

    def check(self, table: TomlTable) -> None:
        """Raises `WrongPlan` for a country nobody knows."""
        faults = checking.faults(Calendar(self.zone, {}, holidays=self.holidays, subdivision=self.subdivision))
        for name in ("holidays", "subdivision"):
            if name in faults:
                raise table.wrong(name, faults[name][0])

    # --- what stands in a plan ---

    def openings(self, table: TomlTable, name: str) -> tuple[Span, ...]:
        """{ "mon-fri" = ["08:00-20:00"], sat = ["08:00-12:00"] }."""
        hours, week = table.table(name), dict[str, list[list[str]]]()
        for days in hours.values:
            spans = [span.split("-") for span in hours.texts(days)]
            for day in _days(hours.at(days), days):
                week.setdefault(day, []).extend(spans)
        return self.spans(week, hours.place)

    def presence(self, table: TomlTable, people: int) -> list[tuple[Span, ...]]:
        """Shifts less breaks, for each of so many people. In a break's window they go one after another."""
        at_work = self._shifts(table)
        breaks = [(brk, brk.number("minutes", least=1, most=720) * 60) for brk in table.tables("breaks")]
        found = []
        for i in range(people):
            present = at_work
            for brk, length in breaks:
                windows = self._within_days(brk, brk.text("from"), brk.text("to"))
                late = i / max(1, people - 1)  # the first at the beginning, the last at the end of the window
                away = [(b + (e - b - length) * late, b + (e - b - length) * late + length) for b, e in windows]
                if any(end - begin < length for begin, end in windows):
                    raise brk.wrong(
                        "minutes",
                        _("The break is longer than the time from “from” to “to”. Shorten it, or widen that time."),
                    )
                present = _without(present, away)
            found.append(tuple(present))
        for brk, _length in breaks:
            brk.done()
        return found

    def _shifts(self, table: TomlTable) -> list[Span]:
        if "shifts" not in table:
            return [(0.0, self.seconds)]
        spans: list[Span] = []
        for shift in table.tables("shifts"):
            spans += self._within_days(shift, shift.text("from"), shift.text("to"))
            shift.done()
        return joined(spans)

    def _within_days(self, table: TomlTable, begin: str, end: str) -> tuple[Span, ...]:
        days = table.texts("days", [ALL_WEEK])
        week = {day: [[begin, end]] for part in days for day in _days(table.at("days"), part)}
        return self.spans(week, table.place)

    def rates(self, table: TomlTable, name: str) -> tuple[tuple[Span, float], ...]:
        """[{ days = ["mon-fri"], from = "08:00", to = "10:00", rate = 60 }, …] into contacts a second."""
        found: list[tuple[Span, float]] = []
        for row in table.tables(name):
            spans = self._within_days(row, row.text("from"), row.text("to"))
            rate = checked_number(row.raw("rate"), row.at("rate"), 0, 1e6) / 3600
            row.done()
            found += [(span, rate) for span in spans]
        found.sort()
        for i, (later, _rate) in enumerate(found[1:]):
            if later[0] < found[i][0][1]:
                raise table.wrong(name, _("Two of these hours overlap. Let each begin where the other ends."))
        return tuple(found)

    # --- instants ---

    def spans(self, week: Mapping[str, Sequence[Sequence[str]]], place: str) -> tuple[Span, ...]:
        """Raises `WrongPlan` where a time is none."""
        calendar = Calendar(self.zone, week, holidays=self.holidays, subdivision=self.subdivision)
        for faults in checking.faults(calendar).values():
            raise WrongPlan(place, faults[0])
        return self.openings_of(calendar)

    def openings_of(self, calendar: Calendar) -> tuple[Span, ...]:
        """When a calendar is open in these days."""
        found = []
        for n in range(-1, self.number + 1):  # a night of the day before reaches into the first one
            for begin, end in calendar.intervals(self.first + n * ONE_DAY):
                span = (max(0.0, self.since(begin)), min(self.seconds, self.since(end)))
                if span[0] < span[1]:
                    found.append(span)
        return tuple(joined(found))


def _days(place: str, text: str) -> Iterator[str]:
    """ "mon", or "mon-fri"; a range may run over the end of the week."""
    first, _dash, last = text.strip().lower().partition("-")
    for day in (first, last or first):
        if day not in DAYS:
            sentence = _("“%(day)s” is not a day of the week. Known: %(days)s.")
            raise WrongPlan(place, sentence % {"day": day[:20], "days": ", ".join(DAYS)})
    begin, end = DAYS.index(first), DAYS.index(last or first)
    for n in range((end - begin) % 7 + 1):
        yield DAYS[(begin + n) % 7]


def joined(spans: Sequence[Span]) -> list[Span]:
    """In order; what touches or overlaps becomes one."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def _without(spans: Sequence[Span], away: Sequence[Span]) -> list[Span]:
    found = list(spans)
    for out_from, out_to in away:
        parts = [((begin, min(end, out_from)), (max(begin, out_to), end)) for begin, end in found]
        found = [span for pair in parts for span in pair if span[0] < span[1]]
    return found
