"""Promising to call somebody back, and what comes of it.

A citizen who waits too long leaves a number. The same work item goes on waiting as written work, at its original place:
it is offered like any other, so an agent is reserved before anybody dials. Who carries the call is no business of this
file; until the house has telephony, agents dial on their own telephone and say what came of it.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.calls import messages, numbers
from contactcenter.calls.models import MOST_TRIES, Callback
from contactcenter.queues import hints, hours, offers, parking, records, states, work_items
from contactcenter.queues.held import Held, hold, item_if_free
from contactcenter.queues.models import Presence, Queue, WorkItem
from contactcenter.sla.calendars import NeverOpen
from crm import events, interactions
from crm.models import Event, Interaction, User

State, Result = Callback.State, Callback.Result
NEXT_TRY = timedelta(minutes=15)
IN_LINE = (WorkItem.State.WAITING, WorkItem.State.OFFERED)


class NotOffered(Exception):
    """Nobody is to be called back here, or not any more; the sentence says what to do."""


class AlreadyPromised(Exception):
    """Another call to the same number is promised already."""

    def __init__(self) -> None:
        super().__init__(
            _("We have already promised to call this number. Wait for that call, or write another number.")
        )


def ask(*, interaction: Interaction, number: str, language: str = "") -> Callback:
    """Promise a citizen who waits too long to call `number`, as they wrote it; they keep their place.

    The same number again for the same conversation is the same promise.
    Raises `numbers.NoNumber`, `NotOffered`, `AlreadyPromised`.
    """
    now = timezone.now()
    item = _open_item(interaction)
    dialled = numbers.read(number, country_of(item.queue))
    try:
        with transaction.atomic():
            held = hold(item, now)
            if held.item.callback is not None and held.item.callback.is_open:
                return _same(held.item.callback, dialled)
            if held.item.state not in IN_LINE or not held.item.may_ask_to_be_called:
                raise _not_offered()
            return _promise(held, dialled, language[:2], now)
    except IntegrityError:
        raise AlreadyPromised from None


def _same(known: Callback, number: str) -> Callback:
    if known.number != number:
        raise NotOffered(_("We have promised to call another number. Take that back first."))
    return known


def _promise(held: Held, number: str, language: str, now: datetime) -> Callback:
    row = held.item
    interaction = _interaction(row)
    offers.withdraw(held, now, reason="callback")
    row.callback = Callback.objects.create(
        interaction=interaction, citizen=interaction.citizen, queue=row.queue, number=number,
        language=language or interaction.language[:2], asked_at=now, since=min(row.queued_at, now),
        not_before=_when(row.queue, now),
    )  # fmt: skip
    row.family = "written"
    row.save(update_fields=["callback", "family"])
    work_items.put_back(row)
    if row.callback.not_before > now:
        parking.rest(row, now, row.callback.not_before)
    records.record("callback.asked", row, None, at=now, until=row.callback.not_before.isoformat(), **_of(row.callback))
    return row.callback


def withdraw(*, interaction: Interaction) -> None:
    """The citizen would rather wait here: back into the live line, at the original place. Raises `NotOffered`."""
    now = timezone.now()
    item = _open_item(interaction)
    with transaction.atomic():
        held = hold(item, now)
        row = held.item
        if row.callback is None or not row.is_to_call:
            raise _not_offered()
        if row.owner_id is not None:
            raise NotOffered(_("An agent has your call already. Write here what they should know."))
        offers.withdraw(held, now, reason="callback")
        promise = row.callback
        _end(promise, State.WITHDRAWN, now)
        row.callback, row.family = None, _interaction(row).family
        row.save(update_fields=["callback", "family"])
        work_items.put_back(row)
        records.record("callback.withdrawn", row, None, at=now, by="citizen", **_of(promise))


def rather_in_writing(*, interaction: Interaction) -> None:
    """Whoever was asked takes an answer in writing, as where a queue turns chats into messages. Raises `NotOffered`."""
    now = timezone.now()
    item = _open_item(interaction)
    with transaction.atomic():
        held = hold(item, now)
        row = held.item
        if row.state not in IN_LINE or not row.may_ask_to_be_called:
            raise _not_offered()
        offers.withdraw(held, now, reason="callback")
        row.family = "written"
        row.save(update_fields=["family"])
        work_items.put_back(row)
        records.record("item.overflowed", row, None, at=now, origin=row.queue.slug, to=Queue.Overflow.MESSAGE)


# --- what an agent says ------------------------------------------------------------------------------------------------


def tell(*, item: WorkItem, actor: User, result: str, based_on: int | None = None) -> Callback:
    """What came of dialling, said by whoever has it: one of `Result`.

    Reached: the promise is kept, and the contact goes on to be wrapped up. No answer: out of their hands, tried again in
    15 minutes or when the queue is open; after three tries, or with a wrong number, it is given up, the citizen is told
    where a channel reaches them, and the contact stays with the agent. Raises `NotYours`, `NotOffered`, `StaleView`.
    """
    if result not in Result.values or not result:
        raise ValueError(result)
    now = timezone.now()
    with transaction.atomic():
        presence, row, locked, promise = _in_hand(item, actor, now, based_on)
        promise.tries, promise.result, promise.tried_at = promise.tries + 1, result, now
        tried = _fact("callback.tried", row, actor, now, promise)
        if result == Result.REACHED:
            _end(promise, State.KEPT, now)
            wait = int((now - promise.since).total_seconds())
            records.record("callback.kept", row, actor, at=now, also=(tried,), wait=wait, **_of(promise))
        elif result == Result.WRONG_NUMBER or promise.tries >= MOST_TRIES:
            _end(promise, State.GIVEN_UP, now)
            told = messages.given_up(locked, promise, now)
            records.record("callback.given_up", row, actor, at=now, also=(tried,), told=told, **_of(promise))
        else:
            _try_later(presence, row, promise, actor, now)
    item.refresh_from_db()
    return promise


def _try_later(presence: Presence, row: WorkItem, promise: Callback, actor: User, now: datetime) -> None:
    promise.not_before = _when(row.queue, now + NEXT_TRY)
    promise.save(update_fields=["tries", "result", "tried_at", "not_before"])
    row.last_agent = actor
    row.save(update_fields=["last_agent"])
    parking.rest(row, now, promise.not_before)
    states.settle(presence, now, freed=True)
    records.record("callback.tried", row, actor, at=now, until=promise.not_before.isoformat(), **_of(promise))


def drop(*, item: WorkItem, actor: User, based_on: int | None = None) -> None:
    """No call is needed any more; the contact stays with the agent. Raises as `tell`."""
    now = timezone.now()
    with transaction.atomic():
        _presence, row, _locked, promise = _in_hand(item, actor, now, based_on)
        _end(promise, State.WITHDRAWN, now)
        records.record("callback.withdrawn", row, actor, at=now, by="agent", **_of(promise))
    item.refresh_from_db()


def _in_hand(
    item: WorkItem, actor: User, now: datetime, based_on: int | None
) -> tuple[Presence, WorkItem, Interaction, Callback]:
    """Everything under lock, in the usual order."""
    presence = states.row(actor, now)
    row = records.of_owner(item, actor)
    if row.callback is None or not row.is_to_call:
        raise NotOffered(_("No call is promised here any more."))
    locked = interactions.lock(_interaction(row).pk)
    interactions.check_version(locked, based_on)
    return presence, row, locked, row.callback


# --- what the clock brings about ---------------------------------------------------------------------------------------


def rest_closed(now: datetime) -> int:
    """What is to be called and waits in a queue that has closed rests until it opens. Returns how many."""
    rows = WorkItem.objects.filter(state=WorkItem.State.WAITING, callback__state=State.WAITING)
    closed: dict[int, datetime] = {}
    for queue in Queue.objects.filter(pk__in=rows.order_by().values("queue")).select_related("calendar"):
        until = _when(queue, now)
        if until > now:
            closed[queue.pk] = until
    due = rows.filter(queue__in=closed).order_by("queued_at")[: offers.BATCH]
    return sum(_rest(item, closed[item.queue_id], now) for item in due)


def _rest(item: WorkItem, until: datetime, now: datetime) -> bool:
    with transaction.atomic():
        row = item_if_free(item.pk)
        if row is None or row.state != WorkItem.State.WAITING or row.callback is None or not row.is_to_call:
            return False
        Callback.objects.filter(pk=row.callback.pk).update(not_before=until)
        parking.rest(row, now, until)
        records.record("item.rested", row, None, at=now, until=until.isoformat(), reason="closed")
    return True


def let_go(now: datetime) -> int:
    """A promise whose contact ended some other way (spam, merged) binds nobody any more. Returns how many."""
    kept = WorkItem.objects.exclude(state__in=WorkItem.ENDED).filter(callback__isnull=False).values("callback")
    left = Callback.objects.filter(state=State.WAITING).exclude(pk__in=kept).select_related("interaction", "queue")
    return sum(_let_go(promise, now) for promise in left[: offers.BATCH])


def _let_go(promise: Callback, now: datetime) -> bool:
    with transaction.atomic():
        if not Callback.objects.filter(pk=promise.pk, state=State.WAITING).update(state=State.WITHDRAWN, ended_at=now):
            return False
        events.record(
            events.fact("callback.withdrawn", interaction=promise.interaction, at=now, queue=promise.queue.slug,
                        data={"by": "house", **_of(promise)})
        )  # fmt: skip
    return True


# --- how it is done ----------------------------------------------------------------------------------------------------


def country_of(queue: Queue) -> str:
    """Where a number without + belongs: the country whose holidays the queue keeps, else the installation's."""
    return (queue.calendar.holidays if queue.calendar is not None else "") or settings.COUNTRY


def _open_item(interaction: Interaction) -> WorkItem:
    item = work_items.open_item(interaction)
    if item is None:
        raise _not_offered()
    return item


def _not_offered() -> NotOffered:
    return NotOffered(_("A call can't be asked for here any more. Write here, and we answer."))


def _when(queue: Queue, at: datetime) -> datetime:
    """`at`, or when the queue opens after it. A queue that never opens keeps nobody from calling."""
    try:
        return hours.next_open(queue, at)
    except NeverOpen:
        return at


def _end(promise: Callback, state: str, at: datetime) -> None:
    promise.state, promise.ended_at = state, at
    promise.save(update_fields=["state", "ended_at", "tries", "result", "tried_at"])
    hints.after_commit()


def _interaction(row: WorkItem) -> Interaction:
    if row.interaction is None:
        raise _not_offered()
    return row.interaction


def _of(promise: Callback) -> dict[str, Any]:
    """For the log. Not the number: facts outlive what citizens may have erased."""
    return {"callback": promise.pk, "tries": promise.tries, "result": promise.result}


def _fact(name: str, row: WorkItem, actor: User, at: datetime, promise: Callback) -> Event:
    return events.fact(name, interaction=row.interaction, actor=actor, at=at, queue=row.queue.slug, data=_of(promise))
