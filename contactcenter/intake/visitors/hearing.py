"""What a citizen's page says, understood: each event becomes notices for that page. Socket and HTTP share it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import singledispatch

from django.utils import timezone
from django.utils.translation import gettext as _

from channels_adapters.contract import (
    Accepted,
    Arrived,
    Duplicate,
    Ended,
    Event,
    FetchRange,
    Gap,
    InboundMessage,
    LiveAdapter,
    Notice,
    Outcome,
    Ping,
    Pong,
    RawRequest,
    Recorded,
    Refused,
    Seen,
    StateChanged,
    Typing,
    Undeliverable,
    Unparseable,
)
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake import accept, caps
from contactcenter.intake.caps import Cap
from contactcenter.intake.visitors import away, conversation, entry, idle, limits
from contactcenter.intake.visitors.models import VisitorSession
from contactcenter.outbox import states
from crm import announce, prepared
from crm.models import Interaction, Message

TALKS_AGAIN = f"UPDATE {VisitorSession._meta.db_table} SET ended_at = NULL WHERE id = %s AND ended_at IS NOT NULL"  # nosec B608


@dataclass(frozen=True)
class Speaker:
    """Whose page says it, and what exactly it said."""

    account: ChannelAccount
    adapter: LiveAdapter
    session: VisitorSession
    source: str  # whom to count it for
    raw: RawRequest


def hear(speaker: Speaker) -> list[Notice]:
    """Everything in one frame, stored where it must be stored. Never raises for what the page did wrong."""
    try:
        events = speaker.adapter.parse(speaker.raw)
        return [notice for event in events for notice in _answer(event, speaker)]
    except Unparseable as error:
        return [Refused("unreadable", str(error), client_id=error.client_id)]


@singledispatch
def _answer(event: Event, speaker: Speaker) -> list[Notice]:
    return []  # nothing that a page may say


@_answer.register
def _message(event: InboundMessage, speaker: Speaker) -> list[Notice]:
    try:
        caps.caps(
            Cap(f"message:{speaker.session.pk}", *limits.MESSAGES_PER_VISITOR),
            Cap(f"message:{speaker.source}", *limits.MESSAGES_PER_SOURCE),
            Cap(f"message:account:{speaker.account.slug}", *limits.MESSAGES_PER_ACCOUNT),
        )
    except caps.TooMany as error:
        text = _("That was too much at once. It is sent again in %(n)d seconds.") % {"n": error.retry_after}
        return [Refused("too-fast", text, error.retry_after, event.client_id)]
    if refusal := entry.objection(event, speaker.account, speaker.adapter, speaker.session):
        return [refusal]
    _talks_again(speaker.session)
    answer = accept.accept(speaker.account, speaker.raw)
    return [notice for outcome in answer.outcomes for notice in _told(outcome, event, answer.at)]


def _talks_again(session: VisitorSession) -> None:
    """Whoever ended, or was silent for too long, and writes all the same is in conversation again."""
    with prepared.cursor() as cursor:  # at each message, and nearly always for nothing
        cursor.execute(TALKS_AGAIN, [session.pk])
    session.ended_at = None


def _told(outcome: Outcome, event: InboundMessage, at: datetime) -> list[Notice]:
    """What wasn't understood yet isn't confirmed: the page sends it again, and by then it is. `at`: when it came in."""
    if isinstance(outcome, Undeliverable):
        return [Refused("unreadable", outcome.reason, client_id=event.client_id)]
    if isinstance(outcome, Recorded):
        return [Accepted(event.client_id, outcome.seq, at)]
    if not isinstance(outcome, Duplicate) or not outcome.seq:
        return []
    rows = Message.objects.filter(interaction__public_id=outcome.interaction, seq=outcome.seq)
    first = rows.values_list("created_at", flat=True).first()
    return [Accepted(event.client_id, outcome.seq, first)] if first else []


@_answer.register
def _arrived(event: Arrived, speaker: Speaker) -> list[Notice]:
    _reach(speaker, event.seq, Message.State.DELIVERED)
    return []


@_answer.register
def _seen(event: Seen, speaker: Speaker) -> list[Notice]:
    _reach(speaker, event.seq, Message.State.READ)
    return []


def _reach(speaker: Speaker, seq: int, state: str) -> None:
    interaction = conversation.interaction_of(speaker.session)
    if interaction is not None and seq:
        states.reach(interaction=interaction, seq=min(seq, interaction.last_seq), state=state)


@_answer.register
def _typing(event: Typing, speaker: Speaker) -> list[Notice]:
    """Goes to whoever has the conversation open, and is forgotten."""
    idle.stirred(speaker.session, timezone.now())
    interaction = conversation.interaction_of(speaker.session)
    if event.on and interaction is not None and interaction.status == Interaction.Status.OPEN:
        topic = interaction.topic_group
        announce.say(topic, {"type": "typing", "topic": topic, "who": "visitor", "name": ""})
    return []


@_answer.register
def _range(event: FetchRange, speaker: Speaker) -> list[Notice]:
    now = conversation.situation(speaker.session)
    said = conversation.said(speaker.session, now, after=max(0, event.first - 1), up_to=event.last)
    cut = len(said) == conversation.REPLAY and said[-1].seq < event.last
    return [*said, Gap(said[-1].seq + 1, event.last)] if cut else list(said)


@_answer.register
def _ping(event: Ping, speaker: Speaker) -> list[Notice]:
    return [Pong(event.n)]


@_answer.register
def _ended(event: Ended, speaker: Speaker) -> list[Notice]:
    away.end(speaker.session)
    return [StateChanged("closed")]
