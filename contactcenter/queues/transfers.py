"""Handing work on: to a queue, an office, a person; many at once. The original time goes along, and the note explains."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from contactcenter.queues import hours, kept, notices, offers, records, roster, states, work_items
from contactcenter.queues.held import Held, hold
from contactcenter.queues.models import Offer, Presence, Queue, WorkItem
from contactcenter.routing.matching import LIVE
from contactcenter.sla.calendars import NeverOpen
from crm import access, events, interactions
from crm.access import require
from crm.models import Interaction, Office, User

State = WorkItem.State


class ClosedQueue(Exception):
    """The queue is closed now; `opens_at` (UTC) None = nobody knows when it opens."""

    def __init__(self, queue: Queue, opens_at: datetime | None) -> None:
        self.queue, self.opens_at = queue, opens_at
        if opens_at is None:
            text = _("%(queue)s is closed, and no opening is set. Choose another queue, or transfer it all the same.")
            super().__init__(text % {"queue": queue.name})
            return
        when = date_format(timezone.localtime(opens_at), "DATETIME_FORMAT")
        text = _(
            "%(queue)s is closed until %(when)s. Choose another queue, or transfer it all the same: it waits there."
        )
        super().__init__(text % {"queue": queue.name, "when": when})


class NotThere(Exception):
    """The person can't take it now; the sentence says why and what to do."""


class NoQueue(Exception):
    """The office has no queue to wait in."""


def to_queue(*, item: WorkItem, queue: Queue, actor: User, note: str = "", closed_too: bool = False) -> None:
    """Move it to another queue. Raises `NotYours`, `Forbidden`, `ClosedQueue` unless `closed_too`."""
    require(actor, "interaction.claim", office_id=item.queue.office_id)
    if not closed_too:
        refuse_closed(queue)
    now = timezone.now()
    with transaction.atomic():
        held = hold(item, now, actor)  # the caller's copy may be older than somebody's claim
        _move(held, queue, actor, now, note=note, anybodys=False)
        states.settle(held.of(actor), now, freed=True)
    item.refresh_from_db()


def to_office(*, item: WorkItem, office: Office, actor: User, note: str = "", closed_too: bool = False) -> Queue:
    """Move it to the queue of an office: the one for the contact's topic where there is one. Raises as `to_queue`, `NoQueue`."""
    found = queues_of_offices(item).get(office.pk)
    if found is None:
        raise NoQueue(_("%(office)s has no queue. Choose another office or a person.") % {"office": office.name})
    to_queue(item=item, queue=found, actor=actor, note=note, closed_too=closed_too)
    return found


def queues_of_offices(item: WorkItem) -> dict[int, Queue]:
    """Where a contact would wait in each office, by id of the office: the queue for its topic, else the first by name."""
    topic = item.interaction.topic_id if item.interaction else None
    found: dict[int, Queue] = {}
    rows = Queue.objects.filter(active=True).select_related("office", "calendar")
    fits = set(rows.filter(topics=topic).values_list("pk", flat=True)) if topic else set()
    for queue in sorted(rows, key=lambda queue: queue.pk not in fits):
        found.setdefault(queue.office_id, queue)
    return found


def to_person(*, item: WorkItem, person: User, actor: User, note: str = "") -> Offer | None:
    """Give it to a colleague: asked first where they are there, and simply theirs where it is written and they aren't.

    None = it is theirs already. Raises `NotYours`, `NotThere`, `NoRoom`, `Forbidden`.
    """
    require(actor, "interaction.claim", office_id=item.queue.office_id)
    able = roster.known().people.get(person.pk)
    if able is None or item.queue_id not in able.queues:
        text = _("%(name)s doesn't work in %(queue)s. Transfer it to a queue of theirs instead.")
        raise NotThere(text % {"name": person.display_name, "queue": item.queue.name})
    now = timezone.now()
    with transaction.atomic():
        held = hold(item, now, actor, person)
        row, theirs = held.item, held.of(person)
        _refuse_others(row, actor, anybodys=False)
        if kept.is_kept_from(person, row):
            text = _("%(name)s may not read this case. Choose somebody who may, or a queue.")
            raise NotThere(text % {"name": person.display_name})
        if row.family in LIVE and not theirs.takes_work:
            text = _("%(name)s isn't taking contacts now (%(state)s). Choose somebody else or a queue.")
            raise NotThere(text % {"name": person.display_name, "state": theirs.get_routing_display()})
        offers.withdraw(held, now, reason="transferred")
        work_items.check_room(person, row)
        if note and row.interaction is not None:
            interactions.note(interaction=row.interaction, text=note, actor=actor)
        work_items.put_back(row)
        offer = _hand_to(row, theirs, actor, now)
        if actor != person:
            states.settle(held.of(actor), now, freed=True)
        records.record(
            "item.transferred", row, actor, at=now, concerns=(person,), origin=row.queue.slug, to=str(person.public_id)
        )
        if offer is None and row.interaction is not None:  # an offer tells them by itself
            kind = notices.About.TRANSFERRED
            notices.tell(kind, person, interaction=row.interaction, actor=actor, at=now, reason=note)
    item.refresh_from_db()
    return offer


def _hand_to(row: WorkItem, theirs: Presence, actor: User, now: datetime) -> Offer | None:
    exceeds = access.may(actor, "work.exceed")
    if theirs.takes_work:
        offer = offers.make(item_id=row.pk, user_id=theirs.user.pk, at=now, why="transfer", past_capacity=exceeds)
        if offer is None:
            raise NotThere(
                _("%(name)s can't be asked just now. Try again in a moment.") % {"name": theirs.user.display_name}
            )
        return offer
    row.state, row.owner, row.claimed_at = State.CLAIMED, theirs.user, now
    row.save(update_fields=["state", "owner", "claimed_at"])
    states.settle(theirs, now)
    return None


def move(*, items: Sequence[WorkItem], queue: Queue, actor: User, note: str = "", closed_too: bool = False) -> int:
    """A supervisor moves many, whoever has them. Returns how many were still there to move. Raises `Forbidden`, `ClosedQueue`."""
    for office in {item.queue.office_id for item in items}:
        require(actor, "interaction.take-over", office_id=office)
    if not closed_too:
        refuse_closed(queue)
    return sum(_moved(item, queue, actor, note) for item in items)


def _moved(item: WorkItem, queue: Queue, actor: User, note: str) -> bool:
    now = timezone.now()
    with transaction.atomic():
        held = hold(item, now)
        had = held.owner
        try:
            _move(held, queue, actor, now, note=note, anybodys=True)
        except records.NotYours:
            return False  # finished meanwhile
        if had is not None:
            states.settle(had, now, freed=True)
            if held.item.interaction is not None:
                kind = notices.About.MOVED
                notices.tell(kind, had.user, interaction=held.item.interaction, actor=actor, at=now, reason=note)
    return True


def _move(held: Held, queue: Queue, actor: User, now: datetime, *, note: str, anybodys: bool) -> None:
    row = held.item
    _refuse_others(row, actor, anybodys=anybodys)
    if note and row.interaction is not None:
        interactions.note(interaction=row.interaction, text=note, actor=actor)
    offers.withdraw(held, now, reason="transferred")
    before, had = row.queue.slug, row.owner
    row.queue, row.priority, row.entered_at = queue, queue.priority, now
    if row.interaction is not None:
        Interaction.objects.filter(pk=row.interaction.pk).update(queue=queue.slug, office=queue.office)
    work_items.put_back(row)
    concerns = (had,) if had is not None else ()
    left = events.fact("queue.left", actor=actor, at=now, queue=before)
    records.record("item.transferred", row, actor, at=now, concerns=concerns, also=(left,), origin=before)


def _refuse_others(row: WorkItem, actor: User, *, anybodys: bool) -> None:
    """Raises `NotYours` for what has ended, and for what is with somebody else unless it may be anybody's."""
    others = row.owner_id is not None and row.owner_id != actor.pk
    if row.state in WorkItem.ENDED or row.state == State.WRAPPING or (others and not anybodys):
        raise records.not_yours(row)


def refuse_closed(queue: Queue) -> None:
    """Raises `ClosedQueue`."""
    calendar = hours.calendar(queue)
    now = timezone.now()
    if calendar.is_open(now):
        return
    try:
        raise ClosedQueue(queue, calendar.next_opening(now))
    except NeverOpen:
        raise ClosedQueue(queue, None) from None
