"""Where whoever would wait too long goes on, or begins: pure, so that the house and a simulation decide alike.

To another queue, or on in writing where somebody is waiting at the other end. Never twice to the same queue.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from contactcenter.routing.matching import LIVE

STAYS, QUEUE, MESSAGE, CALLBACK = "", "queue", "message", "callback"
WRITTEN = "written"


@dataclass(frozen=True)
class Way:
    """How long one waits in a queue, how long its line gets, and the way on from there. `to`: id of the other queue."""

    max_wait: timedelta | None = None
    max_length: int | None = None
    overflow: str = STAYS
    to: int | None = None


@dataclass(frozen=True)
class Place:
    """Where a contact waits, and as what; `visited` are the ids of the queues that had no room for it."""

    queue: int
    family: str
    visited: tuple[int, ...] = ()


def at_entry(queue: int, family: str, ways: Mapping[int, Way], has_no_room: Callable[[int], bool]) -> Place:
    """Past what is full or in an emergency, as far as there is a way on. `ways`: of the queues in use."""
    visited: list[int] = []
    while has_no_room(queue):
        way = ways.get(queue, Way())
        if way.to is not None and way.to in ways and way.to != queue and way.to not in visited:
            visited.append(queue)
            queue = way.to
            continue
        if way.overflow in {MESSAGE, CALLBACK} and family in LIVE:
            visited.append(queue)
            family = WRITTEN if way.overflow == MESSAGE else family
        break
    return Place(queue, family, tuple(visited))


def onward(queue: int, family: str, visited: Collection[int], ways: Mapping[int, Way]) -> Place | None:
    """From the line of a queue, after too long; None = it goes on waiting there."""
    way = ways.get(queue, Way())
    if way.overflow == STAYS or queue in visited:
        return None
    if way.overflow == QUEUE:
        there = way.to if way.to in ways and way.to not in visited else None
        return None if there is None else Place(there, family, (*visited, queue))
    if family not in LIVE:  # what is in writing already waits in writing
        return None
    return Place(queue, WRITTEN if way.overflow == MESSAGE else family, (*visited, queue))
