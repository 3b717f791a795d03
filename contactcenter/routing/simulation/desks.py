"""The people of a plan at work: what they have in hand, whether there is room, and what they did with their time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from contactcenter.routing import matching
from contactcenter.routing.simulation.plan import Seat

AWAY, IDLE, OFFERED, BUSY = "away", "idle", "offered", "busy"


@dataclass(slots=True, eq=False)
class Desk:
    """One seat and whoever sits there. `spent`: seconds by state, without gap or overlap from the first moment on."""

    seat: Seat
    agent: matching.Agent
    here: bool = False
    missing: bool = False  # an offer passed unanswered, and they aren't back yet
    own: Counter[str] = field(default_factory=Counter)  # wrapping up included
    offered: Counter[str] = field(default_factory=Counter)
    idle_since: datetime | None = None
    since: float = 0.0
    spent: Counter[str] = field(default_factory=Counter)
    contact_seconds: float = 0.0

    @property
    def available(self) -> bool:
        return self.here and not self.missing

    @property
    def state(self) -> str:
        if any(self.own.values()):
            return BUSY
        if not self.available:
            return AWAY
        return OFFERED if any(self.offered.values()) else IDLE

    def account(self, at: float) -> None:
        """Book the time since the last change; called before every change, and at the end."""
        length, self.since = at - self.since, at
        if length:
            self.spent[self.state] += length  # type: ignore[assignment]  # a counter of seconds
            self.contact_seconds += length * sum(self.own.values())

    def changed(self) -> None:
        """What the matching sees from now on."""
        self.agent = matching.Agent(
            id=self.agent.id,
            queues=self.agent.queues,
            attributes=self.agent.attributes,
            capacity=self.agent.capacity,
            used=self.own + self.offered,
            idle_since=self.idle_since,
        )


class Floor:
    """Everybody of a plan, and who of them has room for what."""

    def __init__(self, seats: tuple[Seat, ...]) -> None:
        self.desks = {seat.agent.id: Desk(seat, seat.agent) for seat in seats}
        self.staff = [seat.agent for seat in seats]
        self._room: dict[str, set[int]] = {family: set() for family in matching.FAMILIES}

    def update(self, desk: Desk) -> None:
        """The desk has changed."""
        desk.changed()
        for family, free in self._room.items():
            if desk.available and matching.has_room(desk.agent, family):
                free.add(desk.agent.id)
            else:
                free.discard(desk.agent.id)

    def has_room(self, family: str) -> bool:
        return bool(self._room[family])

    def free(self, family: str, able: frozenset[int]) -> list[matching.Agent]:
        return [self.desks[agent].agent for agent in able & self._room[family]]

    def available(self, agent: int | None) -> matching.Agent | None:
        desk = self.desks.get(agent) if agent is not None else None
        return desk.agent if desk is not None and desk.available else None
