"""What the person, or the case, of a conversation was about elsewhere: folded above it, read where it is unfolded."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from contactcenter.desk import names
from crm import access
from crm.models import Citizen, Interaction, User

MOST = 8  # the newest of them
NAMED = 3  # as many are named on the folded line
COLUMNS = (
    "public_id", "account", "subject", "preview", "opened_at", "status", "version", "citizen", "citizen__name",
)  # fmt: skip


@dataclass(frozen=True)
class Other:
    """Another conversation of the same person, or about the same case."""

    public_id: uuid.UUID
    icon: str
    channel: str | Promise
    words: str
    at: datetime
    is_open: bool
    version: int
    who: str = ""  # where it is another person, of the same case


@dataclass(frozen=True)
class History:
    others: Sequence[Other] = ()  # newest first
    more: bool = False  # than are shown

    @property
    def named(self) -> Sequence[Other]:
        return self.others[:NAMED]

    @property
    def rest(self) -> int:
        return len(self.others) - len(self.named)


def of(user: User, interaction: Interaction, accounts: dict[str, names.Channel]) -> History:
    """Only what this person may see."""
    found = list(rows(user, interaction).order_by("-opened_at", "-id").values_list(*COLUMNS)[: MOST + 1])
    return History([_other(row, interaction, accounts) for row in found[:MOST]], more=len(found) > MOST)


def rows(user: User, interaction: Interaction) -> QuerySet[Interaction]:
    """Others of the same person or case that this person may see; what was merged away is not one any more."""
    about = Q()
    if interaction.citizen_id is not None:
        about |= Q(citizen=interaction.citizen_id)
    if interaction.case_id is not None:
        about |= Q(case=interaction.case_id)
    if not about:
        return Interaction.objects.none()
    found = Interaction.objects.filter(about, merged_into__isnull=True)
    return access.visible(user, found).exclude(pk=interaction.pk)


def _other(row: tuple[Any, ...], interaction: Interaction, accounts: dict[str, names.Channel]) -> Other:
    public_id, account, subject, preview, at, status, version, citizen, name = row
    channel = names.channel(accounts, account)
    who = "" if citizen == interaction.citizen_id or citizen is None else name or Citizen(pk=citizen).display_name
    return Other(
        public_id, channel.icon, channel.sort or channel.name, subject or preview or _("without words"), at,
        status == Interaction.Status.OPEN, version, who,
    )  # fmt: skip
