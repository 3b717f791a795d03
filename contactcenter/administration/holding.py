"""One change of a setting at a time, and who changed it last."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from crm.models import AuditEntry, User


@contextmanager
def held(rows: QuerySet[Any]) -> Iterator[None]:
    """Nobody else changes any of these rows until this is over: what is compared now is what is overwritten then."""
    with transaction.atomic():
        list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
        yield


class StaleSettings(Exception):
    """Somebody else changed this setting since it was read. `change` is theirs, as the audit knows it."""

    def __init__(self, change: AuditEntry | None, user: User, mark: str) -> None:
        super().__init__(f"{in_words(change, user)} {_('Read it again, then repeat your change.')}")
        self.change, self.mark = change, mark


def last_change(kind: str, name: object) -> AuditEntry | None:
    """Who changed it last and when, as the audit knows: ("queue", "accoglienza")."""
    rows = AuditEntry.objects.filter(subject=f"{kind}:{name}", action=f"{SPOKEN.get(kind, kind)}.changed")
    return rows.select_related("actor").order_by("-id").first()


SPOKEN = {"person": "agent"}  # whom an entry is about, where its action calls it something else


def in_words(entry: AuditEntry | None, user: User) -> str:
    """One sentence for whoever comes second; `user` is who reads it."""
    if entry is None:  # by hand in the database, or the entry was thinned out since
        return _("This was changed after you opened it.")
    when = formats.date_format(timezone.localtime(entry.at), "DATETIME_FORMAT")
    if entry.actor_id == user.pk:
        return _("You changed this yourself in another window, at %(when)s, after you opened it here.") % {"when": when}
    who = entry.actor.display_name if entry.actor else entry.actor_label
    return _("%(name)s changed this at %(when)s, after you opened it.") % {"name": who, "when": when}
