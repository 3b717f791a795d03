"""One conversation as a row of things to read: days, facts, messages, notes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from contactcenter.desk import emoji, facts, names, remarks
from contactcenter.outbox import formatting, holding
from crm.models import Attachment, Event, Interaction, Message
from crm.prepared import PreparedModel

PAGE = 100  # messages shown at once
UNSEEN = ("external_id", "client_id", "references", "sender", "sent_at")  # of no use on a page
SOME, BEFORE = 2_147_000_073, 2_147_000_079  # stand for a conversation and a number in a prepared statement
END = 2**31 - 1
SHOWN = 20_000  # characters of one message in the open; the rest is folded


@dataclass(frozen=True)
class Day:
    at: datetime
    shape: str = "day"


@dataclass(frozen=True)
class Facts:
    """Consecutive facts, on one line."""

    at: datetime
    words: list[str]
    shape: str = "facts"


@dataclass(frozen=True)
class Said:
    message: Message
    at: datetime
    shape: str  # "in", "out", "note"
    text: str
    rest: str
    remarks: list[str]
    files: list[Attachment] = field(default_factory=list)
    frame: str = ""  # address of the mail as it was sent
    formatted: SafeString | str = ""  # an answer of ours as it looks; "" = plain words
    due: datetime | None = None  # it waits until then and can be taken back

    @property
    def left(self) -> int:
        """Seconds until it leaves."""
        return max(0, round((self.due - timezone.now()).total_seconds())) if self.due else 0

    @property
    def leaves_soon(self) -> bool:
        return self.left <= holding.UNDO.total_seconds()

    @property
    def spoken(self) -> str:
        """What a message of emoji alone is called; "" for words."""
        return emoji.in_words(self.text)

    @property
    def author(self) -> str:
        message = self.message
        return names.person(message.author_id) or message.author_name

    @property
    def moves(self) -> bool:
        """Still on its way, or arrived: the state is worth a word. A failure is worth more than that."""
        return self.shape == "out" and self.message.state not in {Message.State.FAILED, Message.State.UNKNOWN}


Entry = Day | Facts | Said


@dataclass(frozen=True)
class Timeline:
    entries: list[Entry]
    earlier: int = 0  # seq to page back from; 0 = this is the beginning
    last_seq: int = 0


def of(interaction: Interaction, *, before: int | None = None) -> Timeline:
    """The newest messages (below `before`, when paging back) with the facts between them."""
    messages = _page(interaction, before)
    more = len(messages) > PAGE
    messages = messages[1:] if more else messages
    told = [event for event in facts.of(interaction) if _between(event, messages, more=more, paging=before is not None)]
    entries = list(_with_days(_in_order(interaction, messages, told)))
    return Timeline(entries, messages[0].seq if more else 0, messages[-1].seq if messages else 0)


def whole(interaction: Interaction, most: int) -> list[Entry]:
    """The newest `most` messages with the facts between them, oldest first, for paper."""
    rows = Message.objects.filter(interaction=interaction).defer(*UNSEEN).order_by("-seq")[:most]
    messages = list(reversed(rows))
    more = bool(messages) and messages[0].seq > 1
    told = [event for event in facts.of(interaction) if _between(event, messages, more=more, paging=False)]
    return list(_with_days(_in_order(interaction, messages, told)))


def said(interaction: Interaction, messages: list[Message], *, with_files: bool = True) -> list[Said]:
    """Messages alone. `with_files` False = they have none."""
    files = _files(messages) if with_files else {}
    return [_said(interaction, message, files.get(message.pk, [])) for message in messages]


def _page(interaction: Interaction, before: int | None) -> list[Message]:
    """The newest in order, and one more where there are earlier ones."""
    return list(reversed(_newest().all(interaction.pk, END if before is None else before)))


@cache
def _newest() -> PreparedModel[Message]:
    files = Exists(Attachment.objects.filter(message=OuterRef("pk")))
    rows = Message.objects.filter(interaction=SOME, seq__lt=BEFORE).defer(*UNSEEN)
    rows = rows.annotate(leaves_at=holding.leaves_at(), has_files=files)
    return PreparedModel(rows.order_by("-seq")[: PAGE + 1], SOME, BEFORE)


def _files(messages: list[Message]) -> dict[int, list[Attachment]]:
    found: dict[int, list[Attachment]] = {}
    for file in Attachment.objects.filter(message__in=[message.pk for message in messages]):
        if file.message_id is not None:
            found.setdefault(file.message_id, []).append(file)
    return found


def _may_have_files(message: Message) -> bool:
    """Where the page knows it of each, none are asked for in vain."""
    return bool(getattr(message, "has_files", True))


def _between(event: Event, messages: list[Message], *, more: bool, paging: bool) -> bool:
    """Facts that belong to this page."""
    if not messages:
        return not paging
    return (not more or event.at >= messages[0].created_at) and (not paging or event.at <= messages[-1].created_at)


def _in_order(interaction: Interaction, messages: list[Message], told: list[Event]) -> list[Entry]:
    """By our own clock. What was said stands before what the house did about it in the same moment."""
    queues = names.queues()
    words: list[tuple[datetime, int, int, Entry]] = [
        (entry.at, 0, entry.message.seq, entry)
        for entry in said(interaction, messages, with_files=any(_may_have_files(message) for message in messages))
    ]
    done: list[tuple[datetime, int, int, Entry]] = [
        (event.at, 1, event.pk, Facts(event.at, [facts.words(event, queues)])) for event in told
    ]
    return [entry for *_key, entry in sorted(words + done, key=lambda row: row[:3])]


def _with_days(entries: list[Entry]) -> Iterator[Entry]:
    shown: date | None = None
    waiting: Facts | None = None
    for entry in entries:
        day = timezone.localtime(entry.at).date()
        if isinstance(entry, Facts) and waiting is not None and day == shown:
            waiting = Facts(waiting.at, [*waiting.words, *entry.words])
            continue
        if waiting is not None:
            yield waiting
            waiting = None
        if day != shown:
            shown = day
            yield Day(entry.at)
        if isinstance(entry, Facts):
            waiting = entry
        else:
            yield entry
    if waiting is not None:
        yield waiting


def _said(interaction: Interaction, message: Message, files: list[Attachment]) -> Said:
    ours = message.direction == Message.Direction.OUT
    frame = reverse("desk-mail", args=[interaction.public_id, message.seq]) if message.html and not ours else ""
    return Said(
        message=message,
        at=message.created_at,
        shape=message.direction,
        text=message.text[:SHOWN].strip(),
        rest=message.text[SHOWN:],
        remarks=remarks.sentences(message),
        # Images of the mail's own body are shown there, not once more below it.
        files=[file for file in files if not (file.inline and file.content_id and message.html)],
        frame=frame,
        formatted=mark_safe(formatting.safe(message.html)) if ours and message.html else "",  # nosec B308 B703 - cleaned again here
        due=getattr(message, "leaves_at", None),  # asked for where a whole conversation is read
    )
