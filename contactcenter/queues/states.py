"""What the house makes of a person's presence: free, busy, not responding … Every transition is a fact, and the next one
begins where the last one ended: durations are computed from these facts."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count

from contactcenter.queues.models import Offer, Presence, WorkItem
from contactcenter.routing.matching import LIVE
from crm import events
from crm.models import User

Routing = Presence.Routing


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

    @property
    def live(self) -> bool:
        """Is somebody at the other end, or just gone?"""
        return bool(self.wrapping) or any(self.own.get(family, 0) for family in LIVE)


def loads(users: Iterable[int]) -> dict[int, Load]:
    """What each of these people has now. Two statements, however many."""
    wanted = list(users)
    items = WorkItem.objects.filter(owner__in=wanted, state__in=WorkItem.OWNED).order_by()
    own: dict[int, Counter[str]] = {user: Counter() for user in wanted}
    wrapping: Counter[int] = Counter()
    for user, family, state, n in items.values_list("owner", "family", "state").annotate(n=Count("id")):
        own[user][family] += n
        wrapping[user] += n if state == WorkItem.State.WRAPPING else 0
    offered: dict[int, Counter[str]] = {user: Counter() for user in wanted}
    pending = Offer.objects.filter(agent__in=wanted, state=Offer.State.PENDING).order_by()
    for user, family in pending.values_list("agent", "item__family"):
        offered[user][family] += 1
    return {user: Load(own[user], wrapping[user], offered[user]) for user in wanted}


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
    presence, _made = Presence.objects.select_for_update().get_or_create(user=user, defaults={"since": at})
    presence.user = user
    return presence


def settle(presence: Presence, at: datetime, *, freed: bool = False, by: User | None = None, reason: str = "") -> None:
    """Bring the routing state up to date and keep the row. The caller holds it locked and has changed what it changes.

    `freed`: a piece of work ended just now, so their idle time begins anew; a declined offer doesn't reset it.
    """
    user = presence.user
    now = load(user)
    if presence.break_next is not None and not now.live and not any(now.offered.values()):
        _begin_break(presence, at)
    before, after = presence.routing, routing_of(presence, now)
    came = before in {Routing.OFFLINE, Routing.BREAK} and presence.status == Presence.Status.AVAILABLE
    if freed or came:
        presence.idle_since = at
    presence.routing = after
    if before != after or presence.routing_since is None:
        presence.routing_since = at
        data = {"from": before, "to": after, "work": sum(now.own.values()), **({"reason": reason} if reason else {})}
        if by is not None:
            data["by"] = str(by.public_id)
        events.record(
            events.fact("agent.state_changed", actor=user, at=at, data=data),
            also=((f"person.{user.public_id}", 0), ("presence", 0)),
        )
    presence.save()


def _begin_break(presence: Presence, at: datetime) -> None:
    """The break that was to come after this one."""
    reason = presence.break_next or ""
    before = presence.status
    presence.status, presence.reason, presence.since, presence.break_next = Presence.Status.AWAY, reason, at, None
    events.record(
        events.fact(
            "presence.changed", actor=presence.user, at=at,
            data={"from": before, "to": presence.status, **({"reason": reason} if reason else {})},
        ),
    )  # fmt: skip
