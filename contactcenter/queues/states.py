"""What the house makes of a person's presence: free, busy, not responding … Every transition is a fact, and the next one
begins where the last one ended: durations are computed from these facts."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import NamedTuple

from django.db import connection

from contactcenter.queues.models import Offer, Presence, WorkItem
from contactcenter.routing.matching import LIVE
from crm import events, prepared, writing
from crm.models import Event, User
from crm.prepared import PreparedModel
from crm.writing import Write

Routing = Presence.Routing
OFFERED = WorkItem.State.OFFERED
SOMEBODY = 2_147_000_017  # stands for a person in a prepared statement
COUNTED = f"""
SELECT owner_id, family, state, COUNT(*) AS n FROM {WorkItem._meta.db_table}
WHERE state IN ('{WorkItem.State.CLAIMED}', '{WorkItem.State.WRAPPING}') AND owner_id IN ({{users}}) GROUP BY 1, 2, 3
UNION ALL
SELECT o.agent_id, w.family, '{OFFERED}', COUNT(*) FROM {Offer._meta.db_table} o
JOIN {WorkItem._meta.db_table} w ON w.id = o.item_id
WHERE o.state = '{Offer.State.PENDING}' AND o.agent_id IN ({{users}}) GROUP BY 1, 2
"""  # nosec B608 - names of our own tables and states


@dataclass(frozen=True)
class Load:
    """What somebody has: by family of channels, wrapping up included, and what is being offered to them."""

    own: Mapping[str, int] = field(default_factory=dict)
    wrapping: int = 0
    offered: Mapping[str, int] = field(default_factory=dict)

    @property
    def used(self) -> dict[str, int]:
        """Slots by family: a pending offer counts, and so does wrapping up."""
        return dict(Counter(self.own) + Counter(self.offered))

    def with_own(self, family: str) -> "Load":
        """One more of their own."""
        return replace(self, own={**self.own, family: self.own.get(family, 0) + 1})

    @property
    def live(self) -> bool:
        """Is somebody at the other end, or just gone?"""
        return bool(self.wrapping) or any(self.own.get(family, 0) for family in LIVE)


def loads(users: Iterable[int]) -> dict[int, Load]:
    """What each of these people has now. One statement, however many."""
    wanted = list(users)
    counted: dict[int, list[tuple[str, str, int]]] = {user: [] for user in wanted}
    for user, family, state, n in _counted(wanted):
        counted[user].append((family, state, n))
    return {user: _added_up(rows) for user, rows in counted.items()}


def _added_up(rows: Iterable[tuple[str, str, int]]) -> Load:
    """Of family, state, how many."""
    own: Counter[str] = Counter()
    offered: Counter[str] = Counter()
    wrapping = 0
    for family, state, n in rows:
        (offered if state == OFFERED else own)[family] += n
        wrapping += n if state == WorkItem.State.WRAPPING else 0
    return Load(own, wrapping, offered)


def in_one_value() -> str:
    """SQL that counts the load of one person, twice to be filled in, inside another statement; `read` understands it."""
    gathered = {"postgresql": "STRING_AGG", "sqlite": "GROUP_CONCAT"}[connection.vendor]
    counted = COUNTED.format(users="%s")
    return f"SELECT {gathered}(family || ' ' || state || ' ' || n, ';') FROM ({counted}) counted"  # nosec B608


def read(counted: str | None) -> Load:
    rows = (row.split() for row in (counted or "").split(";") if row)
    return _added_up((family, state, int(n)) for family, state, n in rows)


def _counted(users: list[int]) -> list[tuple[int, str, str, int]]:
    """User, family, state, how many. Counted at every claim and offer, so it isn't composed anew each time."""
    if not users:
        return []
    these = ", ".join(["%s"] * len(users))
    # Only the number of placeholders varies; names of tables are ours.
    return prepared.rows(COUNTED.format(users=these), [*users, *users])  # nosec B608


def load(user: User) -> Load:
    return loads([user.pk])[user.pk]


def routing_of(presence: Presence, load: Load) -> str:
    """The routing state that follows from what a person chose and has."""
    if presence.status == Presence.Status.OFFLINE:
        return Routing.OFFLINE
    if presence.lost:
        return Routing.LOST
    if presence.status == Presence.Status.AWAY:
        return Routing.BREAK
    if presence.missed:
        return Routing.NOT_RESPONDING
    if any(load.offered.values()):
        return Routing.OFFERED
    if load.wrapping and load.wrapping == sum(load.own.values()):
        return Routing.WRAPPING
    return Routing.BUSY if any(load.own.values()) else Routing.FREE


def row(user: User, at: datetime) -> Presence:
    """The person's presence under lock; made where there is none. Inside a transaction."""
    presence = _of_one().first(user.pk)
    if presence is None:
        presence, _made = Presence.objects.select_for_update().get_or_create(user=user, defaults={"since": at})
    presence.user = user
    presence.remember()
    return presence


@cache
def _of_one() -> PreparedModel[Presence]:
    return PreparedModel(Presence.objects.select_for_update().filter(user=SOMEBODY), SOMEBODY)


class Settled(NamedTuple):
    """What is still to be written of a presence that was brought up to date, and which screens look again."""

    facts: tuple[Event, ...] = ()
    writes: tuple[Write, ...] = ()
    look: tuple[tuple[str, int], ...] = ()


NOTHING = Settled()


def settle(presence: Presence, at: datetime, *, freed: bool = False, by: User | None = None, reason: str = "") -> None:
    """Bring the routing state up to date and keep the row; arguments as `settled`."""
    facts, writes, look = settled(presence, at, freed=freed, by=by, reason=reason)
    if facts:
        events.record(*facts, also=look, along=writes)
    elif writes:
        writing.send(*writes)


def settled(
    presence: Presence,
    at: datetime,
    *,
    freed: bool = False,
    by: User | None = None,
    reason: str = "",
    has: Load | None = None,
) -> Settled:
    """The routing state brought up to date, for the caller to write. The caller holds the row locked and has changed
    what it changes.

    `freed`: a piece of work ended just now, so their idle time begins anew; a declined offer doesn't reset it.
    `has`: what they have now, where the caller has counted it under the lock.
    """
    user = presence.user
    facts: list[Event] = []
    look: tuple[tuple[str, int], ...] = ()
    now = has or load(user)
    if presence.break_next is not None and not now.live and not any(now.offered.values()):
        facts.append(_begin_break(presence, at))
    before, after = presence.routing, routing_of(presence, now)
    came = before in {Routing.OFFLINE, Routing.BREAK} and presence.status == Presence.Status.AVAILABLE
    if freed or came:
        presence.idle_since = at
    presence.routing = after
    if before != after or presence.routing_since is None:
        # Who waited for the lock may have looked at the clock before the last change: no state ends before it begins.
        at = presence.routing_since = max(at, presence.routing_since or at)
        data = {"from": before, "to": after, "work": sum(now.own.values()), **({"reason": reason} if reason else {})}
        if by is not None:
            data["by"] = str(by.public_id)
        facts.append(events.fact("agent.state_changed", actor=user, at=at, data=data))
        look = ((f"person.{user.public_id}", 0), ("team.all", 0))
    return Settled(tuple(facts), presence.changes(), look)


def _begin_break(presence: Presence, at: datetime) -> Event:
    """The break that was to come after this one."""
    reason = presence.break_next or ""
    before = presence.status
    presence.status, presence.reason, presence.since, presence.break_next = Presence.Status.AWAY, reason, at, None
    data = {"from": before, "to": presence.status, **({"reason": reason} if reason else {})}
    return events.fact("presence.changed", actor=presence.user, at=at, data=data)
