"""Opening, reading and closing a contact episode."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import audit, events, messages
from crm.access import get, require
from crm.models import Interaction, Message, Topic, User
from crm.prepared import PreparedModel


class StaleView(Exception):
    """Somebody acted on a screen that wasn't up to date. Carries the version that is true now."""

    def __init__(self, interaction: Interaction) -> None:
        super().__init__(_("This conversation changed while you were writing. Read what came in, then send again."))
        self.interaction = interaction


class IdTaken(Exception):
    """A client id that stands for other words already: taking it for a repeat would lose what was just written."""

    def __init__(self) -> None:
        super().__init__(_("This client_id stands for another message here. Choose a new one, then send again."))


class StillOpen(Exception):
    """There is nothing to reopen."""

    def __init__(self) -> None:
        super().__init__(_("This conversation is open already."))


class GoesOnElsewhere(Exception):
    """The same person writes in a newer conversation: two at once on one thread would tear them apart."""

    def __init__(self) -> None:
        super().__init__(_("This person has a newer conversation that is still open. Go on there."))


class MergedAway(GoesOnElsewhere):
    """Its words are in another conversation now; nothing is left to take up."""

    def __init__(self) -> None:
        Exception.__init__(
            self, _("This conversation was merged into another one. Go on there, or split it off again.")
        )


class AlreadyClosed(Exception):
    """The interaction has ended; it can't take this any more."""


def lock_first(*, along: Sequence[str] = ("contact_point", "citizen", "case"), **lookup: object) -> Interaction | None:
    """The interaction that fits (`lookup` names one at most), under lock. Must run inside a transaction.

    `along`: what is read with it; the rest is read when it is asked for.
    """
    return _locking(tuple(along), tuple(lookup)).first(*lookup.values())


@cache
def _locking(along: tuple[str, ...], names: tuple[str, ...]) -> PreparedModel[Interaction]:
    """Asked by these columns. Without a limit: a plan that is kept must not believe that one lies ahead anywhere."""
    places = [2_147_000_023 if name == "pk" else f"@{name}" for name in names]
    rows = Interaction.objects.select_for_update(of=("self",)).filter(**dict(zip(names, places, strict=True)))
    return PreparedModel(rows.select_related(*along), *places)


def lock(pk: int) -> Interaction:
    """The interaction under lock. Must run inside a transaction. Raises `Interaction.DoesNotExist`."""
    locked = lock_first(pk=pk)
    if locked is None:
        raise Interaction.DoesNotExist
    return locked


def check_version(interaction: Interaction, based_on: int | None) -> None:
    """Raises `StaleView` when the screen's version isn't the row's. None = the caller has no screen."""
    if based_on is not None and based_on != interaction.version:
        raise StaleView(interaction)


def check_words(interaction: Interaction, based_on: int | None) -> None:
    """Raises `StaleView` when something was said since the screen's version, or when no such version ever was.

    That a message left or a case was opened is no reason to make somebody read again before they answer.
    """
    if based_on is not None and not interaction.words_version <= based_on <= interaction.version:
        raise StaleView(interaction)


def read(*, user: User, public_id: object, purpose: str = "") -> Interaction:
    """Open a conversation under the person's rights; the look is recorded. Raises `NotVisible`."""
    rows = Interaction.objects.select_related("citizen", "contact_point", "case", "office", "topic")
    interaction = get(user, rows, public_id=public_id)
    record_look(interaction, user, purpose)
    return interaction


def record_look(interaction: Interaction, user: User, purpose: str = "") -> None:
    audit.record("interaction.read", **audit.about(interaction), actor=user, purpose=purpose)


def repeated(locked: Interaction, client_id: str, *, direction: str, author: User) -> Message | None:
    """What the same person wrote here under the same id before; None for something new. Raises `IdTaken`."""
    known = locked.messages.filter(client_id=client_id).first() if client_id else None
    if known is not None and (known.direction != direction or known.author_id != author.pk):
        raise IdTaken
    return known


def note(
    *, interaction: Interaction, text: str, actor: User, client_id: str = "", at: datetime | None = None
) -> Message:
    """Write an internal note, unseen by the citizen. The same `client_id` twice is one note.

    Raises `Forbidden`, `IdTaken`.
    """
    require(actor, "interaction.note", office_id=interaction.office_id)
    with transaction.atomic():
        locked = lock(interaction.pk)
        written = repeated(locked, client_id, direction=Message.Direction.NOTE, author=actor)
        if written is None:
            written = messages.append(
                locked,
                direction=Message.Direction.NOTE,
                state=Message.State.RECEIVED,
                at=at or timezone.now(),
                text=messages.clean(text),
                author=actor,
                author_name=actor.display_name,
                client_id=client_id,
            )
            events.record(events.fact("note.written", interaction=locked, actor=actor, data={"seq": written.seq}))
            _audit("note.written", locked, actor)
        interaction.version, interaction.last_seq = locked.version, locked.last_seq
    return written


def set_topic(*, interaction: Interaction, topic: Topic, actor: User) -> None:
    """Say what it is about; the same again does nothing. Raises `Forbidden`."""
    require(actor, "interaction.note", office_id=interaction.office_id)
    if interaction.topic_id == topic.pk:
        return
    with transaction.atomic():
        locked = lock(interaction.pk)
        locked.topic = topic
        locked.version += 1
        locked.save(update_fields=["topic", "version"])
        data = {"topic": topic.slug}
        events.record(events.fact("interaction.topic_set", interaction=locked, actor=actor, data=data))
        _audit("interaction.topic_set", locked, actor)
    interaction.topic, interaction.version = topic, locked.version


def close(*, interaction: Interaction, actor: User | None, reason: str = "", based_on: int | None = None) -> None:
    """End the episode. Closing twice does nothing. Raises `Forbidden`, `StaleView`."""
    if actor is not None:
        require(actor, "interaction.close", office_id=interaction.office_id)
    with transaction.atomic():
        locked = lock(interaction.pk)
        if not locked.is_open:
            return
        check_version(locked, based_on)
        locked.status, locked.closed_at = Interaction.Status.CLOSED, timezone.now()
        locked.awaiting_reply_since = None
        locked.version += 1
        locked.save(update_fields=["status", "closed_at", "awaiting_reply_since", "version"])
        events.record(events.fact("interaction.closed", interaction=locked, actor=actor, data={"reason": reason}))
        _audit("interaction.closed", locked, actor)
    interaction.status, interaction.closed_at, interaction.version = locked.status, locked.closed_at, locked.version


def reopen(locked: Interaction) -> None:
    """Take a closed episode up again, in memory: the caller holds the lock and appends the message that reopens it."""
    locked.status, locked.closed_at = Interaction.Status.OPEN, None
    locked.save(update_fields=["status", "closed_at"])


def reopen_by_hand(locked: Interaction, actor: User) -> None:
    """Somebody takes a closed episode up again, under the caller's lock. Raises `Forbidden`, `StillOpen`, `GoesOnElsewhere`.

    What was spam is none any more.
    """
    require(actor, "interaction.reopen", office_id=locked.office_id)
    if locked.is_open:
        raise StillOpen
    if locked.merged_into_id is not None:
        raise MergedAway
    running = Interaction.objects.filter(account=locked.account, thread=locked.thread, status=Interaction.Status.OPEN)
    if locked.thread and running.exists():
        raise GoesOnElsewhere
    locked.status, locked.closed_at, locked.spam = Interaction.Status.OPEN, None, False
    locked.version += 1
    locked.save(update_fields=["status", "closed_at", "spam", "version"])
    events.record(events.fact("interaction.reopened", interaction=locked, actor=actor))
    _audit("interaction.reopened", locked, actor)


def mark_spam(*, interaction: Interaction, actor: User, based_on: int | None = None) -> None:
    """Close it as rubbish: no answer, and what comes after it from the same thread is kept but brings nobody work.

    Raises `Forbidden`, `StaleView`.
    """
    require(actor, "interaction.spam", office_id=interaction.office_id)
    with transaction.atomic():
        locked = lock(interaction.pk)
        check_version(locked, based_on)
        locked.status, locked.closed_at = Interaction.Status.CLOSED, locked.closed_at or timezone.now()
        locked.spam, locked.awaiting_reply_since = True, None
        locked.version += 1
        locked.save(update_fields=["status", "closed_at", "spam", "awaiting_reply_since", "version"])
        events.record(events.fact("interaction.marked_spam", interaction=locked, actor=actor))
        _audit("interaction.marked_spam", locked, actor)
    interaction.version = locked.version


def mark_read_by_agent(*, interaction: Interaction, seq: int, actor: User) -> bool:
    """How far the agent read; only forward. True when it moved, which the citizen's page then shows."""
    moved = Interaction.objects.filter(pk=interaction.pk, agent_read_seq__lt=seq, last_seq__gte=seq).update(
        agent_read_seq=seq
    )
    return bool(moved)


def _audit(action: str, interaction: Interaction, actor: User | None) -> None:
    audit.record(action, **audit.about(interaction), actor=actor)
