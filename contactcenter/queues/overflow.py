"""What waits too long, or in too long a line: on to another queue, on in writing, or asked whether to be called back.
Never twice to the same queue."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from contactcenter.queues import offers, records, roster, rulebook, work_items
from contactcenter.queues.held import item_if_free
from contactcenter.queues.models import Queue, WorkItem
from contactcenter.routing import overflowing
from contactcenter.routing.matching import LIVE
from crm import events
from crm.models import Event, Interaction

State = WorkItem.State


class GoesInCircles(ValueError):
    """An overflow that would come back to where it began."""


def refuse_circles(queue: Queue, to: Queue | None) -> None:
    """Raises `GoesInCircles` with the way it would go."""
    way, following = [queue], to.pk if to is not None else None
    while following is not None:
        to = Queue.objects.get(pk=following)
        way.append(to)
        if to.pk == queue.pk:
            names = " → ".join(step.name for step in way)
            raise GoesInCircles(_("This would go in circles: %(way)s. Choose another target.") % {"way": names})
        if to in way[:-1]:
            return  # a circle of others; it is refused where it is made
        following = to.overflow_to_id


def too_long(queue: Queue) -> bool:
    """Is the line at its greatest length?"""
    if queue.max_length is None:
        return False
    waiting = WorkItem.objects.filter(queue=queue, state__in=[State.WAITING, State.OFFERED])
    return waiting[: queue.max_length].count() >= queue.max_length


@dataclass(frozen=True)
class Entry:
    """Where a newcomer really begins to wait; `visited` are the slugs of the queues that had no room."""

    queue: Queue
    family: str
    visited: tuple[str, ...] = ()


def at_entry(queue: Queue, family: str) -> Entry:
    """Past what is full or in an emergency, as far as there is a way on. `queue` as in the rulebook."""
    if not (queue.emergency or too_long(queue)):
        return Entry(queue, family)
    known = {queue.pk: queue, **{pk: row for pk, row in rulebook.known().by_id.items() if row.active}}
    ways = {pk: way(row) for pk, row in known.items()}
    place = overflowing.at_entry(queue.pk, family, ways, lambda pk: known[pk].emergency or too_long(known[pk]))
    return Entry(known[place.queue], place.family, tuple(known[pk].slug for pk in place.visited))


def way(queue: Queue) -> overflowing.Way:
    """As the rules know it."""
    return overflowing.Way(
        max_wait=None if queue.max_wait_seconds is None else timedelta(seconds=queue.max_wait_seconds),
        max_length=queue.max_length, overflow=queue.overflow, to=queue.overflow_to_id,
    )  # fmt: skip


def enter(item: WorkItem, entry: Entry) -> list[Event]:
    """Note that a new item didn't begin where it was led to. In the caller's transaction, who records the facts."""
    if not entry.visited:
        return []
    item.family, item.visited = entry.family, list(entry.visited)
    item.save(update_fields=["family", "visited"])
    to = entry.queue.overflow if entry.queue.slug in entry.visited else entry.queue.slug
    data = {"origin": entry.visited[0], "to": to}
    return [
        events.fact(
            "item.overflowed", interaction=item.interaction, at=item.queued_at, queue=entry.queue.slug, data=data
        )
    ]


def flow(now: datetime) -> int:
    """Move on what has waited too long, or came when the line was full already. Returns how many."""
    moved = 0
    for queue in Queue.objects.exclude(overflow=Queue.Overflow.NONE).select_related("overflow_to__office"):
        moved += sum(_flow(item, queue, now) for item in _due(queue, now))
    return moved


def _due(queue: Queue, now: datetime) -> list[WorkItem]:
    rows = WorkItem.objects.filter(queue=queue, state=State.WAITING)
    if queue.overflow != Queue.Overflow.QUEUE:
        rows = rows.filter(family__in=LIVE)  # what is in writing already waits in writing
    fresh = _not_from(queue, rows)
    due: dict[int, WorkItem] = {}
    if queue.max_wait_seconds is not None:
        since = now - timedelta(seconds=queue.max_wait_seconds)
        due |= {item.pk: item for item in fresh.filter(entered_at__lte=since).order_by("entered_at")[: offers.BATCH]}
    if queue.max_length is not None:
        # The latest to come are the ones that found the line full.
        over = rows.order_by("rank_at", "id")[queue.max_length :]
        due |= {item.pk: item for item in fresh.filter(pk__in=over.values("pk"))[: offers.BATCH]}
    if queue.emergency:
        due |= {item.pk: item for item in fresh[: offers.BATCH]}
    return list(due.values())


def _not_from(queue: Queue, rows: QuerySet[WorkItem]) -> QuerySet[WorkItem]:
    """Those that didn't overflow from it before: they may go on waiting here in any number."""
    return rows.annotate(been=Cast("visited", TextField())).exclude(been__contains=f'"{queue.slug}"')


def _flow(item: WorkItem, queue: Queue, now: datetime) -> bool:
    to = queue.overflow_to
    if to is not None and (not to.active or to.slug in item.visited):
        return False
    with transaction.atomic():
        row = item_if_free(item.pk)
        if row is None or row.state != State.WAITING or row.queue_id != queue.pk:
            return False
        row.visited = [*row.visited, queue.slug]
        if to is not None:
            row.queue, row.priority, row.entered_at = to, to.priority, now
            row.language = row.language if row.language in roster.languages_of(to) else ""  # else it waits in vain
            Interaction.objects.filter(work_items=row).update(queue=to.slug, office=to.office)
        elif queue.overflow == Queue.Overflow.MESSAGE:
            row.family = "written"
        row.save(update_fields=["visited", "family", "language"])
        if queue.overflow != Queue.Overflow.CALLBACK:
            work_items.put_back(row)
        records.record("item.overflowed", row, None, at=now, origin=queue.slug, to=to.slug if to else queue.overflow)
    return True
