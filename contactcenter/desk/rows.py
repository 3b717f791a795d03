"""A row of the lists on the left, with everything its template writes worked out: lists are long and drawn all day."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from contactcenter.desk import names
from contactcenter.templatetags.house import exact, icon, since

# Seconds after which waiting turns amber, then red, by what kind of patience the family of channels takes.
PATIENCE = {"call": (30, 90), "chat": (60, 180), "written": (8 * 3600, 24 * 3600)}
ANY = UUID(int=0)
COLUMNS = (
    "id", "family", "queued_at", "interaction__public_id", "interaction__account", "interaction__preview",
    "interaction__subject", "interaction__language", "interaction__awaiting_reply_since",
    "interaction__last_message_at", "interaction__citizen_id", "interaction__citizen__name",
    "interaction__contact_point__name", "interaction__contact_point__value",
)  # fmt: skip


class Item(NamedTuple):
    """A work item and its conversation: `COLUMNS`, in their order."""

    pk: int
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


@dataclass(frozen=True)
class Row:
    public_id: str
    href: str
    take: str  # where taking it is posted to
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


class Drawing:
    """Draws many rows at one moment, for one reader."""

    def __init__(self) -> None:
        self._accounts = names.accounts()
        self._talk = reverse("desk-talk", args=[ANY])
        self._take = reverse("desk-take", args=[ANY])
        self._to_take = _("Take %(who)s")

    def waiting(self, item: Item) -> Row:
        return self._row(item, item.queued_at)

    def own(self, item: Item, unread: int) -> Row:
        awaiting = item.awaiting_since
        return self._row(item, awaiting or item.last_message_at or item.queued_at, unread, awaiting is not None)

    def _row(self, item: Item, at: datetime, unread: int = 0, waits: bool = True) -> Row:
        public_id, sign = str(item.public_id), names.channel(self._accounts, item.account).icon
        who = names.called(item.citizen_name, item.citizen, item.sender, item.address)
        warn, bad = PATIENCE.get(item.family, PATIENCE["written"])
        return Row(
            public_id=public_id,
            href=self._talk.replace(str(ANY), public_id),
            take=self._take.replace(str(ANY), public_id),
            sign=icon(sign),
            icon=sign,
            who=who,
            to_take=self._to_take % {"who": who},
            words=item.preview or item.subject,
            language=badge(item.language),
            moment=at.isoformat(),
            exact=exact(at),
            since=since(at),
            warn=warn,
            bad=bad,
            unread=unread,
            waits=waits,
        )


def badge(language: str) -> str:
    """The citizen's language where it isn't the office's own."""
    code = language[:2].lower()
    return "" if code in {"", settings.LANGUAGE_CODE[:2]} else code.upper()
