"""How long it may honestly take: from the place in line, or from what others waited just now. Pure; times in seconds.

Formulas: position × pace, and the sum with abandonment, as in the literature on delay announcements (Whitt, "Predicting
queueing delays", 1999; Ibrahim and Whitt, "Real-time delay estimation based on delay history", 2009): who knows place,
pace and staff predicts better than the waits of others do, which tell of a line that has changed since; those are robust
where pace or staff is unknown or means little.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

ENOUGH_TIMES = 5  # handling times, or answered waits: fewer say nothing
LIVE = frozenset({"call", "chat"})  # written work is put aside and taken up again: its handling times aren't a pace
USUAL, NEARLY_ALL = 0.5, 0.9  # half of the others waited less than the one, nine of ten less than the other
MINUTE = 60


@dataclass(frozen=True)
class Range:
    """Seconds."""

    low: float
    high: float


def position_times_pace(position: int, handling: float, staff: float) -> float:
    """`position` from 1, mean `handling` seconds, `staff` serving. Place 5, 180 s, 10 people: 90 s."""
    return position * handling / staff


def with_abandonment(ahead: int, handling: float, staff: float, patience: float) -> float:
    """Mean wait behind `ahead` others while all are busy and those ahead give up after `patience` seconds on average.

    Σ 1 / (n·μ + j·θ) for j = 0…ahead, μ = 1/handling, θ = 1/patience. 4 ahead, 180 s, 10 people, 120 s: 71.2 s.
    """
    return sum(_gaps(ahead, handling, staff, patience))


def _gaps(ahead: int, handling: float, staff: float, patience: float | None) -> list[float]:
    """Mean times between one departure from the line and the next, until it is our turn."""
    leaving = 1 / patience if patience else 0.0
    return [1 / (staff / handling + place * leaving) for place in range(ahead + 1)]


def share(queue: str, of_agent: Iterable[str], loads: Mapping[str, float]) -> float:
    """The part of an agent's time that `queue` gets, from 0 to 1.

    In proportion to the `loads` of the queues they serve (how many wait there, say); in equal parts where nobody waits.
    """
    served = set(of_agent)
    if queue not in served:
        return 0.0
    total = sum(loads.get(one, 0.0) for one in served)
    return loads.get(queue, 0.0) / total if total else 1 / len(served)


def staff(queue: str, agents: Iterable[tuple[Iterable[str], float]], loads: Mapping[str, float]) -> float:
    """Serving places that a queue may count on: for each agent, the queues they serve and how many at once they take.

    One call at a time, three chats: with the longer time that each of three chats takes, a chat agent is three places.
    """
    return sum(share(queue, served, loads) * places for served, places in agents)


def estimate(
    *,
    position: int,
    family: str,
    handling_times: Sequence[float],
    staff: float,
    recent_waits: Sequence[float],
    patience: float | None = None,
    waited: float = 0.0,
) -> Range | None:
    """What is still to wait; None where anything said would be a guess, and always where nobody is staffed.

    `position` from 1; `handling_times` and `recent_waits` of the last while, as they were; `staff` as above, `patience`
    the mean after which people give up (None = they don't); `waited` so far.
    """
    if staff <= 0:
        return None
    if family in LIVE and len(handling_times) >= ENOUGH_TIMES and fmean(handling_times) > 0:
        return by_place(position, fmean(handling_times), staff, patience)
    return by_recent(recent_waits, waited)


def by_place(position: int, handling: float, staff: float, patience: float | None = None) -> Range:
    """From the mean to the ninth decile of the time until `position` departures, each after an exponential gap."""
    gaps = _gaps(position - 1, handling, staff, patience)
    return Range(sum(gaps), _ninth_decile(sum(gaps), math.sqrt(sum(gap * gap for gap in gaps))))


NORMAL_NINTH_DECILE = 1.2815515655446004


def _ninth_decile(mean: float, deviation: float) -> float:
    """Of a gamma distribution, by Wilson and Hilferty's cube: 1 % off for a single gap, less for more."""
    ninth = (deviation / mean) ** 2 / 9
    return mean * (1 - ninth + NORMAL_NINTH_DECILE * math.sqrt(ninth)) ** 3


def by_recent(recent_waits: Sequence[float], waited: float = 0.0) -> Range | None:
    """What is left of a usual wait; None with too few of them, or after having waited longer than nearly all."""
    waits = sorted(recent_waits)
    if len(waits) < ENOUGH_TIMES:
        return None
    low, high = (waits[math.ceil(len(waits) * part) - 1] - waited for part in (USUAL, NEARLY_ALL))
    return Range(max(0.0, low), high) if high > 0 else None


def announce(low: float, high: float, promised: Range | None = None) -> Range:
    """What is told: whole minutes, rounded up, one at least, and nothing above what was `promised` in the same wait."""
    low, high = _minutes_up(low), _minutes_up(high)
    if promised is not None:
        low, high = min(low, promised.low), min(high, promised.high)
    return Range(min(low, high), high)


def _minutes_up(seconds: float) -> float:
    return max(1, math.ceil(seconds / MINUTE)) * MINUTE
