"""A plan made of what this installation is and what lately happened in it: its queues, its people, its contacts."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import cycle, islice
from statistics import fmean, pstdev
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.management.staffing.hours import Days, joined
from contactcenter.management.staffing.toml_table import WrongPlan
from contactcenter.queues import hours, overflow, roster
from contactcenter.queues.models import Presence, Queue, WorkItem
from contactcenter.routing import matching
from contactcenter.routing.simulation.plan import LOGNORMAL, Chance, Plan, PlannedQueue, Seat, Span, Stream
from contactcenter.sla.calendars import ALWAYS
from crm.models import Event

SIMULATED_DAYS = 7
HALF_HOUR = 1800
AT_WORK = {Presence.Routing.FREE, Presence.Routing.OFFERED, Presence.Routing.BUSY, Presence.Routing.WRAPPING}
FEWEST = 5  # finished contacts from which a handling time is taken
TEAM = "team"


class Past(NamedTuple):
    """One contact that came. Moments; None = never."""

    queue: int
    family: str
    language: str
    requirements: str
    priority: int
    queued_at: datetime
    claimed_at: datetime | None
    ended_at: datetime | None
    state: str
    visited: list[str]
    came_as: str | None  # the family of its conversation

    def where_it_came(self, queues: Mapping[str, tuple[int, int]]) -> Past:
        """As it was before it overflowed; `queues`: id and priority by slug. What a rule had added to it is lost."""
        first = queues.get(self.visited[0]) if self.visited else None
        if first is None:
            return self
        return self._replace(queue=first[0], priority=first[1], family=self.came_as or self.family)

    @property
    def waited(self) -> float | None:
        """Seconds in line, if that is over."""
        end = self.ended_at if self.state == WorkItem.State.ABANDONED else self.claimed_at
        return max(0.0, (end - self.queued_at).total_seconds()) if end else None

    @property
    def handled(self) -> float | None:
        """Seconds in somebody's hands, wrapping up included."""
        if self.state != WorkItem.State.DONE or self.claimed_at is None or self.ended_at is None:
            return None
        return max(1.0, (self.ended_at - self.claimed_at).total_seconds())


@dataclass(frozen=True)
class Recent:
    """The plan, and in words what it leaves out or takes for granted."""

    plan: Plan
    notes: list[str]


def recent(past_days: int, agents: int | None = None) -> Recent:
    """The last seven days once more, with contacts at the rates of the last `past_days`, by weekday and half hour.

    `agents`: so many people instead of those who were there. Raises `WrongPlan` where too little is known.
    """
    today = timezone.localdate()
    days = Days(settings.TIME_ZONE, today - timedelta(days=SIMULATED_DAYS), SIMULATED_DAYS)
    since = Days(settings.TIME_ZONE, today - timedelta(days=past_days), past_days)
    notes: list[str] = []
    queues = list(Queue.objects.filter(active=True).select_related("calendar", "office"))
    planned = [_queue(queue, days) for queue in queues]
    streams = _streams(_contacts(since), planned, since, days, notes)
    if not streams:
        raise WrongPlan(
            "",
            _("Too little was finished in the last %(n)d days to learn from. Ask for more days, or write a plan.")
            % {"n": past_days},
        )
    seats = _seats(planned, days, agents, notes)
    if not seats:
        raise WrongPlan("", _("Nobody takes contacts here yet. Give people a role in an office first."))
    name = _("This installation, %(begin)s to %(end)s") % {
        "begin": days.first.isoformat(), "end": (today - timedelta(days=1)).isoformat(),
    }  # fmt: skip
    return Recent(Plan(name, days.begins, days.seconds, tuple(planned), tuple(seats), tuple(streams)), notes)


# --- queues -----------------------------------------------------------------------------------------------------------


def _queue(queue: Queue, days: Days) -> PlannedQueue:
    calendar = hours.calendar(queue)
    return PlannedQueue(
        line=roster.line_of(queue),
        slug=queue.slug,
        priority=queue.priority,
        ageing=float(queue.ageing_seconds),
        targets={family: (share / 100, float(within)) for family, (share, within) in queue.targets.items()},
        openings=None if calendar.week == ALWAYS else days.openings_of(calendar),
        turns_away=frozenset(),  # whoever is in the records wasn't
        way=overflow.way(queue),
    )


# --- contacts ---------------------------------------------------------------------------------------------------------


def _contacts(since: Days) -> list[Past]:
    begin = since.begins
    rows = WorkItem.objects.filter(queued_at__gte=begin, queued_at__lt=begin + timedelta(seconds=since.seconds))
    columns = (
        "queue_id",
        "family",
        "language",
        "requirements",
        "priority",
        "queued_at",
        "claimed_at",
        "ended_at",
        "state",
        "visited",
        "interaction__family",
    )
    rows_of_queues = Queue.objects.filter(active=True).values_list("slug", "pk", "priority")
    queues = {slug: (pk, priority) for slug, pk, priority in rows_of_queues}
    return [Past(*row).where_it_came(queues) for row in rows.order_by().values_list(*columns).iterator()]


def _streams(
    contacts: Iterable[Past], planned: list[PlannedQueue], since: Days, days: Days, notes: list[str]
) -> list[Stream]:
    by_family: dict[tuple[int, str], list[Past]] = defaultdict(list)
    for contact in contacts:
        by_family[contact.queue, contact.family].append(contact)
    found: list[Stream] = []
    for queue in planned:
        for family in matching.FAMILIES:
            known = by_family.get((queue.line.id, family), [])
            handling = _handling(known)
            if known and handling is None:
                notes.append(
                    _("%(queue)s · %(family)s is left out: fewer than %(n)d contacts were finished.")
                    % {"queue": queue.slug, "family": family, "n": FEWEST}
                )
            elif handling is not None:
                found += _of_family(queue, family, known, handling, since, days)
    return found


def _of_family(
    queue: PlannedQueue, family: str, known: list[Past], handling: Chance, since: Days, days: Days
) -> Iterable[Stream]:
    """One stream for each priority and what was asked of people; languages in their shares."""
    patience = _patience(known) if family in matching.LIVE else None
    for priority, requirements in sorted({(contact.priority, contact.requirements) for contact in known}):
        alike = [one for one in known if (one.priority, one.requirements) == (priority, requirements)]
        languages = Counter(contact.language for contact in alike)
        yield Stream(
            queue=queue.line.id,
            family=family,
            rates=_rates([contact.queued_at for contact in alike], since, days),
            handling=handling,
            patience=patience,
            languages=dict(languages),
            requirements=requirements,
            priority=priority - queue.priority,
        )


def _handling(known: list[Past]) -> Chance | None:
    times = [contact.handled for contact in known if contact.handled is not None]
    if len(times) < FEWEST:
        return None
    mean = fmean(times)
    return Chance(mean, LOGNORMAL, max(0.01, pstdev(times, mean) / mean))


def _patience(known: list[Past]) -> Chance | None:
    """All time spent in line ÷ how many gave up: what an exponential patience is most likely to be, seen through those
    who were answered before it ended. None where nobody gave up."""
    waits = [contact.waited for contact in known if contact.waited is not None]
    gone = sum(contact.state == WorkItem.State.ABANDONED for contact in known)
    return Chance(max(1.0, math.fsum(waits) / gone)) if gone else None


Slot = tuple[int, int]  # weekday, half hour of the day


def _rates(moments: list[datetime], since: Days, days: Days) -> tuple[tuple[Span, float], ...]:
    """By weekday and half hour, each in the mean over the days of its name."""
    zone = ZoneInfo(since.zone)
    came = Counter(_slot(moment.astimezone(zone)) for moment in moments)
    of_its_name = Counter((since.first + timedelta(days=n)).weekday() for n in range(since.number))
    found: list[tuple[Span, float]] = []
    for n in range(days.number):
        day = days.first + timedelta(days=n)
        for half in range(48):
            number = came[day.weekday(), half]
            span = _half_hour(day, half, days)
            if number and of_its_name[day.weekday()] and span[0] < span[1]:
                found.append((span, number / of_its_name[day.weekday()] / (span[1] - span[0])))
    return tuple(found)


def _slot(local: datetime) -> Slot:
    return local.weekday(), (local.hour * 60 + local.minute) // 30


def _half_hour(day: date, half: int, days: Days) -> Span:
    """Empty where the clocks leave it out."""
    begin = datetime(day.year, day.month, day.day, half // 2, 30 * (half % 2), tzinfo=ZoneInfo(days.zone))
    exists = begin.astimezone(UTC).astimezone(begin.tzinfo).hour == begin.hour
    return days.since(begin), days.since(begin) + (HALF_HOUR if exists else 0)


# --- people -----------------------------------------------------------------------------------------------------------


def _seats(planned: list[PlannedQueue], days: Days, agents: int | None, notes: list[str]) -> list[Seat]:
    """Those who were there, when they were there. Where a number was asked for, or nothing is recorded: opening hours."""
    people = roster.known().people
    sessions = {user: spans for user, spans in _sessions(days).items() if user in people}
    if sessions and agents is None:
        return [Seat(people[user], TEAM, tuple(spans)) for user, spans in sorted(sessions.items())]
    known = [people[user] for user in sorted(sessions or people)]
    if not known:
        return []
    notes.append(_("Everybody is taken to be there whenever a queue of theirs is open."))
    chosen = islice(cycle(known), len(known) if agents is None else agents)
    return [
        Seat(replace(agent, id=number), TEAM, _open_hours(agent, planned, days))
        for number, agent in enumerate(chosen, start=1)
    ]


def _open_hours(agent: matching.Agent, planned: list[PlannedQueue], days: Days) -> tuple[Span, ...]:
    spans: list[Span] = []
    for queue in planned:
        if queue.line.id in agent.queues:
            spans += ((0.0, days.seconds),) if queue.openings is None else queue.openings
    return tuple(joined(spans))


def _sessions(days: Days) -> dict[int, list[Span]]:
    """When people took contacts, from the log of their routing states, by id of the user."""
    end = days.begins + timedelta(seconds=days.seconds)
    rows = Event.objects.filter(name="agent.state_changed", at__gte=days.begins, at__lt=end, actor__isnull=False)
    found: dict[int, list[Span]] = defaultdict(list)
    since: dict[int, float] = {}
    for user, at, data in rows.order_by("at", "id").values_list("actor_id", "at", "data"):
        if user is None:
            continue
        moment = days.since(at)
        if user not in found and user not in since and data.get("from") in AT_WORK:
            since[user] = 0.0  # at work since before these days
        found.setdefault(user, [])
        if data.get("to") in AT_WORK:
            since.setdefault(user, moment)
        elif user in since:
            found[user].append((since.pop(user), moment))
    for user, begin in since.items():
        found[user].append((begin, days.seconds))
    return {user: [span for span in spans if span[0] < span[1]] for user, spans in found.items() if spans}
