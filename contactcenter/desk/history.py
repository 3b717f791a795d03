"""What the person, or the case, of a conversation was about elsewhere: folded above it, read where it is unfolded."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from contactcenter.desk import names
from crm import access
from crm.models import Citizen, Interaction, User
from crm.seeing import Visible

MOST = 8  # the newest of them
SOME, PERSON, CASE = 2_147_000_093, 2_147_000_097, 2_147_000_101  # stand for what is asked in prepared statements
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
    of_person, of_case = interaction.citizen_id is not None, interaction.case_id is not None
    if not (of_person or of_case):
        return History()
    about = [pk for pk in (interaction.citizen_id, interaction.case_id) if pk is not None]
    found = _newest(of_person, of_case).values(user, interaction.pk, *about)
    return History([_other(row, interaction, accounts) for row in found[:MOST]], more=len(found) > MOST)


@cache
def _newest(of_person: bool, of_case: bool) -> Visible[Interaction]:
    """Of such conversations as have a person, a case or both."""
    one = Interaction(pk=SOME, citizen_id=PERSON if of_person else None, case_id=CASE if of_case else None)
    about = [place for place, has in ((PERSON, of_person), (CASE, of_case)) if has]

    def rows_for(user: User) -> QuerySet[Interaction, Any]:
        return rows(user, one).order_by("-opened_at", "-id").values_list(*COLUMNS)[: MOST + 1]

    return Visible(rows_for, SOME, *about)


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


def _other(row: list[Any], interaction: Interaction, accounts: dict[str, names.Channel]) -> Other:
    public_id, account, subject, preview, at, status, version, citizen, name = row
    channel = names.channel(accounts, account)
    who = "" if citizen == interaction.citizen_id or citizen is None else name or Citizen(pk=citizen).display_name
    return Other(
        public_id, channel.icon, channel.sort or channel.name, subject or preview or _("without words"), at,
        status == Interaction.Status.OPEN, version, who,
    )  # fmt: skip
