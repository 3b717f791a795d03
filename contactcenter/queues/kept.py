"""Contacts whose case is kept from some of those who work in the queue: neither offered to them nor taken by them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache

from django.utils.translation import gettext as _

from contactcenter.queues.models import WorkItem
from crm import access
from crm.models import Case, User
from crm.prepared import PreparedModel

SOME = 2_147_000_063  # stands for an item in the prepared statement
NORMAL = Case.Confidentiality.NORMAL


def case_of(item: WorkItem) -> Case | None:
    """The case of its contact, where that isn't everybody's to read. One statement."""
    return _case_of().first(item.pk)


@cache
def _case_of() -> PreparedModel[Case]:
    rows = Case.objects.filter(interactions__work_items=SOME).exclude(confidentiality=NORMAL)
    return PreparedModel(rows.order_by("pk"), SOME)


def is_kept_from(user: User, item: WorkItem) -> bool:
    """Asked inside the step that gives the item to them: the case may have been closed to them a moment ago."""
    case = case_of(item)
    return case is not None and not access.readers_of(case).filter(pk=user.pk).exists()


def refuse(user: User, item: WorkItem) -> None:
    """Raises `Forbidden`."""
    if is_kept_from(user, item):
        raise access.Forbidden(
            _("This belongs to a case that is kept from you. Leave it to whoever may read it, or ask a manager.")
        )


def from_whom(items: Collection[int], users: Collection[int]) -> Mapping[int, frozenset[int]]:
    """Ids of those among `users` who may not read an item's case, by id of the item; items that are everybody's aren't
    in it. One statement, and one more for each that is kept."""
    rows = WorkItem.objects.filter(pk__in=items, interaction__case__isnull=False).order_by()
    kept = rows.exclude(interaction__case__confidentiality=NORMAL).select_related("interaction__case")
    return {
        item.pk: frozenset(users) - set(access.readers_of(item.interaction.case).values_list("pk", flat=True))
        for item in kept
        if item.interaction is not None and item.interaction.case is not None
    }
