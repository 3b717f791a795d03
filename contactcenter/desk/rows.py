"""A row of the lists on the left, with everything its template writes worked out: lists are long and drawn all day."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from contactcenter.desk import names
from contactcenter.queues.models import Offer, Queue, WorkItem
from contactcenter.templatetags.house import due, exact, icon, since
from crm import access
from crm.models import User

# Seconds after which waiting turns amber, then red, by what kind of patience the family of channels takes.
PATIENCE = {"call": (30, 90), "chat": (60, 180), "written": (8 * 3600, 24 * 3600)}
ANY = UUID(int=0)
COLUMNS = (
    "id", "state", "queue_id", "family", "queued_at", "interaction__public_id", "interaction__account", "interaction__preview",
    "interaction__subject", "interaction__language", "interaction__awaiting_reply_since",
    "interaction__last_message_at", "interaction__citizen_id", "interaction__citizen__name",
    "interaction__contact_point__name", "interaction__contact_point__value", "interaction__topic_id",
    "callback__state",
)  # fmt: skip


class Item(NamedTuple):
    """A work item and its conversation: `COLUMNS`, in their order."""

    pk: int
    state: str
    queue: int
    family: str
    queued_at: datetime
    public_id: UUID
    account: str
    preview: str
    subject: str
    language: str
    awaiting_since: datetime | None
    last_message_at: datetime | None
    citizen: int | None
    citizen_name: str | None
    sender: str | None
    address: str | None
    topic: int | None
    callback: str | None = None  # the state of the call that was promised

    @property
    def is_to_call(self) -> bool:
        return self.callback == "waiting"


@dataclass(frozen=True)
class Row:
    public_id: str
    href: str
    take: str  # where taking it (up again) is posted to; "" = nobody can from here
    sign: SafeString
    icon: str
    who: str
    to_take: str  # "Take Giulia Ferri"
    words: str
    language: str
    moment: str  # since when, for machines, then for people
    exact: str
    since: str
    warn: int  # seconds
    bad: int
    unread: int = 0
    waits: bool = True
    note: str = ""  # how it stands with it, where that isn't plain


class Drawing:
    """Draws many rows at one moment, for one reader."""

    def __init__(self, user: User) -> None:
        self._accounts = names.accounts()
        self._talk = reverse("desk-talk", args=[ANY])
        self._take = reverse("desk-take", args=[ANY])
        self._resume = reverse("desk-resume", args=[ANY])
        self._to_take = _("Take %(who)s")
        may_pick = access.may(user, "interaction.take-over")
        self._pushed = set() if may_pick else {pk for pk, line in names.lines().items() if line.mode == Queue.Mode.PUSH}

    def waiting(self, item: Item) -> Row:
        if item.queue in self._pushed:
            return self._row(item, item.queued_at, note=_("is offered"))
        note = _("call back") if item.is_to_call else ""
        return self._row(item, item.queued_at, take=self._take, to_take=self._to_take, note=note)

    def own(self, item: Item, unread: int) -> Row:
        awaiting = item.awaiting_since
        row = self._row(item, awaiting or item.last_message_at or item.queued_at, unread, awaiting is not None)
        if item.state == WorkItem.State.WRAPPING:
            return replace(row, note=_("to wrap up"))
        return replace(row, note=_("call back")) if item.is_to_call else row

    def parked(self, item: Item, until: datetime | None) -> Row:
        note = _("until %(when)s") % {"when": due(until)} if until else _("until they write")
        return self._row(
            item, item.last_message_at or item.queued_at, waits=False, note=note, take=self._resume,
            to_take=_("Take up %(who)s again"),
        )  # fmt: skip

    def unfilled(self, item: Item) -> Row:
        return self._row(item, item.last_message_at or item.queued_at, waits=False, note=_("not filled in"))

    def asked(self, offer: Offer) -> Row:
        item = _item(offer.item)
        return self._row(item, item.queued_at, note=_("offered to %(name)s") % {"name": names.person(offer.agent_id)})

    def helping(self, item: Item, owner: int | None) -> Row:
        note = _("with %(name)s") % {"name": names.person(owner)} if owner else ""
        return self._row(item, item.last_message_at or item.queued_at, waits=False, note=note)

    def _row(
        self, item: Item, at: datetime, unread: int = 0, waits: bool = True, *, note: str = "", take: str = "",
        to_take: str = "",
    ) -> Row:  # fmt: skip
        public_id, sign = str(item.public_id), names.channel(self._accounts, item.account).icon
        who = names.called(item.citizen_name, item.citizen, item.sender, item.address)
        warn, bad = PATIENCE.get(item.family, PATIENCE["written"])
        return Row(
            public_id=public_id,
            href=self._talk.replace(str(ANY), public_id),
            take=take.replace(str(ANY), public_id),
            sign=icon(sign),
            icon=sign,
            who=who,
            to_take=to_take % {"who": who} if to_take else "",
            words=item.preview or item.subject,
            language=badge(item.language),
            moment=at.isoformat(),
            exact=exact(at),
            since=since(at),
            warn=warn,
            bad=bad,
            unread=unread,
            waits=waits,
            note=note,
        )


def _item(row: WorkItem) -> Item:
    """From a work item that was read with its conversation, citizen and address."""
    values = []
    for column in COLUMNS:
        value: Any = row
        for part in column.split("__"):
            value = getattr(value, part, None)
        values.append(value)
    return Item._make(values)


def badge(language: str) -> str:
    """The citizen's language where it isn't the office's own."""
    code = language[:2].lower()
    return "" if code in {"", settings.LANGUAGE_CODE[:2]} else code.upper()
