"""When who comes: drawn by rate, drawn to an exact count, or replayed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from random import Random

from contactcenter.routing.simulation.plan import NEVER, Arrival, Plan, Stream


def arrivals(plan: Plan, random: Random) -> list[Arrival]:
    """Everybody who comes while the plan lasts, in order."""
    drawn = [arrival for stream in plan.streams for arrival in _of_stream(stream, random)]
    everybody = [*drawn, *plan.replayed]
    return sorted((arrival for arrival in everybody if 0 <= arrival.at < plan.seconds), key=lambda one: one.at)


def expected(stream: Stream) -> float:
    """How many come in the mean."""
    if stream.count is not None:
        return float(stream.count)
    return sum((end - begin) * rate for (begin, end), rate in stream.rates)


def _of_stream(stream: Stream, random: Random) -> Iterator[Arrival]:
    languages, shares = list(stream.languages) or [""], list(stream.languages.values()) or [1.0]
    moments = _poisson(stream, random) if stream.count is None else _exactly(stream, stream.count, random)
    for at in moments:
        yield Arrival(
            at=at,
            queue=stream.queue,
            family=stream.family,
            handling=stream.handling.draw(random),
            patience=stream.patience.draw(random) if stream.patience else NEVER,
            language=random.choices(languages, shares)[0] if len(languages) > 1 else languages[0],  # nosec B311
            requirements=stream.requirements,
            priority=stream.priority,
        )


def _poisson(stream: Stream, random: Random) -> Iterator[float]:
    for (begin, end), rate in stream.rates:
        at = begin
        while rate:
            at += random.expovariate(rate)
            if at >= end:
                break
            yield at


def _exactly(stream: Stream, count: int, random: Random) -> Iterator[float]:
    """A Poisson process of which it is known how many came: each of them at a moment of its own, by the rates."""
    rates = [(begin, end, rate) for (begin, end), rate in stream.rates if rate and end > begin]
    masses = list(accumulate((end - begin) * rate for begin, end, rate in rates))
    for _one in range(count if masses else 0):
        place = random.random() * masses[-1]  # nosec B311 - a game of chance, no secret
        begin, end, rate = rates[i := min(bisect_right(masses, place), len(rates) - 1)]
        yield min(end, begin + (place - (masses[i - 1] if i else 0.0)) / rate)
