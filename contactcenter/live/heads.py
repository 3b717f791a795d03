"""Head versions: a short string per topic that differs whenever a screen that shows the topic should look again.

A fragment carries the head that was read *before* its data, so a screen is never newer than it says. Transactions may
commit in another order than their ids were given, therefore a head counts facts besides naming the newest.
"""

import hashlib
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, OuterRef, Q, Subquery, Value

from contactcenter.live.topics import by_sort
from contactcenter.queues.models import Companion, Notice, Offer, Presence, Queue, WorkItem
from crm.models import Event, Interaction
from crm.prepared import Prepared

WINDOW = 200  # how many ids back a late commit is still noticed in a queue
KEPT_FOR = 1.5  # seconds a head is good for in a heartbeat
FORGET_ABOVE = 5000  # topics
TEAM, NOTICE = "all", "notice"
MINE = (*WorkItem.OWNED, WorkItem.State.PARKED)
Heads = dict[str, str]
_kept: dict[str, tuple[float, str]] = {}


def _interactions(names: set[str]) -> Heads:
    """A new version, a fact without one (a name corrected), or news about its case."""
    wanted = [UUID(name) for name in names]
    return {str(row[0]): ".".join(str(part or 0) for part in row[1:]) for row in _talks(len(wanted)).rows(*wanted)}


@lru_cache(maxsize=50)
def _talks(count: int) -> Prepared:
    """The heads of so many conversations."""
    places = [UUID(int=2**127 + 1000 + number) for number in range(count)]
    rows = Interaction.objects.filter(public_id__in=places).annotate(facts=Count("events"), newest=Max("events__id"))
    fields = ("public_id", "version", "facts", "newest", "case_id", "case__version")
    return Prepared(rows.order_by().values_list(*fields), *places)


def _queues(names: set[str]) -> Heads:
    newest = Subquery(Event.objects.filter(queue=OuterRef("slug"), quiet=False).order_by("-id").values("id")[:1])
    tops = dict(Queue.objects.filter(slug__in=names).order_by().annotate(newest=newest).values_list("slug", "newest"))
    recent = Q(pk__in=[])
    for slug, top in tops.items():
        recent |= Q(queue=slug, quiet=False, id__gt=(top or 0) - WINDOW)
    counts = dict(Event.objects.filter(recent).order_by().values_list("queue").annotate(Count("id")))
    return {slug: f"{top or 0}.{counts.get(slug, 0)}" for slug, top in tops.items()}


def _persons(names: set[str]) -> Heads:
    """One's own work, what is offered, whom one helps, and presence. Few rows: they are hashed as they are."""
    found: dict[str, list[tuple[object, ...]]] = {name: [] for name in names}
    for person, *row in sorted(_work(names), key=str):
        found[str(person)].append(tuple(row))
    shown = ("status", "reason", "since", "break_next", "missed", "lost", "routing", "routing_since")
    for person, *row in Presence.objects.filter(user__public_id__in=names).values_list("user__public_id", *shown):
        found[str(person)].append(tuple(map(str, row)))
    return {name: f"{short(rows)}.{sum(row[1] == NOTICE for row in rows)}" for name, rows in found.items()}


def notices(head: str | None) -> int:
    """How many notices somebody hasn't read, as the head of their topic says: no statement more."""
    return int((head or "").rpartition(".")[2] or 0)


def _team(names: set[str]) -> Heads:
    """Everybody's presence. Which work they have is in the heads of the queues."""
    if names != {TEAM}:
        return {}
    shown = ("user_id", "status", "reason", "since", "break_next", "missed", "lost", "routing", "routing_since")
    return {TEAM: short(list(Presence.objects.order_by("user_id").values_list(*shown)))}


def _work(names: set[str]) -> Iterable[tuple[Any, ...]]:
    """Whatever lies on somebody's desk, in one statement: heartbeats ask this all day."""
    items = WorkItem.objects.filter(owner__public_id__in=names, state__in=MINE).order_by()
    offers = Offer.objects.filter(agent__public_id__in=names, state=Offer.State.PENDING).order_by()
    unfilled = WorkItem.objects.filter(owner__public_id__in=names, unfilled=True).order_by()
    helping = Companion.objects.filter(user__public_id__in=names, left_at__isnull=True).order_by()
    helping = helping.exclude(item__state__in=WorkItem.ENDED)
    unread = Notice.objects.filter(user__public_id__in=names, read_at=None).order_by()
    return items.values_list(
        "owner__public_id", "id", "state", "interaction__version", "interaction__agent_read_seq"
    ).union(
        offers.values_list("agent__public_id", "id", Value("offer"), "item__interaction__version", Value(0)),
        unfilled.values_list("owner__public_id", "id", Value("unfilled"), "interaction__version", Value(0)),
        helping.values_list("user__public_id", "id", Value("helping"), "item__interaction__version", Value(0)),
        unread.values_list("user__public_id", "id", Value(NOTICE), Value(0), Value(0)),
        all=True,
    )


SORTS: dict[str, Callable[[set[str]], Heads]] = {
    "interaction": _interactions, "queue": _queues, "person": _persons, "team": _team,
}  # fmt: skip


def short(value: object) -> str:
    """A few characters that stand for a value."""
    return hashlib.sha256(repr(value).encode()).hexdigest()[:12]


def now(topics: Iterable[str]) -> Heads:
    """The heads of topics as they are at this moment. A topic that doesn't exist has none."""
    return {
        f"{sort}.{name}": head for sort, names in by_sort(topics).items() for name, head in SORTS[sort](names).items()
    }


def lately(topics: Iterable[str]) -> Heads:
    """For heartbeats: heads that may be a moment old, so that many screens on one topic ask the database once."""
    moment, wanted = time.monotonic(), set(topics)
    known = {topic: _kept[topic] for topic in wanted if topic in _kept}
    fresh = {topic: head for topic, (at, head) in known.items() if moment - at < KEPT_FOR}
    asked = now(wanted - fresh.keys())
    if len(_kept) > FORGET_ABOVE:
        _kept.clear()
    _kept.update({topic: (moment, head) for topic, head in asked.items()})
    return {**fresh, **asked}
