"""What flows on from the lines of a simulation: after too long, or because the line is too long. As the sweep of the house
does it every two seconds; here it happens in the same moment."""

from __future__ import annotations

from collections.abc import Iterable

from contactcenter.routing.matching import LIVE
from contactcenter.routing.overflowing import QUEUE, Way
from contactcenter.routing.simulation.plan import Plan
from contactcenter.routing.simulation.waiting import Lane, Waiter


def ways(plan: Plan) -> dict[int, Way]:
    return {queue.line.id: queue.way for queue in plan.queues}


def languages(plan: Plan) -> dict[int, frozenset[str]]:
    """What the people of each queue speak, whether they are there or not."""
    return {
        queue.line.id: frozenset(
            code
            for seat in plan.seats
            if queue.line.id in seat.agent.queues
            for code in seat.agent.attributes.languages
        )
        for queue in plan.queues
    }


def is_due(waiter: Waiter, way: Way, now: float) -> bool:
    """Has it waited in this queue for as long as anybody may?"""
    return way.max_wait is not None and now - waiter.entered_at >= way.max_wait.total_seconds()


def too_many(queue: int, way: Way, lanes: Iterable[Lane], waiters: list[Waiter]) -> Iterable[Waiter]:
    """Those behind the last place of a line that has a greatest length: the latest to come found it full."""
    if way.max_length is None:
        return []
    line = sorted(
        place
        for lane in lanes
        if lane.kind.queue == queue and (way.overflow == QUEUE or lane.kind.family in LIVE)
        for place in lane
    )
    return [waiters[who] for _rank, who in line[way.max_length :]]
