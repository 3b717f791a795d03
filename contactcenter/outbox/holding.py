"""Words that wait before they leave: for a moment in which they can be taken back, or until an hour that was chosen.

The row of the outbox holds the time, and the sweeper is its clock: nothing is kept in memory. Taking back is an UPDATE
whose count must be one, so that either the worker has the message or the agent has it back, never both.
"""

from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Case, F, Q, When
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.outbox.hints import hint
from contactcenter.outbox.models import OutboxItem
from crm import access, audit, events, interactions, messages
from crm.access import require
from crm.models import Interaction, Message, User

UNDO = timedelta(seconds=10)
LONGEST = timedelta(days=365)
State = OutboxItem.State


class TooLate(Exception):
    """It has left the house, or was taken back already."""

    def __init__(self) -> None:
        super().__init__(_("It has left already, so it can't be taken back. Write again to put it right."))


class BadMoment(ValueError):
    """Nothing can be sent then; the sentence says why."""


def check_moment(at: datetime, now: datetime) -> None:
    """Raises `BadMoment`."""
    if at <= now:
        raise BadMoment(_("That moment has passed. Choose a later one, or send it now."))
    if at > now + LONGEST:
        raise BadMoment(_("That is more than a year away. Choose an earlier day."))


def leaves_at() -> Case:
    """For a query of messages: when each that was told to wait is going to leave; None for the others."""
    waits = Q(state=Message.State.QUEUED, outbox_item__state=State.WAITING, outbox_item__attempts=0)
    waits &= Q(outbox_item__next_attempt_at__gt=F("created_at"))
    return Case(When(waits, then="outbox_item__next_attempt_at"))


def withdraw(*, message: Message, actor: User) -> None:
    """Take back what has not left: nobody outside ever sees it. Raises `TooLate`, `Forbidden`."""
    _require(message, actor)
    with transaction.atomic():
        locked = _held(message, state=State.WITHDRAWN, done_at=timezone.now())
        Message.objects.filter(pk=message.pk).update(state=Message.State.WITHDRAWN)
        messages.take_stock(locked)
        _record("message.withdrawn", locked, message, actor)


def send_now(*, message: Message, actor: User) -> None:
    """Don't wait any longer. Raises `TooLate`, `Forbidden`."""
    _require(message, actor)
    with transaction.atomic():
        locked = _held(message, next_attempt_at=timezone.now())
        locked.version += 1
        locked.save(update_fields=["version"])
        _record("message.hurried", locked, message, actor)
        transaction.on_commit(partial(hint, OutboxItem.objects.values_list("pk", flat=True).get(message=message)))


def _require(message: Message, actor: User) -> None:
    """Whoever wrote it, or who may take conversations over."""
    office = message.interaction.office_id
    require(actor, "interaction.reply", office_id=office)
    if message.author_id != actor.pk and not access.may(actor, "interaction.take-over", office_id=office):
        raise access.Forbidden(_("A colleague wrote this. Only they, or a manager, decide when it leaves."))


def _held(message: Message, **change: object) -> Interaction:
    """Change the row that waits; the interaction under lock, which is always taken first. Raises `TooLate`."""
    locked = interactions.lock(message.interaction_id)
    waiting = OutboxItem.objects.filter(
        message=message, state=State.WAITING, attempts=0, message__state=Message.State.QUEUED
    )
    if not OutboxItem.objects.filter(pk__in=list(waiting.values_list("pk", flat=True)), state=State.WAITING).update(
        **change
    ):
        raise TooLate
    return locked


def _record(name: str, locked: Interaction, message: Message, actor: User) -> None:
    events.record(events.fact(name, interaction=locked, actor=actor, data={"seq": message.seq}))
    audit.record(name, **audit.about(locked), actor=actor, data={"seq": message.seq})
