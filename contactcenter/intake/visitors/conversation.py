"""What a visitor may know of their conversation, as notices for the adapter to put on the wire. Read only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, lru_cache
from typing import Literal

from django.db.models import Exists, OuterRef, Q, prefetch_related_objects
from django.utils import timezone

from channels_adapters.contract import Place, Said, SharedFile, Welcome
from contactcenter.intake.visitors import files, limits, waiting
from contactcenter.intake.visitors.models import VisitorSession
from contactcenter.queues import work_items
from contactcenter.queues.models import WorkItem
from crm.models import Attachment, Interaction, Message
from crm.prepared import Prepared, PreparedModel

REPLAY = 500  # messages that a resume brings over the socket; older ones are fetched
CLOSED_IS_SHOWN_FOR = timedelta(days=1)
VISIBLE = Q(direction=Message.Direction.IN) | (Q(direction=Message.Direction.OUT) & ~Q(state=Message.State.FAILED))

# These stand for an interaction and for numbers of its messages in prepared statements.
SOME, AFTER, UP_TO = 2_147_000_043, 2_147_000_047, 2_147_000_051
NO_END = 2**31 - 1

State = Literal["new", "waiting", "talking", "closed"]


@dataclass(frozen=True)
class Situation:
    """How things stand for a visitor at one moment. `pk` 0 = nothing was said yet."""

    pk: int = 0
    conversation: str = ""
    last_seq: int = 0
    state: State = "new"
    may_resume: bool = False
    agent: str = ""
    agent_has: int = 0
    agent_read: int = 0
    place: Place | None = None


def interaction_of(session: VisitorSession) -> Interaction | None:
    """The newest conversation of this visitor; one that was closed is shown for a day."""
    newest = _conversations().first(session.account.slug, session.visitor)
    if newest and newest.closed_at and timezone.now() - newest.closed_at > CLOSED_IS_SHOWN_FOR:
        return None
    return newest


@cache
def _conversations() -> PreparedModel[Interaction]:
    """Of one visitor, newest first. Without a limit: a plan that is kept would look for it among everybody's."""
    rows = Interaction.objects.filter(account="@account", thread="@thread").order_by("-id")
    return PreparedModel(rows, "@account", "@thread")


def situation(session: VisitorSession) -> Situation:
    interaction = interaction_of(session)
    if interaction is None:
        return Situation()
    item = work_items.open_item(interaction) if interaction.is_open else None
    state = _state(interaction, item, ended=session.ended_at is not None)
    language = session.language or session.account.language
    return Situation(
        pk=interaction.pk,
        conversation=str(interaction.public_id),
        last_seq=interaction.last_seq,
        state=state,
        may_resume=state == "closed" and interaction.is_open,
        agent=_first_name(item) if state == "talking" else "",
        agent_has=max(interaction.agent_delivered_seq, interaction.agent_read_seq),
        agent_read=interaction.agent_read_seq,
        place=waiting.place(item, language) if item and state == "waiting" else None,
    )


def _state(interaction: Interaction, item: WorkItem | None, *, ended: bool) -> State:
    if ended or not interaction.is_open:
        return "closed"
    return "talking" if item and item.state in WorkItem.OWNED else "waiting"


def _first_name(item: WorkItem | None) -> str:
    """Citizens learn a first name: enough to talk to somebody, too little to look them up."""
    owner = item.owner if item else None
    return (owner.first_name or owner.display_name) if owner else ""


def welcome(session: VisitorSession, now: Situation) -> Welcome:
    return Welcome(
        conversation=now.conversation,
        seq=_newest(now) if now.pk else 0,
        state=now.state,
        agent=now.agent,
        may_resume=now.may_resume,
        place=now.place,
        delivered=now.agent_has,
        read=now.agent_read,
        limits=limits.of(session.account),
    )


def _newest(now: Situation) -> int:
    rows = Message.objects.filter(VISIBLE, interaction=now.pk).order_by("-seq")
    return rows.values_list("seq", flat=True).first() or 0


def said(
    session: VisitorSession, now: Situation, *, after: int, up_to: int | None = None, most: int = REPLAY
) -> list[Said]:
    """The visible messages with a number above `after`, oldest first, at most `most`; each names the one before it."""
    if now.last_seq <= after:
        return []
    before = next(iter(_before().rows(now.pk, after)), [0])[0]
    wanted = _visible(most).all(now.pk, after, NO_END if up_to is None else up_to)
    with_files = [message for message in wanted if message.has_files]  # type: ignore[attr-defined]  # the annotation
    prefetch_related_objects(with_files, "attachments")
    return _in_a_row(session, wanted, before)


@cache
def _before() -> Prepared:
    """The number of the newest visible message up to another."""
    rows = Message.objects.filter(VISIBLE, interaction=SOME, seq__lte=UP_TO).order_by("-seq")
    return Prepared(rows.values_list("seq")[:1], SOME, UP_TO)


@lru_cache(maxsize=10)
def _visible(most: int) -> PreparedModel[Message]:
    files = Exists(Attachment.objects.filter(message=OuterRef("pk")))
    rows = Message.objects.filter(VISIBLE, interaction=SOME, seq__gt=AFTER, seq__lte=UP_TO)
    rows = rows.annotate(has_files=files).order_by("seq")
    rows = rows.select_related("author").only(
        "seq", "direction", "text", "created_at", "client_id", "automatic", "author_name", "author__first_name"
    )
    return PreparedModel(rows[:most], SOME, AFTER, UP_TO)


def missed(now: Situation, after: int) -> tuple[int, int] | None:
    """The numbers that a replay of `REPLAY` messages leaves out: (first, last); None when it brings everything."""
    if now.last_seq - after <= REPLAY:
        return None
    rows = Message.objects.filter(VISIBLE, interaction=now.pk, seq__gt=after).order_by("-seq")
    newest = list(rows.values_list("seq", flat=True)[: REPLAY + 1])
    return (after + 1, newest[-1]) if len(newest) > REPLAY else None


def _in_a_row(session: VisitorSession, rows: Iterable[Message], before: int) -> list[Said]:
    notices = []
    for message in rows:
        notices.append(_said(session, message, before))
        before = message.seq
    return notices


def _said(session: VisitorSession, message: Message, before: int) -> Said:
    mine = message.direction == Message.Direction.IN
    author = message.author
    return Said(
        seq=message.seq,
        previous=before,
        mine=mine,
        author="" if mine else (author.first_name if author and author.first_name else message.author_name),
        text=message.text,
        at=message.created_at,
        client_id=message.client_id if mine else "",
        automatic=bool(message.automatic),
        files=tuple(
            SharedFile(
                id=str(file.public_id), name=file.name, size=file.size, content_type=file.content_type,
                url=files.address(session.account.slug, file),
            )
            for file in message.attachments.all()
            if file.scan != file.Scan.INFECTED
        ),
    )  # fmt: skip
