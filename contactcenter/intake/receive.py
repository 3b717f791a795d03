"""One event from outside, understood: recorded, routed, queued and announced in one transaction."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import singledispatch

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from channels_adapters.contract import (
    DeliveryUpdate,
    Duplicate,
    Event,
    Ignored,
    InboundMessage,
    MessageEdited,
    Outcome,
    Recorded,
)  # fmt: skip
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake import acknowledge, attach, conversation, html, queueing
from contactcenter.outbox import states
from contactcenter.push import hints as push
from crm import audit, events, messages
from crm.models import ContactPoint, Interaction, Message


class NotHereYet(Exception):
    """News about something that hasn't arrived: the delivery stays and is tried again."""


RACES = 3  # two first messages at once: one loses a unique constraint and finds the other's row
Along = Callable[[Outcome], object]


@dataclass(frozen=True)
class Arrival:
    """Where and when an event reached us."""

    account: ChannelAccount
    at: datetime
    along: Along  # is called in the event's own transaction: both are true, or neither
    wary: bool  # look for an earlier copy before anything is written; else the database's constraints refuse one


def _nothing(outcome: Outcome) -> None: ...


def receive(*, account: ChannelAccount, event: Event, at: datetime, along: Along = _nothing) -> Outcome:
    """`at` is when it reached us. Raises whatever went wrong, with nothing half done."""
    for attempt in range(RACES - 1):
        try:
            return _receive(event, Arrival(account, at, along, wary=attempt > 0))
        except IntegrityError:
            continue
    return _receive(event, Arrival(account, at, along, wary=True))


@singledispatch
def _receive(event: Event, arrival: Arrival) -> Outcome:
    outcome = Ignored(f"{type(event).__name__} needs an open page")
    arrival.along(outcome)
    return outcome


@_receive.register
def _update(event: DeliveryUpdate, arrival: Arrival) -> Outcome:
    outcome: Outcome = Ignored("no message of ours yet: kept for a while")
    with transaction.atomic():
        message = states.apply(account=arrival.account.slug, update=event, at=arrival.at)
        if message is not None:
            outcome = Recorded(interaction=str(message.interaction.public_id), seq=message.seq)
        arrival.along(outcome)
    return outcome


@_receive.register
def _edited(event: MessageEdited, arrival: Arrival) -> Outcome:
    """The sender changed their words. The earlier ones stay readable below, as history."""
    account, at = arrival.account, arrival.at
    with transaction.atomic():
        rows = Message.objects.filter(account=account.slug, external_id=event.external_id)
        interaction_id = rows.values_list("interaction_id", flat=True).first()
        if interaction_id is None:
            raise NotHereYet("The message that was edited hasn't come in yet.")
        locked = conversation.lock(interaction_id)
        message = rows.get()  # read under the lock: two edits at once both count
        message.quoted = f"{message.quoted}\n\n{message.text}".strip()
        message.text = messages.clean(event.text)
        message.remarks = [*message.remarks, "edited"]
        message.save(update_fields=["text", "quoted", "remarks"])
        locked.version += 1
        locked.words_version = locked.version
        locked.save(update_fields=["version", "words_version"])
        events.record(events.fact("message.edited", interaction=locked, at=at, data={"seq": message.seq}))
        outcome = Recorded(interaction=str(locked.public_id), seq=message.seq)
        arrival.along(outcome)
    return outcome


@_receive.register
def _message(event: InboundMessage, arrival: Arrival) -> Outcome:
    safe_html = html.sanitise(event.html)
    with attach.kept(event, arrival.account, arrival.at) as kept:  # files first: no lock is held while they are written
        return _taken_in(event, arrival, kept, safe_html)


def _taken_in(event: InboundMessage, arrival: Arrival, kept: attach.KeptFiles, safe_html: str) -> Outcome:
    with transaction.atomic():
        outcome = _written(event, arrival, kept.files, safe_html)
        arrival.along(outcome)
        if isinstance(outcome, Recorded):
            kept.belong()
    return outcome


def _written(event: InboundMessage, arrival: Arrival, files: list[attach.Kept], safe_html: str) -> Outcome:
    account, at = arrival.account, arrival.at
    point, found = conversation.find(event, account, at)
    if arrival.wary or (found is not None and found.account != account.slug):
        checked = _repeated(event, account, found, point)
        if isinstance(checked, Duplicate):
            return checked
        event = checked
    interaction, opened = (found, False) if found else (conversation.open(event, account, point, at), True)
    conversation.keep_reply_point(event, interaction, point, at)
    message = _record(event, interaction, point, safe_html, at)
    attach.claim(event, message, files, point)
    facts = [events.fact("message.received", interaction=interaction, at=at, data={"seq": message.seq})]
    if opened:
        facts.insert(0, events.fact("interaction.opened", interaction=interaction, at=at))
    facts += queueing.queue(interaction, account, event, at, opened=opened)
    audited = audit.write(
        "message.received",
        subject=f"interaction:{interaction.public_id}",
        actor_label=f"channel:{account.slug}",
        citizen=point.citizen.public_id if point.citizen else None,
    )
    events.record(*facts, along=(audited,))
    if not opened:
        push.after_commit(push.MESSAGE, interaction.pk)
    if acknowledge.is_due(event, account, interaction):
        acknowledge.acknowledge(interaction, account, at)
    return Recorded(interaction=str(interaction.public_id), seq=message.seq, client_id=event.client_id)


def _repeated(
    event: InboundMessage, account: ChannelAccount, found: Interaction | None, point: ContactPoint
) -> Duplicate | InboundMessage:
    """The same message by another delivery, else the message to record. Checked under the interaction's lock, if any.

    An id alone proves nothing where the sender chooses it: somebody else's, or another moment's, is another message,
    and gets an id of its own rather than being taken for a repeat and lost.
    """
    slugs = {account.slug, found.account if found else account.slug}  # a tag may lead to another account's conversation
    known = _known(Message.objects.filter(account__in=slugs, external_id=event.external_id), event.external_id)
    if known is not None and not _same(known, event, point):
        return _repeated(replace(event, external_id=_apart(event, point)), account, found, point)
    if known is None and found is not None:
        known = _known(found.messages.filter(client_id=event.client_id), event.client_id)
    if known is None:
        return event
    return Duplicate(interaction=str(known.interaction.public_id), seq=known.seq, client_id=event.client_id)


def _known(rows: QuerySet[Message], by: str) -> Message | None:
    """The one message in `rows`; None without an id to know it by."""
    told = rows.select_related("interaction").only("interaction__public_id", "seq", "sender", "sent_at", "direction")
    return next(iter(told[:1]), None) if by else None


def _same(known: Message, event: InboundMessage, point: ContactPoint) -> bool:
    if known.direction == Message.Direction.OUT:
        return event.automatic == "own"  # what we sent came back to us
    return known.sender_id == point.pk and known.sent_at == event.sent_at


def _apart(event: InboundMessage, point: ContactPoint) -> str:
    """Always the same for the same message, so that its own repeats are recognised."""
    mark = hashlib.sha256(f"{event.external_id} {point.pk} {event.sent_at}".encode("utf-8", "replace"))
    return f"reused:{mark.hexdigest()}"


def _record(
    event: InboundMessage, interaction: Interaction, point: ContactPoint, safe_html: str, at: datetime
) -> Message:
    remarks = list(event.remarks)
    if event.sender_proof:
        remarks.append(event.sender_proof)
    if interaction.contact_point_id not in (None, point.pk):
        remarks.append("other-sender")  # joined by a thread tag or id, but somebody else wrote it: the agent is told
    return messages.append(
        interaction,
        direction=Message.Direction.IN,
        state=Message.State.RECEIVED,
        at=at,
        external_id=event.external_id[:500],
        client_id=event.client_id[:100],
        sender=point,
        author_name=messages.clean(event.sender.name)[:200],
        subject=messages.clean(event.subject)[:300],
        text=messages.clean(event.text),
        quoted=messages.clean(event.quoted),
        html=safe_html,
        automatic=event.automatic,
        remarks=remarks,
        references=list(event.references)[:50],
        sent_at=event.sent_at,
    )
