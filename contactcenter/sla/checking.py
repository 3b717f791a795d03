"""What is wrong with a calendar, place by place, in whole sentences. Forms, programs and verbs all ask here. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from zoneinfo import available_timezones

from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from contactcenter.sla import public_holidays
from contactcenter.sla.calendars import DAYS, END_OF_DAY, Calendar, Span

DAY_NAMES: dict[str, Promise] = {
    "mon": gettext_lazy("Monday"), "tue": gettext_lazy("Tuesday"), "wed": gettext_lazy("Wednesday"),
    "thu": gettext_lazy("Thursday"), "fri": gettext_lazy("Friday"), "sat": gettext_lazy("Saturday"),
    "sun": gettext_lazy("Sunday"),
}  # fmt: skip
TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
MINUTES_OF_DAY = 1440
MOST_SPANS = 12  # of a day
MOST_DAYS = 1000  # closed days, days with special hours
Faults = dict[
    str, list[str]
]  # by place: "zone", "week.mon", "holidays", "subdivision", "closed_days", "special_hours.…"


class Wrong(ValueError):
    """A calendar that can't be kept. `faults` says where and why."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(" ".join(sentence for sentences in faults.values() for sentence in sentences))
        self.faults = faults


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """The IANA zones people choose from: places, and UTC."""
    return ("UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))


def faults(calendar: Calendar) -> Faults:
    """Nothing where it is well. It may come from anywhere, as long as its strings are strings."""
    found: Faults = defaultdict(list)
    told = (_zone(calendar), _week(calendar), _country(calendar), _closed_days(calendar), _special_hours(calendar))
    for place, sentence in (each for part in told for each in part):
        found[place].append(sentence)
    return dict(found)


Fault = tuple[str, str]


def _zone(calendar: Calendar) -> Iterator[Fault]:
    if calendar.zone not in zones():
        yield "zone", _("“%(zone)s” is not a time zone. Write one such as Europe/Rome.") % {"zone": calendar.zone[:64]}


def _country(calendar: Calendar) -> Iterator[Fault]:
    country, part = calendar.holidays, calendar.subdivision
    if country and country not in public_holidays.codes():
        yield (
            "holidays",
            _("We know no public holidays of “%(code)s”. Choose another country.") % {"code": country[:20]},
        )
    elif part and not country:
        yield "subdivision", _("Choose the country first.")
    elif part and part not in dict(public_holidays.subdivisions(country)):
        yield "subdivision", _("“%(part)s” is no part of %(country)s that we know of. Choose one of the list.") % {
            "part": part[:40], "country": country,
        }  # fmt: skip


def _closed_days(calendar: Calendar) -> Iterator[Fault]:
    if len(calendar.closed_days) > MOST_DAYS:
        yield "closed_days", _too_many_days()
        return
    for day in sorted(calendar.closed_days):
        if not is_day(day):
            yield "closed_days", not_a_day(day)
        elif day in calendar.special_hours:
            yield "closed_days", _("%(day)s also has special hours. Keep one of the two.") % {"day": day}


def _special_hours(calendar: Calendar) -> Iterator[Fault]:
    if len(calendar.special_hours) > MOST_DAYS:
        yield "special_hours", _too_many_days()
        return
    for day, spans in calendar.special_hours.items():
        if not is_day(day):
            yield "special_hours", not_a_day(day)
        else:
            yield from ((f"special_hours.{day}", sentence) for sentence in _spans(spans))


def _week(calendar: Calendar) -> Iterator[Fault]:
    if unknown := [day for day in calendar.week if day not in DAYS]:
        known = ", ".join(DAYS)
        yield (
            "week",
            _("“%(day)s” is not a day of the week. Known: %(days)s.") % {"day": unknown[0][:20], "days": known},
        )
    sound = True
    for day in DAYS:
        for sentence in _spans(calendar.week.get(day, ())):
            sound = False
            yield f"week.{day}", sentence
    if sound:
        yield from _overlaps_between_days(calendar.week)


def is_day(text: str) -> bool:
    """Is it a date such as 2026-12-24, and one that clocks can be set to?"""
    try:
        return date.fromisoformat(text).isoformat() == text and "1970" < text < "9000"
    except ValueError:
        return False


def not_a_day(text: str) -> str:
    return _("“%(day)s” is not a day. Write it as 2026-12-24.") % {"day": text[:40]}


def _too_many_days() -> str:
    return _("There are more than %(n)d days. Take out those that are past.") % {"n": MOST_DAYS}


# --- spans ------------------------------------------------------------------------------------------------------------


def written(span: Span) -> str:
    """08:30–13:00."""
    return "–".join(span)


def _spans(spans: Sequence[Span]) -> Iterator[str]:
    """What is wrong with the spans of one day."""
    if len(spans) > MOST_SPANS:
        yield _("There are more than %(n)d spans in a day. Join some of them.") % {"n": MOST_SPANS}
        return
    wrong = [sentence for span in spans if (sentence := _span(span))]
    yield from wrong or _overlaps(sorted(spans, key=lambda span: _minutes(span[0])))


def _span(span: Span) -> str:
    """The fault of one span; "" = none."""
    shown = {"span": written([text[:20] for text in span[:3]])}
    if len(span) != 2:
        return _("“%(span)s” is not a beginning and an end. Write it as 08:30-13:00.") % shown
    begin, end = span
    if not end:
        return _("“%(span)s” has no end. Write it as 08:30-13:00.") % shown
    if not begin:
        return _("“%(span)s” has no beginning. Write it as 08:30-13:00.") % shown
    for text in span:
        if not TIME.fullmatch(text) and (text, text) != (end, END_OF_DAY):
            return _("“%(time)s” is not a time of the day. Write it as 08:30.") % {"time": text[:20]}
    if begin == end:
        return _("“%(span)s” ends when it begins. The whole day is 00:00-24:00.") % shown
    return ""


def _overlaps(spans: Sequence[Span]) -> Iterator[str]:
    """Within one day; `spans` in order."""
    for i, later in enumerate(spans[1:]):
        earlier = spans[i]
        if _minutes(later[0]) < _last_minute(earlier):
            yield _("“%(later)s” begins before “%(earlier)s” has ended. Join them, or move one.") % {
                "later": written(later), "earlier": written(earlier),
            }  # fmt: skip


def _overlaps_between_days(week: Mapping[str, Sequence[Span]]) -> Iterator[Fault]:
    """A night that runs into what the next day has."""
    for i, day in enumerate(DAYS):
        following = DAYS[(i + 1) % 7]
        nights = [span for span in week.get(day, ()) if _last_minute(span) > MINUTES_OF_DAY]
        for earlier in nights:
            for later in week.get(following, ()):
                if _minutes(later[0]) < _last_minute(earlier) - MINUTES_OF_DAY:
                    yield (
                        f"week.{following}",
                        _("“%(later)s” begins before “%(earlier)s” of %(day)s has ended. Join them, or move one.")
                        % {"later": written(later), "earlier": written(earlier), "day": DAY_NAMES[day]},
                    )


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _last_minute(span: Span) -> int:
    """Where it ends, in minutes from the midnight its day began with."""
    begin, end = _minutes(span[0]), _minutes(span[1])
    return end + MINUTES_OF_DAY if end <= begin else end


def ordered(spans: Sequence[Span]) -> list[list[str]]:
    """As they are kept: in order."""
    return sorted(list(span) for span in spans)
