"""Offering a contact to one person: made, accepted, declined, expired or withdrawn. An offer ends exactly once."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from functools import cache

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.push import hints as push
from contactcenter.queues import hints, kept, records, roster, states
from contactcenter.queues.held import Held, item_if_free, presence_if_free
from contactcenter.queues.models import Offer, Presence, WorkItem
from contactcenter.routing import matching
from crm import events, writing
from crm.access import require
from crm.models import User
from crm.prepared import PreparedModel

State = WorkItem.State
BATCH = 200
SOME = 2_147_000_069  # stands for an offer in the prepared statement


class OfferGone(Exception):
    """It expired, was withdrawn, or was never theirs; the sentence says what to do."""

    def __init__(self) -> None:
        super().__init__(_("This offer is over: it was answered too late or taken back. The next one comes by itself."))


class Elsewhere(Exception):
    """The contact doesn't wait any more, or another has it in hand just now: there is nothing to ask anybody."""


def make(
    *, item_id: int, user_id: int, at: datetime, why: str, step: int = 0, past_capacity: bool = False
) -> Offer | None:
    """Ask one person. None where that one changed meanwhile and can't be asked any more. Raises `Elsewhere`.

    One atomic step: the presence is locked (skipped where another matcher holds it), room is counted again under that
    lock, and the item changes hands by a conditional update.
    """
    with transaction.atomic():
        rows = Presence.objects.select_for_update(skip_locked=True, of=("self",)).select_related("user")
        presence = rows.filter(user=user_id).first()
        if presence is None or not presence.takes_work or not presence.user.is_active:
            return None
        item = item_if_free(item_id)
        if item is None or item.state != State.WAITING:
            raise Elsewhere
        agent = roster.as_agent(presence.user, states.load(presence.user).used)
        if agent is None or not (past_capacity or matching.has_room(agent, item.family)):
            return None
        if kept.is_kept_from(presence.user, item):
            return None
        item.state = State.OFFERED
        item.save(update_fields=["state"])
        offer = Offer.objects.create(
            item=item, agent=presence.user, why=why, step=step, made_at=at,
            expires_at=at + roster.offer_lasts(item.queue_id, item.family),
        )  # fmt: skip
        _tell("offer.made", offer, presence, at, why=why, step=step)
        push.after_commit(push.OFFER, item.interaction_id, [presence.user_id])
    return offer


def accept(*, offer: Offer, actor: User) -> WorkItem:
    """Take what is offered. Raises `OfferGone` when it is too late, `Forbidden`."""
    now = timezone.now()
    with transaction.atomic():
        presence = states.row(actor, now)
        found = _pending().first(offer.pk)
        if found is None or found.agent_id != actor.pk or found.expires_at <= now:
            raise OfferGone
        item = records.locked(WorkItem(pk=found.item_id))
        require(actor, "interaction.claim", office_id=item.queue.office_id)
        kept.refuse(actor, item)
        found.state, found.ended_at = Offer.State.ACCEPTED, now
        item.state, item.owner, item.claimed_at = State.CLAIMED, actor, now
        presence.missed = False
        settled = states.settled(presence, now, has=_with_accepted(states.load(actor), item.family))
        changed = writing.update(found, "state", "ended_at"), writing.update(item, "state", "owner", "claimed_at")
        wait = int((now - item.queued_at).total_seconds())
        records.record(
            "item.claimed", item, actor, at=now, interaction=item.interaction, along=changed, settled=settled,
            wait=wait, offer=found.pk, why=found.why, step=found.step,
            promised=[item.promised_low, item.promised_high],
        )  # fmt: skip
    offer.state, offer.ended_at = found.state, now
    return item


@cache
def _pending() -> PreparedModel[Offer]:
    """One offer that is open, under lock: it ends exactly once."""
    rows = Offer.objects.select_for_update().filter(pk=SOME, state=Offer.State.PENDING)
    return PreparedModel(rows.order_by(), SOME)


def _with_accepted(has: states.Load, family: str) -> states.Load:
    """What they have once an offer of theirs became work; it was counted before either was written."""
    offered = Counter(has.offered)
    offered.subtract([family])
    return replace(has.with_own(family), offered=+offered)


def decline(*, offer: Offer, actor: User) -> None:
    """Not me, not now: back to its place, and for two minutes it is offered to others. Raises `OfferGone`."""
    now = timezone.now()
    with transaction.atomic():
        presence = states.row(actor, now)
        _end(offer, Offer.State.DECLINED, now, agent=actor)
        presence.missed = False
        _put_back(offer, presence, "offer.declined", now)


def expire_due(now: datetime) -> int:
    """Offers that nobody answered in time go back to their place; whom they were made to doesn't respond."""
    due = Offer.objects.filter(state=Offer.State.PENDING, expires_at__lte=now).select_related("agent", "item")
    return sum(_expire(offer, now) for offer in due.order_by("expires_at")[:BATCH])


def _expire(offer: Offer, now: datetime) -> bool:
    try:
        with transaction.atomic():
            presence = presence_if_free(offer.agent, now)
            if presence is None:
                return False
            _end(offer, Offer.State.EXPIRED, now)
            presence.missed = True
            _put_back(offer, presence, "offer.expired", now)
    except OfferGone:
        return False  # answered at the last moment
    return True


def rescind(offer: Offer, presence: Presence, at: datetime, *, reason: str) -> None:
    """Withdraw it from somebody who went away, without blame. The caller holds the presence and settles it."""
    _end(offer, Offer.State.RESCINDED, at)
    WorkItem.objects.filter(pk=offer.item_id, state=State.OFFERED).update(state=State.WAITING)
    item = WorkItem.objects.select_related("interaction", "queue").get(pk=offer.item_id)
    offer.item = item
    events.record(_fact("offer.rescinded", offer, at, reason=reason), also=(records.person(presence.user.public_id),))
    hints.after_commit(item.queue)


def withdraw(held: Held, at: datetime, *, reason: str) -> None:
    """The contact itself is gone or goes elsewhere: whoever was being asked is free again. The item stays as it is."""
    if held.offer is None:
        return
    _end(held.offer, Offer.State.RESCINDED, at)
    _tell("offer.rescinded", held.offer, held.of(held.offer.agent), at, reason=reason)


def pending_of(user: User) -> list[Offer]:
    rows = Offer.objects.filter(agent=user, state=Offer.State.PENDING)
    return list(rows.select_related("item__interaction", "item__queue").order_by("made_at"))


def _end(offer: Offer, state: str, at: datetime, **only: object) -> None:
    """Raises `OfferGone` unless this call is the one that ends it."""
    rows = Offer.objects.filter(pk=offer.pk, state=Offer.State.PENDING, **only)
    if not rows.update(state=state, ended_at=at):
        raise OfferGone
    offer.state, offer.ended_at = state, at


def _put_back(offer: Offer, presence: Presence, fact: str, at: datetime) -> None:
    item = records.locked(offer.item)
    if item.state == State.OFFERED:
        item.state = State.WAITING
        item.save(update_fields=["state"])
    offer.item = item
    _tell(fact, offer, presence, at)
    hints.after_commit(item.queue)


def _tell(name: str, offer: Offer, presence: Presence, at: datetime, **data: object) -> None:
    states.settle(presence, at)
    events.record(_fact(name, offer, at, **data), also=(records.person(presence.user.public_id),))


def _fact(name: str, offer: Offer, at: datetime, **data: object) -> events.Event:
    item = offer.item
    return events.fact(
        name, interaction=item.interaction, actor=offer.agent, at=at, queue=item.queue.slug,
        data={"offer": offer.pk, "family": item.family, **data},
    )  # fmt: skip
