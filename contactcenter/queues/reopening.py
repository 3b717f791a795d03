"""Closed, and taken up again by hand; and what is rubbish, out of the line."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.queues import hints, offers, records, rulebook, states, work_items
from contactcenter.queues.held import Held, hold
from contactcenter.queues.models import Queue, WorkItem
from contactcenter.queues.work_items import NoRoom
from crm import events, interactions
from crm.access import Forbidden
from crm.interactions import StillOpen
from crm.models import Interaction, User

SPAM = "spam"  # the outcome of what was none of our business


def reopen(*, interaction: Interaction, actor: User) -> bool:
    """Take a closed conversation up again: it is theirs where they have room, else it waits. True = it is theirs.

    What they were wrapping up themselves is simply theirs again.
    Raises `Forbidden`, `StillOpen`, `GoesOnElsewhere`, `NotYours` while somebody else wraps it up.
    """
    now = timezone.now()
    with transaction.atomic():
        item = work_items.open_item(interaction)
        held = hold(item, now, actor) if item is not None else None
        locked = interactions.lock(interaction.pk)
        interactions.reopen_by_hand(locked, actor)
        if held is not None:
            _unwrap(held, actor, now)
            return True
        fresh = _line_up(locked, actor, now)
    try:
        work_items.claim(item=fresh, actor=actor)
    except (NoRoom, Forbidden):
        return False
    return True


def _unwrap(held: Held, actor: User, now: datetime) -> None:
    row = held.item
    if row.owner_id != actor.pk:
        raise records.not_yours(row)
    if row.state != WorkItem.State.WRAPPING:
        raise StillOpen
    row.state, row.wrap_until = WorkItem.State.CLAIMED, None
    row.save(update_fields=["state", "wrap_until"])
    states.settle(held.of(actor), now)
    records.record("item.unwrapped", row, actor, at=now)


def _line_up(locked: Interaction, actor: User, now: datetime) -> WorkItem:
    queue = rulebook.known().queues.get(locked.queue)
    if queue is None or not queue.active:
        raise Forbidden(_("Its queue is no longer in use. Open a case, or write to the person anew."))
    return line_up(locked, queue, actor, now, why=_("reopened by %(name)s") % {"name": actor.display_name})


def line_up(locked: Interaction, queue: Queue, actor: User, now: datetime, *, why: str) -> WorkItem:
    """It waits in `queue` from now on, because somebody said so. In the caller's transaction."""
    item, queued = work_items.enqueue(
        interaction=locked, queue=queue, priority=queue.priority, at=now, why=why, language=locked.language,
        last_agent=actor.pk,
    )  # fmt: skip
    events.record(queued)
    return item


def put_away(held: Held, actor: User, now: datetime, *, outcome: str) -> None:
    """The work on it ends without having been served. In the caller's transaction."""
    offers.withdraw(held, now, reason=outcome)
    work_items.discard(held.item, now, outcome)
    states.settle(held.of(actor), now, freed=held.item.owner_id == actor.pk)
    records.record("item.discarded", held.item, actor, at=now, outcome=outcome)


def mark_spam(*, interaction: Interaction, actor: User, based_on: int | None = None) -> None:
    """Out of the line and closed. Whoever has it says so, or anybody while it waits.

    Raises `Forbidden`, `NotYours`, `StaleView`.
    """
    now = timezone.now()
    with transaction.atomic():
        item = work_items.open_item(interaction)
        held = hold(item, now, actor) if item is not None else None
        if held is not None and held.item.owner_id not in (None, actor.pk):
            raise records.not_yours(held.item)
        interactions.mark_spam(interaction=interaction, actor=actor, based_on=based_on)
        if held is not None:
            put_away(held, actor, now, outcome=SPAM)
    hints.after_commit()
