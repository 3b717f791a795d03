"""The middle and the right of the desk: one conversation and the person behind it, read under the agent's own rights."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from uuid import UUID

from django.core.cache import cache as remembered
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from channels_adapters.contract import Abilities
from contactcenter.desk import history, names, promised, rows, timeline
from contactcenter.outbox import replies, reply_window
from contactcenter.queues import asides
from contactcenter.queues.models import WorkItem
from contactcenter.templatetags.house import due_hour
from crm import access, interactions
from crm.models import Case, Citizen, ContactPoint, Interaction, User
from crm.prepared import PreparedModel
from crm.seeing import Visible

WHICH, SOME = UUID(int=2**127 + 9), 2_147_000_071  # stand for what is asked in prepared statements
LOOK_COUNTS_FOR = 30 * 60  # seconds: a screen that follows a conversation is one look, recorded once
OPEN_CASES = 5
MOST_POINTS = 20
POINT = (  # what is shown of an address
    "value", "status", "verified_how", "verified_at", "dead_since", "blocked_until", "blocked_why", "blocked_by",
)  # fmt: skip
NOTE_LENGTH = 8000


@dataclass(frozen=True)
class Person:
    citizen: Citizen | None
    points: Sequence[ContactPoint] = ()  # addresses that say something to a person
    devices: int = 0  # sessions and programs: known again, but nothing to read

    @property
    def is_verified(self) -> bool:
        return any(point.is_verified for point in self.points)


@dataclass(frozen=True)
class Composer:
    """How this conversation can be answered. `why_not` is a sentence; "" = it can."""

    why_not: str = ""
    through: str = ""  # name of the account that sends
    abilities: Abilities | None = None
    closes_at: datetime | None = None  # until when the channel takes an answer
    may_elsewhere: bool = False  # on another channel of the same person
    client_id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def seconds_left(self) -> int:
        """Until the channel takes no answer any more."""
        return max(0, int((self.closes_at - timezone.now()).total_seconds())) if self.closes_at else 0

    @property
    def shape(self) -> str:
        """Differs whenever the composer must be drawn anew; what is being written survives otherwise."""
        return f"{self.through}:{self.why_not}"


@dataclass(frozen=True)
class Conversation:
    interaction: Interaction
    who: str
    channel: names.Channel
    item: WorkItem | None
    owner: str  # name of whoever works on it; "" = nobody
    is_mine: bool
    timeline: timeline.Timeline
    composer: Composer
    person: Person
    history: history.History
    warn: int
    bad: int
    language: str
    office: str  # of the case, where there is one
    topic: str
    before: int | None = None
    is_unfilled: bool = False  # over, and this reader may still say what its queue wants to know
    promise: promised.Promise | None = None  # the citizen is to be called

    @property
    def waits_since(self) -> datetime | None:
        """Since when the citizen waits for an answer."""
        return self.interaction.awaiting_reply_since if self.interaction.is_open else None


# Without their offices and topics: these are few and remembered by name, and wide joins are dear.
ROWS = Interaction.objects.select_related("citizen", "contact_point", "case")
ITEMS = WorkItem.objects.select_related("queue", "callback").only(
    "interaction", "state", "unfilled", "owner", "claimed_at", "wrap_until", "parked_until", "queue__name", "queue__mode",
    "queue__office", "queue__wrap_up_seconds", *(f"callback__{column}" for column in promised.COLUMNS),
)  # fmt: skip


def find(user: User, public_id: object) -> Interaction:
    """The interaction, if the person may see it; no look is recorded. Raises `NotVisible`."""
    return access.get(user, ROWS, public_id=public_id)


def open(user: User, public_id: object) -> Interaction:
    """The interaction, to be read; the look is recorded. Raises `NotVisible`."""
    interaction = _opened().first(user, UUID(str(public_id)))
    if interaction is None:
        raise access.NotVisible
    looked(user.pk, interaction, user)
    return interaction


@cache
def _opened() -> Visible[Interaction]:
    return Visible(
        lambda user: access.visible(user, asides.marked(ROWS, user)).filter(public_id=WHICH).order_by(), WHICH
    )


def looked(user_id: int, interaction: Interaction, user: User | None = None) -> None:
    """They read it: recorded once per person and conversation in half an hour. `user`: where they are read already."""
    key = f"looked:{user_id}:{interaction.pk}"
    if remembered.get(key) is None:
        interactions.record_look(interaction, user or User.objects.get(pk=user_id))
        remembered.set(key, 1, LOOK_COUNTS_FOR)


def read(user: User, interaction: Interaction, *, before: int | None = None) -> Conversation:
    """Everything one screen shows of a conversation that was opened before."""
    accounts = names.accounts()
    item, unfilled = _work(user, interaction)
    owner = names.person(item.owner_id) if item is not None else ""
    about = interaction.case or interaction
    warn, bad = rows.PATIENCE.get(interaction.family, rows.PATIENCE["written"])
    return Conversation(
        interaction=interaction,
        who=names.who(interaction),
        channel=names.channel(accounts, interaction.account),
        item=item,
        owner=owner,
        is_unfilled=unfilled,
        is_mine=item is not None and item.owner_id == user.pk and item.state in WorkItem.OWNED,
        timeline=timeline.of(interaction, before=before),
        composer=composer(user, interaction, item, owner),
        person=person(interaction),
        history=history.of(user, interaction, accounts),
        warn=warn,
        bad=bad,
        language=rows.badge(interaction.language),
        office=names.office(about.office_id),
        topic=names.topic(about.topic_id),
        before=before,
        promise=promised.of(item, user),
    )


@cache
def _items_of() -> PreparedModel[WorkItem]:
    """The open work on a conversation, of which there is one at most, before what ended and isn't filled in."""
    rows = ITEMS.filter(~Q(state__in=WorkItem.ENDED) | Q(unfilled=True), interaction=SOME)
    return PreparedModel(rows.order_by("unfilled", "-id"), SOME)


def _work(user: User, interaction: Interaction) -> tuple[WorkItem | None, bool]:
    """The open work on it; and whether what ended is still to be filled in, and is the reader's to fill in."""
    found = _items_of().all(interaction.pk)
    left = [item for item in found if item.unfilled]
    takes_over = bool(left) and access.may(user, "interaction.take-over", office_id=interaction.office_id)
    theirs = any(takes_over or item.owner_id == user.pk for item in left)
    return next((item for item in found if not item.unfilled), None), theirs


def composer(user: User, interaction: Interaction, item: WorkItem | None, owner: str) -> Composer:
    """One owner answers; everybody who may see the conversation can leave a note."""
    if item is not None and item.owner_id is None and item.state == WorkItem.State.PARKED:
        words = {"when": due_hour(item.parked_until)}
        return Composer(why_not=_("A call is promised here for then: %(when)s. You can write a note already.") % words)
    if item is not None and item.owner_id is None:
        return Composer(why_not=_("Take this to answer. You can write a note already."))
    if item is not None and item.owner_id != user.pk:
        return Composer(why_not=_("%(name)s answers here. You can write a note.") % {"name": owner})
    if item is not None and item.state == WorkItem.State.PARKED:
        return Composer(why_not=_("You have put this aside. Take it up again to answer; a note is possible already."))
    if not access.may(user, "interaction.reply", office_id=interaction.office_id):
        return Composer(why_not=_("You may read this, but not answer it."))
    if not interaction.is_open:
        closed = _("This conversation is closed. You can still write a note.")
        if interaction.merged_into_id is not None:
            return Composer(why_not=_("This conversation was merged into another one. Answer there."))
        return Composer(why_not=closed, may_elsewhere=True)
    try:
        account = replies.account_for(interaction)
    except replies.CannotReply as error:
        return Composer(why_not=str(error), may_elsewhere=True)
    abilities = account.adapter_class.abilities
    closes = reply_window.closes_at(interaction, abilities)
    if closes is not None and closes <= timezone.now():
        return Composer(
            why_not=_("The time to answer here is over: the channel closes some hours after the citizen’s last words.")
        )
    return Composer(through=account.name, abilities=abilities, closes_at=closes, may_elsewhere=True)


def person(interaction: Interaction) -> Person:
    """Who it is, and by which addresses they are known."""
    citizen = interaction.citizen
    if citizen is None:
        return Person(None)
    points = _points_of().all(citizen.pk)
    readable = [point for point in points if names.is_readable(point)]
    return Person(citizen, readable, len(points) - len(readable))


@cache
def _points_of() -> PreparedModel[ContactPoint]:
    rows = ContactPoint.objects.filter(citizen=SOME).order_by("-status", "id").only(*POINT)
    return PreparedModel(rows[:MOST_POINTS], SOME)


def open_cases(user: User, interaction: Interaction) -> list[Case]:
    """The citizen's other open cases, to link to."""
    if interaction.citizen is None:
        return []
    found = access.visible(user, Case.objects.filter(citizen=interaction.citizen, status__in=Case.OPEN_STATUSES))
    if interaction.case_id is not None:
        found = found.exclude(pk=interaction.case_id)
    return list(found.order_by("-opened_at")[:OPEN_CASES])


def today() -> str:
    """Words such as “today” are part of what a fragment shows."""
    return timezone.localdate().isoformat()
