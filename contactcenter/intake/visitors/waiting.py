"""Is anybody there, which place has somebody in the queue, and how long may it honestly take."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Literal

from django.core.cache import cache
from django.db.models import Q
from django.utils import timezone

from channels_adapters.contract import Place
from contactcenter.accounts.models import ChannelAccount
from contactcenter.queues import hours, presence
from contactcenter.queues.models import Queue, WorkItem
from contactcenter.sla.calendars import NeverOpen

ENOUGH_WAITS = 5  # fewer say nothing
RECENT = timedelta(hours=2)
REMEMBERED = 20  # how many of the recent waits count
FRESH_FOR = 10  # seconds that a queue's figures are kept
Entrance = Literal["open", "busy", "closed"]


def entrance(account: ChannelAccount) -> Entrance:
    """What a newcomer finds: somebody to chat with, nobody at the moment, or a closed office."""
    if not hours.calendar(account.queue).is_open(timezone.now()):
        return "closed"
    return "open" if presence.staffed(account.queue) else "busy"


def opens_at(queue: Queue) -> datetime | None:
    try:
        return hours.calendar(queue).next_opening(timezone.now())
    except NeverOpen:
        return None


def place(item: WorkItem) -> Place | None:
    """Place in line, from 1, and the wait where something can be said about it; None unless the item waits."""
    if item.state not in {WorkItem.State.WAITING, WorkItem.State.OFFERED}:
        return None
    earlier = Q(queued_at__lt=item.queued_at) | Q(queued_at=item.queued_at, id__lt=item.pk)
    ahead = WorkItem.objects.filter(
        Q(priority__gt=item.priority) | (Q(priority=item.priority) & earlier),
        queue=item.queue_id, state=WorkItem.State.WAITING,
    ).count()  # fmt: skip
    wait = _never_growing(item, _remaining(item))
    return Place(ahead + 1, *wait) if wait else Place(ahead + 1)


def _remaining(item: WorkItem) -> tuple[int, int] | None:
    """What is left of a usual wait, in whole minutes rounded up; None where that would be a guess."""
    usual = _usual_wait(item.queue, item.family)
    if usual is None:
        return None
    waited = (timezone.now() - item.queued_at).total_seconds()
    low, high = (max(0.0, bound - waited) for bound in usual)
    return (_minutes_up(low), _minutes_up(high)) if high > 0 else None


def _minutes_up(seconds: float) -> int:
    return max(60, math.ceil(seconds / 60) * 60)


def _usual_wait(queue: Queue, family: str) -> tuple[int, int] | None:
    """Half of those answered lately waited less than the first, nine of ten less than the second. Seconds."""
    key = f"usual-wait:{queue.pk}:{family}"
    known: tuple[int, int] | str | None = cache.get(key)
    if known is None:
        known = _measured(queue, family) or "unknown"
        cache.set(key, known, FRESH_FOR)
    return None if isinstance(known, str) else known


def _measured(queue: Queue, family: str) -> tuple[int, int] | None:
    if not presence.staffed(queue):
        return None
    answered = WorkItem.objects.filter(queue=queue, family=family, claimed_at__gte=timezone.now() - RECENT)
    newest = answered.order_by("-claimed_at").values_list("queued_at", "claimed_at")[:REMEMBERED]
    waits = sorted((claimed - queued).total_seconds() for queued, claimed in newest if claimed)
    if len(waits) < ENOUGH_WAITS:
        return None
    return math.ceil(waits[len(waits) // 2]), math.ceil(waits[math.ceil(len(waits) * 0.9) - 1])


def _never_growing(item: WorkItem, wait: tuple[int, int] | None) -> tuple[int, int] | None:
    """What was promised once stays the upper bound for as long as this item waits."""
    key = f"promised-wait:{item.pk}"
    promised: tuple[int, int] | None = cache.get(key)
    if wait and promised:
        wait = (min(wait[0], promised[0]), min(wait[1], promised[1]))
    if wait and wait != promised:
        cache.set(key, wait, 86_400)
    return wait
