"""What queueing theory says of a line and its staff: Erlang B, C and A, and how many people a target wants. Pure.

All times are seconds, all rates per second; a load is in Erlangs (rate × handling time), a share is between 0 and 1.

| Model | Assumes, besides Poisson arrivals, exponential handling times and one line for n equal agents, one contact each |
| --- | --- |
| Erlang B | whoever finds everybody busy is lost |
| Erlang C (M/M/n) | whoever finds everybody busy waits, for ever if need be: stable only while the load is below n |
| Erlang A (M/M/n+M) | whoever waits gives up after an exponential patience: stable always |

Sources: Erlang 1917; Palm 1957, Garnett, Mandelbaum and Reiman 2002 for A, whose closed form is
f(x) = exp((λ/θ)(1−e^{−θx}) − nμx), ε = 1 / B(n−1), P(wait) = λJ / (ε+λJ) with J = ∫₀^∞ f.
Everything large is kept as a logarithm, so thousands of agents overflow nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

FADED = 45.0  # e^−45 of the peak is below what a float can tell from it
PANELS = 1000  # of Simpson's rule on either side of the peak
MOST_AGENTS = 100_000


def erlang_b(load: float, agents: int) -> float:
    """The share that finds every agent busy and is lost. Raises `ValueError` for less than nothing."""
    _sound(load=load)
    return math.exp(-_log_inverse_b(load, agents))


def _log_inverse_b(load: float, agents: int) -> float:
    """ln(1/B), by 1/B(k) = 1 + k / A · 1/B(k−1)."""
    if agents < 0:
        raise ValueError("There can't be fewer than no agents.")
    if not load:
        return 0.0 if not agents else math.inf
    found = 0.0
    for k in range(1, agents + 1):
        found += math.log(k / load)
        found = max(found, 0.0) + math.log1p(math.exp(-abs(found)))
    return found


def _sound(**numbers: float) -> None:
    for name, number in numbers.items():
        if not number >= 0 or math.isinf(number):
            raise ValueError(f"{name} must be a number that isn't negative, not {number}.")


@dataclass(frozen=True)
class ErlangC:
    """Nobody gives up. `rate` per second, `handling` mean seconds (wrap-up included), `agents` present."""

    rate: float
    handling: float
    agents: int

    def __post_init__(self) -> None:
        _sound(rate=self.rate, handling=self.handling)

    @property
    def load(self) -> float:
        return self.rate * self.handling

    @property
    def stable(self) -> bool:
        """Otherwise the line grows for ever, and there is no mean wait."""
        return self.agents > self.load

    @cached_property
    def waits(self) -> float:
        """The share that has to wait at all."""
        if not self.stable:
            return 1.0
        b = erlang_b(self.load, self.agents)
        return self.agents * b / (self.agents - self.load * (1 - b))

    def service_level(self, within: float) -> float:
        """The share that is answered within so many seconds; 0 where the line grows for ever."""
        if not self.stable:
            return 0.0
        if not self.handling:
            return 1.0
        return 1 - self.waits * math.exp(-(self.agents - self.load) * within / self.handling)

    @property
    def mean_wait(self) -> float:
        """Over everybody, also those who don't wait (ASA)."""
        return self.waits * self.handling / (self.agents - self.load) if self.stable else math.inf

    @property
    def abandons(self) -> float:
        return 0.0

    @property
    def occupancy(self) -> float:
        return min(1.0, self.load / self.agents) if self.agents else 1.0


@dataclass(frozen=True)
class ErlangA:
    """Whoever waits gives up after `patience` seconds in the mean, if nobody has come. The rest as in `ErlangC`."""

    rate: float
    handling: float
    agents: int
    patience: float

    def __post_init__(self) -> None:
        _sound(rate=self.rate, handling=self.handling, patience=self.patience)
        if not self.patience or not self.handling or self.agents < 1:
            raise ValueError("Erlang A wants an agent, and a handling time and a patience above zero.")

    @property
    def load(self) -> float:
        return self.rate * self.handling

    @property
    def waits(self) -> float:
        """The share that has to wait at all."""
        return self._share(self._sum(self._log_density))

    @property
    def abandons(self) -> float:
        """The share that gives up, of all that come."""
        return min(1.0, self.mean_wait / self.patience)

    @cached_property
    def mean_wait(self) -> float:
        """Over everybody that comes, answered or not: whoever would wait x is there for (1 − e^{−θx}) / θ of it."""

        def log_weighted(x: float) -> float:
            stays = -math.expm1(-x / self.patience) * self.patience
            return self._log_density(x) + (math.log(stays) if stays > 0 else -math.inf)

        return self._share(self._sum(log_weighted))

    def service_level(self, within: float) -> float:
        """The share of all that come that is answered within so many seconds."""

        def log_staying(x: float) -> float:
            return self._log_density(x) - x / self.patience

        until = min(max(0.0, within), self._fades)
        in_time = self._share(_integral(log_staying, min(self._peak, until), until, self.patience))
        return min(1.0, max(0.0, 1 - self.waits + in_time))

    @property
    def occupancy(self) -> float:
        return min(1.0, self.load * (1 - self.abandons) / self.agents)

    # --- the wait that somebody without end to their patience would have ---

    def _log_density(self, x: float) -> float:
        """ln f(x)."""
        return -self.rate * self.patience * math.expm1(-x / self.patience) - self.agents * x / self.handling

    @cached_property
    def _peak(self) -> float:
        """Where f is largest."""
        crowding = self.load / self.agents
        return self.patience * math.log(crowding) if crowding > 1 else 0.0

    @cached_property
    def _fades(self) -> float:
        """From where on nothing of f is left."""
        floor, step = self._log_density(self._peak) - FADED, self.handling / self.agents
        until = self._peak + step
        while self._log_density(until) > floor:
            step *= 2
            until = self._peak + step
        low, high = self._peak, until
        for _halving in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self._log_density(middle) > floor else (low, middle)
        return high

    @cached_property
    def _log_all(self) -> float:
        """ln(ε + λJ)."""
        log_epsilon = _log_inverse_b(self.load, self.agents - 1)
        if not self.rate:
            return log_epsilon
        waiting = math.log(self.rate) + self._sum(self._log_density)
        return max(log_epsilon, waiting) + math.log1p(math.exp(-abs(log_epsilon - waiting)))

    def _sum(self, log_of: Callable[[float], float]) -> float:
        """ln of the integral of something that has its mass where f has."""
        return _integral(log_of, self._peak, self._fades, self.patience)

    def _share(self, log_integral: float) -> float:
        """λ · integral / (ε + λJ)."""
        return math.exp(math.log(self.rate) + log_integral - self._log_all) if self.rate else 0.0


def _integral(log_of: Callable[[float], float], peak: float, until: float, scale: float) -> float:
    """ln of the integral from 0 to `until` of a function with one peak, given by its logarithm.

    `scale`: near the peak it may bend within so much, and ever more gently farther away.
    """
    points = _points(peak, _last_faded(log_of, peak), scale) + _points(peak, until, scale)
    if not points:
        return -math.inf
    heights = [(log_of(x), weight) for x, weight in points]
    top = max(height for height, _weight in heights)
    if top == -math.inf:
        return top
    total = math.fsum(weight * math.exp(height - top) for height, weight in heights)
    return top + math.log(total) if total else -math.inf  # over less than a float can tell from nothing


def _last_faded(log_of: Callable[[float], float], peak: float) -> float:
    """Up to where, on the way to the peak, there is nothing yet."""
    floor = log_of(peak) - FADED
    if not peak or log_of(0.0) > floor:
        return 0.0
    low, high = 0.0, peak
    for _halving in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if log_of(middle) > floor else (middle, high)
    return low


def _points(peak: float, end: float, scale: float) -> list[tuple[float, float]]:
    """Places and weights of Simpson's rule in u, where x = peak ± scale · sinh(u): dense around the peak."""
    length = abs(end - peak)
    if not length:
        return []
    scale = min(scale, length)
    sign, step = math.copysign(1.0, end - peak), math.asinh(length / scale) / PANELS
    found = []
    for i in range(PANELS + 1):
        weight = (1 if i in (0, PANELS) else 4 if i % 2 else 2) * step / 3
        found.append((peak + sign * scale * math.sinh(i * step), weight * scale * math.cosh(i * step)))
    return found


def erlang(rate: float, handling: float, agents: int, patience: float = math.inf) -> ErlangC | ErlangA:
    """The model that fits: C where nobody ever gives up, A otherwise."""
    return ErlangC(rate, handling, agents) if math.isinf(patience) else ErlangA(rate, handling, agents, patience)


@dataclass(frozen=True)
class Staff:
    """`present` at any one time; `scheduled` so that so many are, sick leave, courses and breaks considered."""

    present: int
    scheduled: int
    model: ErlangC | ErlangA


def required(
    *,
    rate: float,
    handling: float,
    within: float,
    share: float,
    patience: float = math.inf,
    max_occupancy: float = 1.0,
    shrinkage: float = 0.0,
) -> Staff:
    """The fewest who answer `share` of all within so many seconds, and are busy for no more than `max_occupancy`.

    `shrinkage`: the part of scheduled time in which people aren't available. Raises `ValueError` for a target that no
    staff can meet.
    """
    if not 0 <= share < 1 or not 0 < max_occupancy <= 1 or not 0 <= shrinkage < 1:
        raise ValueError("A share lies between 0 and 1; nobody reaches 100 % for certain.")

    def enough(agents: int) -> bool:
        model = erlang(rate, handling, agents, patience)
        return model.service_level(within) >= share and model.occupancy <= max_occupancy

    agents = _fewest(enough)
    # 14 ÷ (1 − 0.3) is 20, not 20.000000000000004.
    return Staff(agents, math.ceil(round(agents / (1 - shrinkage), 9)), erlang(rate, handling, agents, patience))


def _fewest(enough: Callable[[int], bool]) -> int:
    """More people never hurt, so the border can be found by halving."""
    high = 1
    while not enough(high):
        if high > MOST_AGENTS:
            raise ValueError(f"Not even {MOST_AGENTS} agents would do. Lower the target or the load.")
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
