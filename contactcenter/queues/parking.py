"""Putting work aside until a time or an answer. It stays with its owner and takes no slot; then it comes back to them.

What rests without an owner waits for its time alone, and goes back to the line.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.queues import hints, offers, records, states, work_items
from contactcenter.queues.held import item_if_free, presence_if_free
from contactcenter.queues.models import Presence, WorkItem
from crm.models import Interaction, User

State = WorkItem.State


class CannotPark(Exception):
    """The sentence says why."""


def park(*, item: WorkItem, actor: User, until: datetime | None = None) -> None:
    """Until a moment (and no longer than until the citizen writes), or until the citizen writes (`until` None).

    Raises `NotYours`, `CannotPark`.
    """
    now = timezone.now()
    if until is not None and until <= now:
        raise CannotPark(_("That moment is over. Choose a later one."))
    with transaction.atomic():
        presence = states.row(actor, now)
        row = records.of_owner(item, actor)
        if row.state != State.CLAIMED:
            raise CannotPark(_("What is being wrapped up can't be parked. Finish it."))
        if row.family == "call":
            raise CannotPark(_("A call can't be parked here: somebody is on the line."))
        row.state, row.parked_at, row.parked_until = State.PARKED, now, until
        row.save(update_fields=["state", "parked_at", "parked_until"])
        states.settle(presence, now, freed=True)
        records.record("item.parked", row, actor, at=now, until=until.isoformat() if until else "")
    hints.after_commit()
    item.refresh_from_db()


def resume(*, item: WorkItem, actor: User) -> None:
    """Take one's own parked work up again. Raises `NotYours`, `NoRoom`."""
    now = timezone.now()
    with transaction.atomic():
        presence = states.row(actor, now)
        row = records.locked(item)
        if row.state != State.PARKED or row.owner_id != actor.pk:
            raise records.not_yours(row)
        work_items.check_room(actor, row)
        _to_owner(row, presence, now, reason="resumed", by=actor)
    item.refresh_from_db()


def rest(row: WorkItem, at: datetime, until: datetime) -> None:
    """Out of the line until a moment, with nobody. Its place and its time stay. Row under lock; the caller records why."""
    row.state, row.owner, row.claimed_at, row.wrap_until = State.PARKED, None, None, None
    row.parked_at, row.parked_until = at, until
    row.save(update_fields=["state", "owner", "claimed_at", "wrap_until", "parked_at", "parked_until"])
    row.companions.filter(left_at__isnull=True).update(left_at=at)
    hints.after_commit()


def wake(interaction: Interaction, at: datetime) -> None:
    """The citizen answered: what somebody parked, or was wrapping up, is due at once. In the caller's transaction, which
    holds the interaction: a row that somebody is just changing is left to the sweep, for items are locked before
    interactions."""
    rows = WorkItem.objects.select_for_update(skip_locked=True).filter(interaction=interaction, owner__isnull=False)
    for item in rows.filter(state__in=[State.PARKED, State.WRAPPING]):
        due = {"parked_until": at} if item.state == State.PARKED else {"wrap_until": at}
        WorkItem.objects.filter(pk=item.pk).update(**due)
        hints.after_commit()


def wake_due(now: datetime) -> int:
    """What is due goes back to its owner, or to the queue where they aren't there or have no room for it."""
    parked = WorkItem.objects.filter(state=State.PARKED).select_related("owner")
    answered = Q(owner__isnull=False, interaction__awaiting_reply_since__gt=F("parked_at"))
    due = parked.filter(Q(parked_until__lte=now) | answered)
    return sum(_wake(item, now) for item in due.order_by("parked_at")[: offers.BATCH])


def _wake(item: WorkItem, now: datetime) -> bool:
    if item.owner is None:
        return _rested(item, now)
    with transaction.atomic():
        presence = presence_if_free(item.owner, now)
        row = item_if_free(item.pk) if presence is not None else None
        if presence is None or row is None:
            return False
        if row.state != State.PARKED or row.owner is None or row.owner != item.owner:
            return False
        away = presence.status == Presence.Status.OFFLINE or presence.lost
        if away or not work_items.has_room(row.owner, row):
            owner = row.owner
            row.last_agent = owner
            row.save(update_fields=["last_agent"])
            work_items.put_back(row)
            states.settle(presence, now)
            records.record(
                "item.returned", row, None, at=now, concerns=(owner,), reason="parked", had=str(owner.public_id)
            )
        else:
            _to_owner(row, presence, now, reason="due", by=None)
    return True


def _rested(item: WorkItem, now: datetime) -> bool:
    """What rested with nobody waits again."""
    with transaction.atomic():
        row = item_if_free(item.pk)
        if row is None or row.state != State.PARKED or row.owner_id is not None:
            return False
        if row.parked_until is None or row.parked_until > now:
            return False
        work_items.put_back(row)
        records.record("item.returned", row, None, at=now, reason="rested")
    return True


def _to_owner(row: WorkItem, presence: Presence, now: datetime, *, reason: str, by: User | None) -> None:
    row.state, row.parked_at, row.parked_until = State.CLAIMED, None, None
    row.save(update_fields=["state", "parked_at", "parked_until"])
    states.settle(presence, now)
    records.record("item.resumed", row, by, at=now, concerns=(presence.user,), reason=reason)
