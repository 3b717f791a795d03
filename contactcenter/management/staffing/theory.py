"""What Erlang C or A says of one queue of a plan, and in words why it says nothing, or only about so much."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from statistics import fmean

from django.utils.translation import gettext as _

from contactcenter.figures.erlang import ErlangA, ErlangC, erlang
from contactcenter.routing import expression, matching
from contactcenter.routing.simulation.plan import EXPONENTIAL, Chance, Plan, PlannedQueue, Span, Stream
from contactcenter.routing.simulation.waiting import Kind


@dataclass(frozen=True)
class Theory:
    """`name` "C" or "A", "" where there is no figure. `why_not`: what forbids it. `about`: what makes it approximate."""

    name: str = ""
    wait: float | None = None  # mean seconds over everybody
    in_time: float | None = None
    abandonment: float | None = None
    occupancy: float | None = None
    why_not: list[str] = field(default_factory=list)
    about: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Load:
    """One family of one queue, reduced to what the formulas know."""

    rates: list[tuple[Span, float]]
    handling: float
    patience: float


def theory(plan: Plan, queue: PlannedQueue, family: str) -> Theory:
    streams = [one for one in plan.streams if (one.queue, one.family) == (queue.line.id, family)]
    forbids = [*_forbidden(plan, queue, family, streams)]
    if forbids:
        return Theory(why_not=forbids)
    load = _load(queue, streams)
    parts = list(_parts(plan, queue, load))
    about = [*_approximate(plan, queue, streams, parts)]
    models = [(weight, rate, erlang(rate, load.handling, agents, load.patience)) for weight, rate, agents in parts]
    if any(isinstance(model, ErlangC) and not model.stable for _weight, _rate, model in models):
        return Theory(
            why_not=[_("At times more comes than these people can handle, and nobody gives up: the line only grows.")]
        )
    within = queue.targets.get(family, (0.0, math.inf))[1]
    name = "C" if math.isinf(load.patience) else "A"
    return _weighted(name, models, within, about)


Weighted = tuple[float, float, ErlangC | ErlangA]  # seconds, rate, model


def _weighted(name: str, models: list[Weighted], within: float, about: list[str]) -> Theory:
    """Each part counts by how many come in it, and for occupancy by how many people are there."""
    comes = sum(weight * rate for weight, rate, _model in models)
    people = sum(weight * model.agents for weight, _rate, model in models)
    return Theory(
        name=name,
        wait=sum(weight * rate * model.mean_wait for weight, rate, model in models) / comes,
        in_time=sum(weight * rate * _level(model, within) for weight, rate, model in models) / comes
        if within < math.inf
        else None,
        abandonment=sum(weight * rate * model.abandons for weight, rate, model in models) / comes,
        occupancy=sum(weight * model.agents * model.occupancy for weight, _rate, model in models) / people,
        about=about,
    )


@lru_cache(maxsize=10_000)
def _level(model: ErlangC | ErlangA, within: float) -> float:
    return model.service_level(within)


# --- what forbids it --------------------------------------------------------------------------------------------------


def _forbidden(plan: Plan, queue: PlannedQueue, family: str, streams: list[Stream]) -> Iterator[str]:
    people = [seat.agent for seat in plan.seats if queue.line.id in seat.agent.queues]
    if not people:
        yield _("Nobody serves this queue.")
        return
    if not any(rate for stream in streams for _span, rate in stream.rates):
        yield _("The contacts are replayed from a file: they follow no rate.")
        return
    if any((arrival.queue, arrival.family) == (queue.line.id, family) for arrival in plan.replayed):
        yield _("Some of the contacts are replayed from a file: they follow no rate.")
    if _is_shared(plan, queue, family, people):
        yield _("Its people also serve other contacts.")
    if any(agent.capacity.get(family, 0) > 1 for agent in people):
        yield _("Its people have several contacts at once.")
    if _are_unequal(plan, queue, streams, people):
        yield _("Not everybody may take every contact: languages, skills or requirements differ.")
    yield from _flows(plan, queue)
    if len({stream.patience is None for stream in streams}) > 1:
        yield _("Some give up and others never do.")
    if _come_to_nobody(queue, streams, plan, people):
        yield _("Some come when nobody is there to answer, and wait until somebody is.")


def _flows(plan: Plan, queue: PlannedQueue) -> Iterator[str]:
    """In from another line, or out of this one."""
    if queue.way.overflow and (queue.way.max_wait is not None or queue.way.max_length is not None):
        yield _("Whoever would wait too long goes on elsewhere.")
    if any(other.way.to == queue.line.id for other in plan.queues):
        yield _("Others come from a queue where they waited too long.")


def _is_shared(plan: Plan, queue: PlannedQueue, family: str, people: list[matching.Agent]) -> bool:
    """Does anything else come that one of these people takes?"""
    others = {(stream.queue, stream.family) for stream in plan.streams}
    others |= {(arrival.queue, arrival.family) for arrival in plan.replayed}
    others.discard((queue.line.id, family))
    return any(number in agent.queues and agent.capacity.get(other, 0) for agent in people for number, other in others)


def _are_unequal(plan: Plan, queue: PlannedQueue, streams: list[Stream], people: list[matching.Agent]) -> bool:
    kinds = {
        Kind(queue.line.id, stream.family, language, stream.requirements, 0)
        for stream in streams
        for language, share in (stream.languages or {"": 1.0}).items()
        if share
    }
    return not all(
        matching.qualifies(agent, _example(queue, kind, plan), plan.begins) and agent.capacity.get(kind.family, 0)
        for kind in kinds
        for agent in people
    )


def _example(queue: PlannedQueue, kind: Kind, plan: Plan) -> matching.Contact:
    requirements = expression.read(kind.requirements) if kind.requirements else None
    return matching.Contact(0, queue.line, kind.family, plan.begins, kind.language, requirements)


def _come_to_nobody(queue: PlannedQueue, streams: list[Stream], plan: Plan, people: list[matching.Agent]) -> bool:
    load = _load(queue, streams)
    return any(rate and not agents for _weight, rate, agents in _parts(plan, queue, load))


# --- what makes it approximate ----------------------------------------------------------------------------------------


def _approximate(
    plan: Plan, queue: PlannedQueue, streams: list[Stream], parts: list[tuple[float, float, int]]
) -> Iterator[str]:
    if len({(round(rate, 9), agents) for _weight, rate, agents in parts}) > 1:
        yield _("Load or staff change in the course of time: each part of it is computed by itself, as if it lasted.")
    if (
        queue.wrap_up
        or any(stream.handling.shape != EXPONENTIAL for stream in streams)
        or not _alike([stream.handling for stream in streams])
    ):
        yield _("Handling times aren't exponential, wrap-up included.")
    patience = [stream.patience for stream in streams if stream.patience is not None]
    if any(chance.shape != EXPONENTIAL for chance in patience) or not _alike(patience):
        yield _("Patience isn't exponential.")
    if not plan.answering.is_instant:
        yield _("People take time to accept, decline, or miss an offer; the formula knows none of it.")


def _alike(chances: list[Chance]) -> bool:
    return len(set(chances)) <= 1


# --- the load ---------------------------------------------------------------------------------------------------------


def _load(queue: PlannedQueue, streams: list[Stream]) -> _Load:
    """Streams together: rates side by side, times in the mean of all that come."""
    rates = [(span, rate) for stream in streams for span, rate in _admitted(queue, stream)]
    weights = [sum((end - begin) * rate for (begin, end), rate in _admitted(queue, stream)) for stream in streams]
    total = sum(weights) or 1.0
    handling = sum(w * stream.handling.mean for w, stream in zip(weights, streams, strict=True)) / total
    patience = [stream.patience.mean for stream in streams if stream.patience is not None]
    return _Load(rates, handling + queue.wrap_up, fmean(patience) if patience else math.inf)


def _admitted(queue: PlannedQueue, stream: Stream) -> list[tuple[Span, float]]:
    """Without those who find the door closed."""
    if queue.openings is None or stream.family not in queue.turns_away:
        return list(stream.rates)
    return [
        ((max(begin, opens), min(end, closes)), rate)
        for (begin, end), rate in stream.rates
        for opens, closes in queue.openings
        if max(begin, opens) < min(end, closes)
    ]


def _parts(plan: Plan, queue: PlannedQueue, load: _Load) -> Iterator[tuple[float, float, int]]:
    """Seconds, rate and people of every stretch of time in which neither changes and somebody may come."""
    present = [span for seat in plan.seats if queue.line.id in seat.agent.queues for span in seat.present]
    changes: dict[float, tuple[float, int]] = {0.0: (0.0, 0), plan.seconds: (0.0, 0)}
    for (begin, end), rate in load.rates:
        changes[begin] = _plus(changes.get(begin), rate, 0)
        changes[end] = _plus(changes.get(end), -rate, 0)
    for begin, end in present:
        changes[begin] = _plus(changes.get(begin), 0.0, 1)
        changes[end] = _plus(changes.get(end), 0.0, -1)
    rate, agents, moments = 0.0, 0, sorted(changes)
    for i, begin in enumerate(moments[:-1]):
        rate, agents = rate + changes[begin][0], agents + changes[begin][1]
        if rate > 1e-12:
            yield moments[i + 1] - begin, round(rate, 15), agents


def _plus(before: tuple[float, int] | None, rate: float, agents: int) -> tuple[float, int]:
    known = before or (0.0, 0)
    return known[0] + rate, known[1] + agents
