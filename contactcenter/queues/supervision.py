"""What a supervisor does in a conversation of somebody else: watch it, seen by the agent, and take it over."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.queues import notices, offers, records, states
from contactcenter.queues.held import hold
from contactcenter.queues.models import Notice, WorkItem
from contactcenter.queues.models.together import REASON_LENGTH
from crm import access, events, interactions
from crm.models import Interaction, User

PURPOSE = "supervision"
State = WorkItem.State


class CannotTakeOver(Exception):
    """The sentence says why."""


def watch(*, interaction: Interaction, actor: User) -> None:
    """Look into it to supervise: recorded with that purpose, and told among its facts. Raises `Forbidden`, `NotVisible`."""
    access.get(actor, Interaction.objects.all(), pk=interaction.pk)
    access.require(actor, "interaction.watch", office_id=interaction.office_id)
    with transaction.atomic():
        interactions.record_look(interaction, actor, PURPOSE)
        events.record(events.fact("interaction.watched", interaction=interaction, actor=actor))


def take_over(*, item: WorkItem, actor: User, reason: str, based_on: int | None = None) -> WorkItem:
    """It is the supervisor's from now on, whoever had it; who had it reads why. Past one's slots: the right allows it.

    Raises `Forbidden`, `CannotTakeOver`, `NotYours` for what has ended, `StaleView`.
    """
    access.require(actor, "interaction.take-over", office_id=item.queue.office_id)
    words = reason.replace("\x00", "").strip()[:REASON_LENGTH]
    if not words:
        raise CannotTakeOver(_("Say why you take it over: whoever had it will read it."))
    now = timezone.now()
    with transaction.atomic():
        held = hold(item, now, actor)
        row, had = held.item, held.owner
        _refuse(row, actor, based_on)
        offers.withdraw(held, now, reason="taken-over")
        _become_owner(row, actor, now)
        for presence in held.presences.values():
            states.settle(presence, now, freed=presence is had)
        people = (had.user,) if had is not None else ()
        origin = str(had.user.public_id) if had is not None else ""
        records.record("item.taken_over", row, actor, at=now, concerns=people, had=origin)
        if row.interaction is not None:
            kind = Notice.About.TAKEN_OVER
            notices.tell(kind, *people, interaction=row.interaction, actor=actor, at=now, reason=words)
    item.refresh_from_db()
    return item


def _refuse(row: WorkItem, actor: User, based_on: int | None) -> None:
    if row.state in WorkItem.ENDED or row.state == State.WRAPPING:
        raise records.not_yours(row)
    if row.owner_id == actor.pk:
        raise CannotTakeOver(_("This is with you already."))
    if row.interaction is not None:
        interactions.check_version(interactions.lock(row.interaction.pk), based_on)


def _become_owner(row: WorkItem, actor: User, now: datetime) -> None:
    """What was put aside is taken up; whoever helped goes on helping."""
    row.state, row.owner, row.claimed_at = State.CLAIMED, actor, now
    row.parked_at = row.parked_until = None
    row.save(update_fields=["state", "owner", "claimed_at", "parked_at", "parked_until"])
    row.companions.filter(user=actor, left_at=None).update(left_at=now)
