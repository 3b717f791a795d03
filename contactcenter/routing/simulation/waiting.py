"""What waits, by kind: of contacts alike, the first speaks for all that stand behind it."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from contactcenter.routing import matching
from contactcenter.routing.simulation.plan import Arrival


class Kind(NamedTuple):
    """Contacts of one kind find the same people, as soon as they have waited the same time."""

    queue: int
    family: str
    language: str
    requirements: str
    priority: int


@dataclass(slots=True)
class Waiter:
    """One contact on its way through the house."""

    id: int
    arrival: Arrival
    kind: Kind
    rank: float
    contact: matching.Contact
    entered_at: float = 0.0  # when it came into the queue it is in now
    flowed: list[tuple[int, str]] = field(default_factory=list)  # queues it flowed on from, and as what it was there
    offer: int = 0  # counts the offers made, so that an answer to an old one is known as such
    offered_to: int | None = None
    answered_at: float | None = None
    answered_by: int | None = None
    left_at: float | None = None
    turned_away: bool = False
    not_to: dict[int, float] = field(default_factory=dict)  # who is passed over, until when

    @property
    def is_open(self) -> bool:
        """Neither answered nor gone."""
        return self.answered_at is None and self.left_at is None and not self.turned_away

    @property
    def visited(self) -> tuple[int, ...]:
        return tuple(queue for queue, _family in self.flowed)

    @property
    def place(self) -> tuple[float, int]:
        return (self.rank, self.id)


class Lane:
    """The waiting contacts of one kind, in order."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self._line: list[tuple[float, int]] = []
        self._able: dict[int, frozenset[int]] = {}

    def __len__(self) -> int:
        return len(self._line)

    def add(self, waiter: Waiter) -> None:
        insort(self._line, waiter.place)

    def remove(self, waiter: Waiter) -> None:
        at = bisect_left(self._line, waiter.place)
        del self._line[at]

    def head(self, skip: int = 0) -> tuple[float, int] | None:
        return self._line[skip] if skip < len(self._line) else None

    def __iter__(self) -> Iterator[tuple[float, int]]:
        return iter(self._line)

    def able(self, waiter: Waiter, agents: list[matching.Agent], now: datetime) -> frozenset[int]:
        """Ids of those who qualify, as far as this one has waited. `agents`: the whole staff, always the same."""
        steps = len(matching.steps_reached(waiter.contact, now))
        if steps not in self._able:
            self._able[steps] = frozenset(
                agent.id for agent in agents if matching.qualifies(agent, waiter.contact, now)
            )
        return self._able[steps]
