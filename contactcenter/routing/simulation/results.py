"""Counts and times of a run, and what several runs say together. Sums first: an average is never averaged again."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, quantiles, stdev

from contactcenter.routing.simulation.desks import BUSY, IDLE, OFFERED
from contactcenter.routing.simulation.engine import Run
from contactcenter.routing.simulation.waiting import Waiter

# Student's t for a two-sided 95 % interval, by degrees of freedom; from 30 on the next lower one that is here.
T95 = {
    1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228, 11: 2.201,
    12: 2.179, 13: 2.160, 14: 2.145, 15: 2.131, 16: 2.120, 17: 2.110, 18: 2.101, 19: 2.093, 20: 2.086, 21: 2.080,
    22: 2.074, 23: 2.069, 24: 2.064, 25: 2.060, 26: 2.056, 27: 2.052, 28: 2.048, 29: 2.045, 30: 2.042, 40: 2.021,
    60: 2.000, 120: 1.980,
}  # fmt: skip


@dataclass(frozen=True)
class QueueFigures:
    """One family of contacts in one queue, in one run. Times in seconds; None where nobody is there to count.

    `offered` = answered + abandoned + waiting; who found the door closed never stood in line and is apart. `wait` is
    over everybody who stood in line, from their first line on, as in Erlang A; `speed` over the answered alone. Still
    waiting: so far.
    """

    offered: int
    turned_away: int
    flowed_on: int  # to another queue, or on in writing: counted there
    answered: int
    abandoned: int
    waiting: int
    wait: float | None
    speed: float | None
    median: float | None
    p90: float | None
    longest: float | None
    in_time: float | None  # share answered within the target, of all offered
    abandonment: float | None  # share


@dataclass(frozen=True)
class GroupFigures:
    """One group of people, in one run. Shares; None where nobody of them was there."""

    occupancy: float | None  # at work ÷ (at work + free); being asked is neither
    hours: float  # at work, asked or free
    concurrency: float | None  # contacts at once, while there was one at all


@dataclass(frozen=True)
class Interval:
    """A mean over runs, and how far the truth may lie from it either way, 19 times in 20. One run says nothing of that."""

    mean: float
    half: float | None
    runs: int

    @property
    def is_narrow(self) -> bool:
        """To 3 %."""
        return self.half is not None and self.half <= 0.03 * abs(self.mean)


Queues = dict[tuple[str, str], QueueFigures]  # by slug and family
Groups = dict[str, GroupFigures]


def of_queues(run: Run) -> Queues:
    """Of every family that may come to a queue, also where nobody of it came in this run."""
    plan = run.plan
    kept: dict[tuple[int, str], list[Waiter]] = {(stream.queue, stream.family): [] for stream in plan.streams}
    kept |= {(arrival.queue, arrival.family): [] for arrival in plan.replayed}
    flowed = Counter(place for waiter in run.waiters for place in waiter.flowed)
    for place in flowed:
        kept.setdefault(place, [])
    for waiter in run.waiters:
        kept.setdefault((waiter.kind.queue, waiter.kind.family), []).append(waiter)
    queues = {queue.line.id: queue for queue in plan.queues}
    return {
        (queues[number].slug, family): _queue(
            everybody, queues[number].targets.get(family, (0.0, math.inf))[1], plan.seconds, flowed[number, family]
        )
        for (number, family), everybody in sorted(kept.items())
    }


def _queue(everybody: Sequence[Waiter], target: float, end: float, flowed_on: int) -> QueueFigures:
    offered = [waiter for waiter in everybody if not waiter.turned_away]
    answered = sorted(waiter.answered_at - waiter.arrival.at for waiter in offered if waiter.answered_at is not None)
    abandoned = sum(waiter.left_at is not None for waiter in offered)
    waits = [waited(waiter, end) for waiter in offered]
    cuts = quantiles(answered, n=10, method="inclusive") if len(answered) > 1 else answered * 9
    return QueueFigures(
        offered=len(offered),
        turned_away=len(everybody) - len(offered),
        flowed_on=flowed_on,
        answered=len(answered),
        abandoned=abandoned,
        waiting=len(offered) - len(answered) - abandoned,
        wait=fmean(waits) if waits else None,
        speed=fmean(answered) if answered else None,
        median=cuts[4] if cuts else None,
        p90=cuts[8] if cuts else None,
        longest=max(waits, default=None),
        in_time=sum(wait <= target for wait in answered) / len(offered) if offered and target < math.inf else None,
        abandonment=abandoned / len(offered) if offered else None,
    )


def waited(waiter: Waiter, end: float) -> float:
    """How long they stood in line, whatever became of it."""
    moments = (moment for moment in (waiter.answered_at, waiter.left_at) if moment is not None)
    return next(moments, end) - waiter.arrival.at


def of_groups(run: Run) -> Groups:
    found: Groups = {}
    for group in dict.fromkeys(desk.seat.group for desk in run.desks):
        desks = [desk for desk in run.desks if desk.seat.group == group]
        busy, idle, asked = (sum(desk.spent[state] for desk in desks) for state in (BUSY, IDLE, OFFERED))
        found[group] = GroupFigures(
            occupancy=busy / (busy + idle) if busy + idle else None,
            hours=(busy + idle + asked) / 3600,
            concurrency=sum(desk.contact_seconds for desk in desks) / busy if busy else None,
        )
    return found


def interval(values: Iterable[float | None]) -> Interval | None:
    """None where no run has a figure."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    half = _t(len(known) - 1) * stdev(known) / math.sqrt(len(known)) if len(known) > 1 else None
    return Interval(fmean(known), half, len(known))


def _t(freedom: int) -> float:
    return T95[max(known for known in T95 if known <= freedom)]
