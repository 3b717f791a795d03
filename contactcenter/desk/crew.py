"""What the supervisor's page shows: people with what they are in, the lines with who serves them, and the work, paged by key."""

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Min

from contactcenter.desk import names, people, work
from contactcenter.desk.people import Colleague
from contactcenter.queues import colleagues, presence, roster
from contactcenter.queues.models import Queue, WorkItem, WorkItems
from crm import access
from crm.models import Interaction, User

PAGE = 50  # pieces of work
EACH = 12  # conversations listed with one person
State = WorkItem.State
WAITS, HELD = [State.WAITING, State.OFFERED], [State.CLAIMED, State.PARKED]


class Filter(NamedTuple):
    """What is looked at. "" = everything. `state`: "waiting" or "owned"; `status`: of the people, as `Presence.Status`."""

    queue: str = ""
    state: str = ""
    status: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Filter":
        return cls(given.get("queue", "")[:50], given.get("state", "")[:10], given.get("status", "")[:10])


class Piece(NamedTuple):
    """One piece of work as the list shows it."""

    pk: int
    public_id: UUID
    version: int
    who: str
    icon: str
    words: str
    queue: str
    state: str
    owner: str
    others: bool  # with somebody who isn't the reader
    queued_at: datetime


class Talk(NamedTuple):
    """A conversation in which somebody is now."""

    public_id: UUID
    who: str
    icon: str
    parked: bool


@dataclass(frozen=True)
class Member:
    one: Colleague
    talks: Sequence[Talk] = ()
    more: int = 0  # conversations beyond those listed


@dataclass(frozen=True)
class Figures:
    """How one line stands."""

    queue: Queue
    waiting: int = 0
    longest: datetime | None = None
    staffed: int = 0


class Work(NamedTuple):
    """One page. `after` "" = this is the last."""

    pieces: list[Piece]
    after: str


# --- people ---


def team(user: User) -> list[User]:
    """Everybody who works in an office this person leads, by name."""
    rows = colleagues.led_by(user).filter(grants__role__in=access.READERS, is_active=True).distinct()
    return list(rows.order_by("first_name", "last_name", "id"))


def members(user: User, queues: Sequence[Queue], by: Filter) -> list[Member]:
    """Those of the team whom the filter leaves, with the conversations that the reader may see."""
    chosen = [queue.pk for queue in queues if queue.slug == by.queue]
    found = [one for one in team(user) if not chosen or _serves(one, chosen[0])]
    drawn = [one for one in people.drawn(found) if by.status in {"", one.at_desk.status}]
    talks = _talks(user, [one.user.pk for one in drawn])
    return [Member(one, talks[one.user.pk][:EACH], max(0, len(talks[one.user.pk]) - EACH)) for one in drawn]


def _serves(user: User, queue: int) -> bool:
    able = roster.known().people.get(user.pk)
    return able is not None and queue in able.queues


def _talks(user: User, ids: Sequence[int]) -> dict[int, list[Talk]]:
    rows = WorkItem.objects.filter(owner__in=ids, state__in=[*HELD, State.WRAPPING], interaction__isnull=False)
    along = ("interaction__citizen", "interaction__contact_point")
    found: dict[int, list[Talk]] = defaultdict(list)
    for item in rows.visible_to(user).select_related(*along).order_by("claimed_at", "id")[: EACH * (len(ids) + 20)]:
        if item.interaction is not None and item.owner_id is not None:
            icon = names.channel(names.accounts(), item.interaction.account).icon
            who = names.who(item.interaction)
            found[item.owner_id].append(Talk(item.interaction.public_id, who, icon, item.state == State.PARKED))
    return found


# --- lines ---


def figures(queues: Sequence[Queue]) -> list[Figures]:
    """Of every line the reader may look into. Two statements, however many."""
    rows = WorkItem.objects.filter(state__in=WAITS, queue__in=[queue.pk for queue in queues]).order_by()
    waits = {pk: (n, since) for pk, n, since in rows.values_list("queue").annotate(Count("id"), Min("queued_at"))}
    here, able = presence.available(), roster.known().people
    return [
        Figures(
            queue,
            *waits.get(queue.pk, (0, None)),
            staffed=sum(pk in able and queue.pk in able[pk].queues for pk in here),
        )
        for queue in queues
    ]


# --- work ---


def rows(user: User, by: Filter) -> list[WorkItems]:
    """What the filter means, one state after the other: what waits is long, and is read along its own index."""
    states = {"waiting": WAITS, "owned": HELD}.get(by.state, [*WAITS, *HELD])
    found = [WorkItem.objects.filter(state=one, interaction__isnull=False).visible_to(user) for one in states]
    return [one.filter(queue__slug=by.queue) for one in found] if by.queue else found


def count(user: User, by: Filter) -> int:
    return sum(one.count() for one in rows(user, by))


def keys(user: User, by: Filter, begins: work.Key | None, limit: int) -> list[work.Key]:
    """The next places in the order of the line."""
    found = [work.along(one, begins, limit) for one in rows(user, by)]
    return list(heapq.merge(*found))[:limit]


def page(user: User, by: Filter, begins: work.Key | None) -> Work:
    """The pieces after `begins`."""
    found = keys(user, by, begins, PAGE + 1)
    shown = found[:PAGE]
    along = ("queue", "interaction__citizen", "interaction__contact_point")
    items = WorkItem.objects.select_related(*along).in_bulk([key.pk for key in shown])
    pieces = [_piece(items[key.pk], user) for key in shown if key.pk in items]
    return Work(pieces, str(shown[-1]) if len(found) > PAGE else "")


def _piece(item: WorkItem, user: User) -> Piece:
    interaction = item.interaction or Interaction()
    return Piece(
        pk=item.pk,
        public_id=interaction.public_id,
        version=interaction.version,
        who=names.who(interaction),
        icon=names.channel(names.accounts(), interaction.account).icon,
        words=interaction.preview or interaction.subject,
        queue=item.queue.name,
        state=item.get_state_display(),
        owner=names.person(item.owner_id),
        others=item.owner_id not in {None, user.pk},
        queued_at=item.queued_at,
    )
