"""Asking a colleague in: a second person reads along and writes notes. The owner stays the owner, and answers."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.queues import records
from contactcenter.queues.models import Companion, WorkItem
from crm import access
from crm.models import Interaction, User


class CannotJoin(Exception):
    """The sentence says why."""


def invite(*, item: WorkItem, colleague: User, actor: User) -> Companion:
    """Ask somebody in who may read it anyhow; asking twice is asking once. Raises `NotYours`, `CannotJoin`."""
    if colleague.pk == actor.pk:
        raise CannotJoin(_("You are in this conversation already. Choose a colleague."))
    now = timezone.now()
    with transaction.atomic():
        row = records.of_owner(item, actor)
        rows = Interaction.objects.filter(work_items=row)
        if not access.visible(colleague, rows).exists():
            text = _("%(name)s may not read this conversation. Transfer it, or ask without showing it.")
            raise CannotJoin(text % {"name": colleague.display_name})
        companion, made = Companion.objects.get_or_create(
            item=row, user=colleague, left_at=None, defaults={"since": now, "invited_by": actor}
        )
        if made:
            records.record("item.consulted", row, actor, at=now, concerns=(colleague,), who=str(colleague.public_id))
    return companion


def leave(*, item: WorkItem, actor: User) -> None:
    """Go out again; nothing happens for somebody who isn't in."""
    now = timezone.now()
    with transaction.atomic():
        row = records.locked(item)
        if Companion.objects.filter(item=row, user=actor, left_at__isnull=True).update(left_at=now):
            concerns = (row.owner,) if row.owner is not None else ()
            records.record("item.consult_ended", row, actor, at=now, concerns=concerns, who=str(actor.public_id))


def of(item: WorkItem) -> list[Companion]:
    """Who is in, besides the owner."""
    return list(item.companions.filter(left_at__isnull=True).select_related("user").order_by("since"))


def accompanied_by(user: User) -> list[WorkItem]:
    """The work of others that somebody is helping with."""
    rows = WorkItem.objects.filter(companions__user=user, companions__left_at__isnull=True).exclude(
        state__in=WorkItem.ENDED
    )
    return list(rows.select_related("owner", "queue", "interaction").order_by("companions__since"))
