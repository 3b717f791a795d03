"""What a run wants to know. Moments and lengths are seconds since the plan begins, rates are per second."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from contactcenter.routing import matching
from contactcenter.routing.overflowing import Way

NEVER = math.inf
STRICT = 10 * 365 * 86_400  # seconds that a point of priority weighs where waiting never makes up for it
EXPONENTIAL, LOGNORMAL, FIXED = "exponential", "lognormal", "fixed"
SHAPES = (EXPONENTIAL, LOGNORMAL, FIXED)
Span = tuple[float, float]  # the end is not part of it


@dataclass(frozen=True)
class Chance:
    """Lengths of time that vary. `spread` of a lognormal one: standard deviation ÷ mean."""

    mean: float
    shape: str = EXPONENTIAL
    spread: float = 1.0

    def draw(self, random: Random) -> float:
        if self.shape == EXPONENTIAL:
            return random.expovariate(1.0) * self.mean
        if self.shape == LOGNORMAL and self.mean:
            variance = math.log1p(self.spread**2)
            return random.lognormvariate(math.log(self.mean) - variance / 2, math.sqrt(variance))
        return self.mean


@dataclass(frozen=True)
class PlannedQueue:
    """`openings` None = always open. A family in `turns_away` doesn't wait in front of a closed door."""

    line: matching.Line
    slug: str
    priority: int = 0
    ageing: float = 600.0  # seconds of waiting worth one point of priority; 0 = waiting never makes up for it
    wrap_up: float = 0.0
    targets: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # family → share, within seconds
    openings: tuple[Span, ...] | None = None
    turns_away: frozenset[str] = matching.LIVE
    way: Way = Way()

    def is_open(self, at: float) -> bool:
        return self.openings is None or any(begin <= at < end for begin, end in self.openings)

    def rank(self, priority: int, queued_at: float) -> float:
        """The place in line as a moment: the original one, put earlier by what the priority weighs."""
        return queued_at - priority * (self.ageing or STRICT)


@dataclass(frozen=True)
class Stream:
    """Contacts of one kind, invented anew in every run: a Poisson process by `rates`, or exactly `count` of them."""

    queue: int
    family: str
    rates: tuple[tuple[Span, float], ...]  # disjoint, in order
    handling: Chance
    count: int | None = None
    patience: Chance | None = None  # None = nobody gives up
    languages: Mapping[str, float] = field(default_factory=dict)  # share by ISO 639-1 code; "" = whoever
    requirements: str = ""
    priority: int = 0


@dataclass(frozen=True)
class Arrival:
    """One contact that comes. `citizen`: who is brought to the agent of last time where the line is sticky."""

    at: float
    queue: int
    family: str
    handling: float
    patience: float = NEVER
    language: str = ""
    requirements: str = ""
    priority: int = 0
    citizen: str = ""


@dataclass(frozen=True)
class Seat:
    """Somebody at work. Whoever has something in hand when a span ends finishes it, and gets nothing new."""

    agent: matching.Agent
    group: str
    present: tuple[Span, ...]  # disjoint, in order


@dataclass(frozen=True)
class Answering:
    """How people answer offers. Whoever lets one expire isn't there for `back_after` seconds."""

    delays: Mapping[str, Chance] = field(default_factory=dict)  # by family; none = at once
    missed: float = 0.0  # share of offers that pass unanswered
    declined: float = 0.0
    back_after: float = 60.0

    @property
    def is_instant(self) -> bool:
        return not (self.missed or self.declined or any(delay.mean for delay in self.delays.values()))


@dataclass(frozen=True)
class Plan:
    name: str
    begins: datetime  # aware
    seconds: float
    queues: tuple[PlannedQueue, ...]
    seats: tuple[Seat, ...]
    streams: tuple[Stream, ...] = ()
    replayed: tuple[Arrival, ...] = ()
    answering: Answering = Answering()
