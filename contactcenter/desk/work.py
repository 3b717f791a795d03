"""The left of the desk: what I am in, and what waits."""

import heapq
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, F, Q

from contactcenter.desk.filters import NOTHING, Filter
from contactcenter.desk.rows import COLUMNS, Drawing, Item, Row
from contactcenter.queues import rights
from contactcenter.queues.models import Queue, WorkItem, WorkItems
from crm.models import User

PAGE = 50
CAP = 99  # "99+" above
ONE_BY_ONE = 3  # queues that are asked one after the other, each along its own index
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, order=True)
class Key:
    """A place in the line: as `WorkItems.in_order` sorts."""

    rank_at: datetime
    pk: int
    queued_at: datetime = field(compare=False, default=EPOCH)

    def __str__(self) -> str:
        return f"{(self.rank_at - EPOCH) // timedelta(microseconds=1)}_{self.pk}"

    @classmethod
    def read(cls, text: str) -> "Key | None":
        """None for anything that isn't a place we named."""
        try:
            microseconds, pk = map(int, text[:60].split("_"))
            return cls(EPOCH + timedelta(microseconds=microseconds), pk)
        except (ValueError, OverflowError):
            return None


@dataclass(frozen=True)
class Line:
    """One page of what waits. `total` is capped: "99+"."""

    rows: list[Row]
    total: str
    longest: datetime | None
    after: str = ""  # where the next page begins; "" = this is the last
    begins: str = ""  # where this page begins; "" = at the top


# --- in queue ---


def waiting(user: User, queues: list[Queue], begins: Key | None = None, only: Filter = NOTHING) -> Line:
    """The page of the line after `begins`. Costs the same whether 50 or 50,000 wait, unless a filter finds few."""
    lines = _lines(user, queues, only) if only.shows_line else []
    keys = _keys(lines, begins, CAP + 1)
    page = keys[:PAGE]
    return Line(
        rows=_rows(user, page) if page else [],
        total=_capped(len(keys)),
        longest=_longest(lines, keys),
        after=str(page[-1]) if len(keys) > PAGE else "",
        begins=str(begins) if begins else "",
    )


def everybody(user: User, queues: list[Queue]) -> str:
    """How many wait, whatever is shown of them: "99+" at most."""
    return _capped(len(_keys(_lines(user, queues, NOTHING), None, CAP + 1)))


def _capped(count: int) -> str:
    return f"{CAP}+" if count > CAP else str(count)


def _keys(lines: list[WorkItems], begins: Key | None, limit: int) -> list[Key]:
    return list(heapq.merge(*(along(rows, begins, limit) for rows in lines)))[:limit]


def _lines(user: User, queues: list[Queue], only: Filter) -> list[WorkItems]:
    """Each can be read along an index, in order: a few queues one by one, more of them along the line of the whole house."""
    if only.queue:
        queues = [queue for queue in queues if queue.slug == only.queue]
    elif rights.sees_every_queue(user) or len(queues) > ONE_BY_ONE:
        return [_whole_line(user, queues).filter(only.condition())]
    return [_waiting(user).filter(only.condition(), queue=queue) for queue in queues]


def _waiting(user: User) -> WorkItems:
    return WorkItem.objects.filter(state=WorkItem.State.WAITING).visible_to(user)


def _whole_line(user: User, queues: list[Queue]) -> WorkItems:
    if rights.sees_every_queue(user):
        return _waiting(user)
    # “+ 0” keeps a planner from gathering all rows of these queues and sorting them: the line is in order already.
    return _waiting(user).alias(in_queue=F("queue_id") + 0).filter(in_queue__in=[queue.pk for queue in queues])


def along(rows: WorkItems, begins: Key | None, limit: int) -> list[Key]:
    if begins is not None:
        at = begins.rank_at
        rows = rows.filter(Q(rank_at__gt=at) | Q(rank_at=at, id__gt=begins.pk), rank_at__gte=at)
    return [Key(*row) for row in rows.in_order().values_list("rank_at", "id", "queued_at")[:limit]]


def _longest(lines: list[WorkItems], keys: list[Key]) -> datetime | None:
    """The earliest original time of all that wait."""
    if len(keys) <= CAP:
        return min((key.queued_at for key in keys), default=None)
    firsts = [line.order_by("queued_at").values_list("queued_at", flat=True).first() for line in lines]
    return min((first for first in firsts if first is not None), default=None)


def _rows(user: User, page: list[Key]) -> list[Row]:
    """What is shown of each: few columns, and no objects for hundreds of rows."""
    shown = WorkItem.objects.filter(pk__in=[key.pk for key in page], interaction__isnull=False)
    items = {item.pk: item for item in map(Item._make, shown.values_list(*COLUMNS))}
    drawn = Drawing(user)
    return [drawn.waiting(items[key.pk]) for key in page if key.pk in items]


# --- my work ---


class Mine(NamedTuple):
    """What is with me, and what I have put aside."""

    rows: list[Row]
    parked: list[Row]
    shown: list[Row]  # of `rows`, what a filter leaves
    shown_parked: list[Row]
    unfilled: list[Row]  # over, but what its queue wants to know is still to be said; as a filter leaves it


def mine(user: User, only: Filter = NOTHING) -> Mine:
    """Whoever waits for my answer longest on top; of what is put aside, the oldest. Tabs and counts know no filter."""
    unread = Count(
        "interaction__messages",
        filter=Q(
            interaction__messages__direction="in", interaction__messages__seq__gt=F("interaction__agent_read_seq")
        ),
    )
    held = Q(owner=user, state__in=[*WorkItem.OWNED, WorkItem.State.PARKED]) | Q(owner=user, unfilled=True)
    items = WorkItem.objects.filter(held, interaction__isnull=False)
    ordered = items.annotate(unread=unread).order_by(
        "unfilled",
        F("parked_at").asc(nulls_first=True),
        F("interaction__awaiting_reply_since").asc(nulls_last=True),
        "claimed_at",
    )
    drawn, found = Drawing(user), Mine([], [], [], [], [])
    for *row, until, count in ordered.values_list(*COLUMNS, "parked_until", "unread")[:PAGE]:
        item = Item._make(row)
        if item.state == WorkItem.State.PARKED:
            found.parked.append(drawn.parked(item, until))
            if only.which in {"", "parked"} and only.holds(item):
                found.shown_parked.append(found.parked[-1])
        elif item.state == WorkItem.State.DONE:
            if only.which in {"", "unfilled"} and only.holds(item):
                found.unfilled.append(drawn.unfilled(item))
        else:
            found.rows.append(drawn.own(item, count))
            if _is_asked_for(item, count, only):
                found.shown.append(found.rows[-1])
    return found


def _is_asked_for(item: Item, unread: int, only: Filter) -> bool:
    return (only.which in {"", "mine"} or (only.which == "unread" and unread > 0)) and only.holds(item)


def helping(user: User) -> list[Row]:
    """The conversations of colleagues that I was asked into."""
    items = WorkItem.objects.filter(companions__user=user, companions__left_at__isnull=True, interaction__isnull=False)
    ordered = items.exclude(state__in=WorkItem.ENDED).order_by("companions__since")
    drawn = Drawing(user)
    return [drawn.helping(Item._make(row), owner) for *row, owner in ordered.values_list(*COLUMNS, "owner_id")[:PAGE]]


def loads(items: list[Row]) -> list[tuple[str, int]]:
    """How many conversations I am in, by the sign of their channel."""
    counts: dict[str, int] = {}
    for row in items:
        counts[row.icon] = counts.get(row.icon, 0) + 1
    return sorted(counts.items())
