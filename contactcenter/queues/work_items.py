"""Waiting, taking, giving back and finishing. One owner at a time: a claim is an UPDATE whose count must be one."""

from datetime import datetime, timedelta
from functools import cache

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.queues import filling_in, hints, kept, match, offers, records, roster, states, wrap_up
from contactcenter.queues.held import hold, item_if_free, presence_if_free
from contactcenter.queues.models import Offer, Presence, Queue, WorkItem
from contactcenter.queues.models.lines import FRONT
from contactcenter.queues.records import AlreadyTaken, NotYours
from contactcenter.routing import matching
from crm import access, events, interactions, writing
from crm.access import require
from crm.models import Event, Interaction, Topic, User
from crm.prepared import PreparedModel

__all__ = ["AlreadyTaken", "NoRoom", "NotYours"]
State = WorkItem.State
SOME = 2_147_000_029  # stands for the interaction in a prepared statement
WAITS_AGAIN = (
    "state", "owner", "claimed_at", "wrap_until", "parked_at", "parked_until", "rank_at", "priority", "queue", "entered_at",
)  # fmt: skip


class NoRoom(Exception):
    """They have as much as they can carry; finishing or parking something makes room."""

    def __init__(self, user: User) -> None:
        super().__init__(
            _("%(name)s has no room for another one. Finish, park or hand over something first.")
            % {"name": user.display_name}
        )


def enqueue(
    *,
    interaction: Interaction,
    queue: Queue,
    priority: int,
    at: datetime,
    why: str = "",
    language: str = "",
    requirements: str = "",
    last_agent: int | None = None,
) -> tuple[WorkItem, Event]:
    """Put an interaction in line, inside the caller's transaction. The caller records the fact that comes back.

    `language` and `requirements`: of whoever takes it. `last_agent`: id of the user who talked with the citizen last.
    """
    item = WorkItem(
        interaction=interaction,
        queue=queue,
        family=interaction.family,
        priority=priority,
        queued_at=at,
        entered_at=at,
        rank_at=queue.rank(priority, at),
        language=language[:2],
        requirements=requirements,
        last_agent_id=last_agent,
        why=why[:200],
    )
    writing.insert(item)
    hints.after_commit(queue)
    return item, events.fact(
        "interaction.queued",
        interaction=interaction,
        at=at,
        queue=queue.slug,
        data={"priority": priority, "family": interaction.family, "language": language[:2]},
    )


def open_item(interaction: Interaction) -> WorkItem | None:
    """With its owner, its queue and the call that was promised. There is one at most."""
    item = _open_of().first(interaction.pk)
    if item is not None:
        item.interaction = interaction
    return item


@cache
def _open_of() -> PreparedModel[WorkItem]:
    """Asked whenever a page of the conversation looks again."""
    rows = WorkItem.objects.filter(interaction=SOME).exclude(state__in=WorkItem.ENDED).order_by()
    return PreparedModel(rows.select_related("owner", "queue", "callback"), SOME)


def is_open(interaction: Interaction) -> bool:
    """Does it wait, or has somebody got it?"""
    return WorkItem.objects.filter(interaction=interaction).exclude(state__in=WorkItem.ENDED).exists()


def claim(*, item: WorkItem, actor: User) -> WorkItem:
    """Take a waiting item, or the one that is being offered to oneself. Claiming one's own again is fine.

    Raises `AlreadyTaken` (with the winner), `NoRoom` (managers may go beyond their slots), `Forbidden`.
    """
    require(actor, "interaction.claim", office_id=item.queue.office_id)
    now = timezone.now()
    with transaction.atomic():
        presence = states.row(actor, now)
        if _offered_to(item, actor):
            return offers.accept(offer=_offered_to(item, actor)[0], actor=actor)
        taken = WorkItem.objects.filter(pk=item.pk, state=State.WAITING).update(
            state=State.CLAIMED, owner=actor, claimed_at=now
        )
        item.refresh_from_db()
        if taken:
            _refuse_picking(item, actor)
            kept.refuse(actor, item)
            check_room(actor, item, of_them=1)
            _claimed(item, actor, _settled(presence, now), now)
        elif item.state == State.OFFERED:
            raise AlreadyTaken(_being_asked(item))
        elif item.owner_id != actor.pk or item.state not in WorkItem.OWNED:
            raise AlreadyTaken(item.owner)
    return item


def _refuse_picking(item: WorkItem, actor: User) -> None:
    """What is only offered isn't picked from the list, but by who may take over. Raises `Forbidden`."""
    queue = item.queue
    if queue.mode == Queue.Mode.PUSH and not access.may(actor, "interaction.take-over", office_id=queue.office_id):
        text = _(
            "%(queue)s is offered in its order, not picked from the list. Set yourself available: it comes to you."
        )
        raise access.Forbidden(text % {"queue": queue.name})


def take_next(*, actor: User) -> WorkItem | None:
    """Take what is next in line for this person; None where nothing is. Raises `Forbidden`.

    Matching and claiming are one atomic step: the first of the line that fits is locked, past what others hold just now.
    """
    require(actor, "interaction.claim")
    now = timezone.now()
    with transaction.atomic():
        presence = states.row(actor, now)
        found = match.lock_next(actor, now)
        if found is None:
            return None
        item, has = found
        item.state, item.owner, item.claimed_at = State.CLAIMED, actor, now
        settled = _settled(presence, now, has.with_own(item.family))
        taken = writing.update(item, "state", "owner", "claimed_at")
        _claimed(item, actor, settled, now, interaction=item.interaction, along=(taken,))
    return item


def _settled(presence: Presence, now: datetime, has: states.Load | None = None) -> states.Settled:
    """Whoever takes something responds."""
    presence.missed = False
    return states.settled(presence, now, has=has)


def _claimed(
    item: WorkItem,
    actor: User,
    settled: states.Settled,
    now: datetime,
    *,
    interaction: Interaction | None = None,
    along: tuple[writing.Write, ...] = (),
) -> None:
    records.record(
        "item.claimed", item, actor, at=now, interaction=interaction, along=along, settled=settled,
        wait=int((now - item.queued_at).total_seconds()), why="picked", promised=[item.promised_low, item.promised_high],
    )  # fmt: skip


def _offered_to(item: WorkItem, user: User) -> list[Offer]:
    return list(Offer.objects.filter(item=item, agent=user, state=Offer.State.PENDING).select_related("item__queue"))


def _being_asked(item: WorkItem) -> User | None:
    offer = Offer.objects.filter(item=item, state=Offer.State.PENDING).select_related("agent").first()
    return offer.agent if offer else None


def check_room(user: User, item: WorkItem, *, of_them: int = 0) -> None:
    """Raises `NoRoom` where one more would be too many. `of_them`: how many of what they have are this item itself.

    Picking may go beyond the slots only with the right to it. The caller holds the person's presence locked.
    """
    if not has_room(user, item, of_them=of_them) and not access.may(user, "work.exceed"):
        raise NoRoom(user)


def has_room(user: User, item: WorkItem, *, of_them: int = 0) -> bool:
    """For one like this, besides what they have; yes for somebody whose slots nobody counts."""
    used = states.load(user).used
    used[item.family] = used.get(item.family, 0) - of_them
    agent = roster.as_agent(user, used)
    return agent is None or matching.has_room(agent, item.family)


def release(*, item: WorkItem, actor: User) -> None:
    """Give it back to the queue, at its original place. Raises `NotYours`."""
    now = timezone.now()
    with transaction.atomic():
        presence = states.row(actor, now)
        row = records.of_owner(item, actor)
        put_back(row)
        states.settle(presence, now, freed=True)
        records.record("item.released", row, actor, at=now)
    item.refresh_from_db()


def put_back(row: WorkItem, *, in_front: bool = False) -> None:
    """Make it wait again with its original time; `in_front` of everything, where the house lost it. Row under lock."""
    row.state, row.owner, row.claimed_at = State.WAITING, None, None
    row.wrap_until = row.parked_at = row.parked_until = None
    row.rank_at = row.queue.rank(row.priority, row.queued_at) - (FRONT if in_front else timedelta())
    row.save(update_fields=WAITS_AGAIN)
    row.companions.filter(left_at__isnull=True).update(left_at=timezone.now())
    hints.after_commit(row.queue)


def finish(
    *,
    item: WorkItem,
    actor: User,
    outcome: str = "",
    topic: Topic | None = None,
    note: str = "",
    based_on: int | None = None,
) -> None:
    """Close the interaction and end the work on it, wrapped up. `topic` None = as it is; `note` is for colleagues.

    Raises `NotYours`, `StaleView`, `Forbidden`, `NotFilledIn` where the queue wants an outcome, a topic or a note, or a
    call is still promised.
    """
    now = timezone.now()
    with transaction.atomic():
        presence = states.row(actor, now)
        row = records.of_owner(item, actor)
        wrap_up.check_called(row)
        outcome = wrap_up.check(
            row.queue, outcome=outcome, has_topic=topic is not None or filling_in.has_topic(row.interaction),
            has_note=bool(note.strip()) or filling_in.has_note(row),
        )  # fmt: skip
        if row.interaction is not None and row.state != State.WRAPPING:
            interactions.close(interaction=row.interaction, actor=actor, reason=outcome, based_on=based_on)
        if row.interaction is not None:
            filling_in.say_besides(row.interaction, actor, topic=topic, note=note)
        wrapped = _end_wrapped(row, now, outcome)
        states.settle(presence, now, freed=True)
        records.record(wrapped, row, actor, at=now, outcome=outcome[:80])
    hints.after_commit()
    item.refresh_from_db()


def close_for_wrap_up(*, item: WorkItem, actor: User, based_on: int | None = None) -> None:
    """End the conversation now and note its outcome within the queue's time to wrap up. Raises as `finish`.

    What the queue wants to know is asked when that time ends by hand; when it runs out, it stays unsaid.
    """
    now = timezone.now()
    with transaction.atomic():
        presence = states.row(actor, now)
        row = records.of_owner(item, actor)
        wrap_up.check_called(row)
        if not row.queue.wrap_up_seconds:
            said = {"has_topic": filling_in.has_topic(row.interaction), "has_note": filling_in.has_note(row)}
            wrap_up.check(row.queue, outcome="", **said)
        if row.interaction is not None:
            interactions.close(interaction=row.interaction, actor=actor, based_on=based_on)
        begin_wrap_up(row, now)
        states.settle(presence, now, freed=row.state == State.DONE)
        records.record("item.wrapping" if row.state == State.WRAPPING else "item.done", row, actor, at=now)
    hints.after_commit()
    item.refresh_from_db()


def begin_wrap_up(row: WorkItem, at: datetime) -> None:
    """The conversation is over: some time for the notes, where the queue gives any. Row under lock."""
    if not row.queue.wrap_up_seconds:
        _done(row, at, "")
        return
    row.state, row.wrap_until = State.WRAPPING, at + timedelta(seconds=row.queue.wrap_up_seconds)
    row.save(update_fields=["state", "wrap_until"])


def end_wrap_ups(now: datetime) -> int:
    """What nobody wrapped up in time is done as it is; what its queue wants to know may be filled in later."""
    due = WorkItem.objects.filter(state=State.WRAPPING, wrap_until__lte=now).select_related("owner")
    return sum(_wrapped(item, now) for item in due.order_by("wrap_until")[: offers.BATCH])


def _wrapped(item: WorkItem, now: datetime) -> bool:
    if item.owner is None:
        return False
    with transaction.atomic():
        presence = presence_if_free(item.owner, now)
        row = item_if_free(item.pk) if presence is not None else None
        if presence is None or row is None:
            return False
        if row.state != State.WRAPPING or row.wrap_until is None or row.wrap_until > now:
            return False
        wrapped = _end_wrapped(row, now, "")
        left = filling_in.unsaid(row) if row.state == State.DONE else []
        if left:
            row.unfilled = True
            row.save(update_fields=["unfilled"])
        states.settle(presence, now, freed=True)
        records.record(
            wrapped, row, None, at=now, concerns=(item.owner,), by="timer", also=_told_unfilled(row, now, left)
        )
    hints.after_commit()
    return True


def _told_unfilled(row: WorkItem, at: datetime, left: list[str]) -> tuple[Event, ...]:
    if not left:
        return ()
    return (events.fact("item.unfilled", interaction=row.interaction, at=at, data={"fields": left}),)


def _end_wrapped(row: WorkItem, at: datetime, outcome: str) -> str:
    """Done; or waiting again where the citizen wrote while it was wrapped up. Gives the name of the fact."""
    wrote = row.state == State.WRAPPING and row.interaction is not None and row.interaction.is_open
    if not wrote:
        _done(row, at, outcome)
        return "item.done"
    row.last_agent, row.outcome = row.owner, outcome[:80]
    row.save(update_fields=["last_agent", "outcome"])
    put_back(row)
    return "item.returned"


def _done(row: WorkItem, at: datetime, outcome: str) -> None:
    row.state, row.ended_at, row.outcome, row.wrap_until = State.DONE, at, outcome[:80], None
    row.save(update_fields=["state", "ended_at", "outcome", "wrap_until"])


def discard(row: WorkItem, at: datetime, outcome: str) -> None:
    """Ended without having been served. Row under lock."""
    _done(row, at, outcome)


def abandon(*, interaction: Interaction, at: datetime) -> bool:
    """The citizen left before anybody came. Inside the caller's transaction. False = none waited.

    Whoever is to be called back may leave: the promise stands.
    """
    waits = [State.WAITING, State.OFFERED]
    item = WorkItem.objects.filter(interaction=interaction, state__in=waits, callback__isnull=True).first()
    held = hold(item, at) if item is not None else None
    if held is None or held.item.state not in waits or held.item.callback_id is not None:
        return False
    offers.withdraw(held, at, reason="abandoned")
    row = held.item
    row.state, row.ended_at = State.ABANDONED, at
    row.save(update_fields=["state", "ended_at"])
    wait = int((at - row.queued_at).total_seconds())
    events.record(events.fact("item.abandoned", interaction=interaction, at=at, data={"wait": wait}))
    return True


def leave_to_owner(*, interaction: Interaction, actor: User) -> WorkItem | None:
    """Two people must not answer the same citizen at once. Raises `NotYours` where somebody else has taken it.

    Gives the open work on it, if there is any.
    """
    item = open_item(interaction)
    if item is not None and item.owner is not None and item.owner_id != actor.pk:
        raise records.not_yours(item)
    return item
