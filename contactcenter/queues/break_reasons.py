"""Why somebody is on a break: which reasons there are, how they are called, and in which order they are offered.

None is ever taken away: what was told with it goes on having a name. A retired one is offered to nobody.
"""

from collections.abc import Collection, Mapping, Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from contactcenter.queues.checking import Faults, Wrong
from contactcenter.queues.models import BreakReason
from contactcenter.queues.rules import OrderMoved
from crm import audit
from crm.access import require
from crm.models import User

__all__ = ["LONGEST", "MOST", "ReasonsMoved", "Wrong", "change", "create", "is_offered", "move", "reorder"]
LONGEST = 40  # characters of a name
MOST = 30


class ReasonsMoved(OrderMoved):
    """These aren't the reasons there are any more."""

    def __init__(self) -> None:
        Exception.__init__(self, _("Somebody added a reason meanwhile. Read the list again, then put it in order."))


def is_offered(slug: str) -> bool:
    """May somebody go on a break with it? "" = without a reason."""
    return not slug or BreakReason.objects.filter(slug=slug, active=True).exists()


def create(*, slug: str, names: Mapping[str, str], actor: User) -> BreakReason:
    """A new one, offered last. Raises `Forbidden`, `Wrong`."""
    require(actor, "settings.change")
    with transaction.atomic():
        known = _locked()
        reason = BreakReason(slug=slug, position=max((row.position for row in known), default=0) + 1)
        faults = Faults()
        faults.slug("slug", slug)
        if len(known) >= MOST:
            faults.say("slug", _("There are %(n)d reasons already. Change one of them.") % {"n": MOST})
        reason.names = faults.names("names", names, LONGEST)
        faults.refuse()
        try:
            with transaction.atomic():
                reason.save(force_insert=True)
        except IntegrityError:
            taken = _("Another reason has the short name “%(slug)s”. Choose a different one.") % {"slug": slug}
            raise Wrong({"slug": [taken]}, {}) from None
        _record("created", reason.slug, actor)
    return reason


def change(
    *, reason: BreakReason, actor: User, names: Mapping[str, str] | None = None, active: bool | None = None
) -> None:
    """None leaves something as it is. Whoever is on such a break stays on it. Raises `Forbidden`, `Wrong`."""
    require(actor, "settings.change")
    with transaction.atomic():
        known = _locked()
        reason.refresh_from_db()
        faults = Faults()
        if names is not None:
            reason.names = faults.names("names", names, LONGEST)
        if active is False and not any(row.active for row in known if row.pk != reason.pk):
            faults.say("active", _("One reason stays in use: without any, nobody could go on a break."))
        faults.refuse()
        reason.active = reason.active if active is None else active
        reason.save(update_fields=["names", "active"])
        _record("changed", reason.slug, actor)


def move(*, reason: BreakReason, up: bool, actor: User) -> bool:
    """Past the one before or after it. False = it is the first or the last already. Raises `Forbidden`."""
    require(actor, "settings.change")
    with transaction.atomic():
        slugs = [row.slug for row in _locked()]
        at = slugs.index(reason.slug)
        to = at - 1 if up else at + 1
        if not 0 <= to < len(slugs):
            return False
        slugs[at], slugs[to] = slugs[to], slugs[at]
        _put_in_order(slugs, actor)
    return True


def reorder(*, slugs: Sequence[str], actor: User) -> None:
    """All of them, the first to be offered first. Raises `Forbidden`, `ReasonsMoved`."""
    require(actor, "settings.change")
    with transaction.atomic():
        if sorted(slugs) != sorted(row.slug for row in _locked()):
            raise ReasonsMoved
        _put_in_order(slugs, actor)


def _locked() -> list[BreakReason]:
    return list(BreakReason.objects.select_for_update())


def _put_in_order(slugs: Collection[str], actor: User) -> None:
    for place, slug in enumerate(slugs, start=1):
        BreakReason.objects.filter(slug=slug).update(position=place)
    audit.record("break-reasons.reordered", subject="break-reasons", actor=actor, data={"order": list(slugs)})


def _record(what: str, slug: str, actor: User) -> None:
    audit.record(f"break-reason.{what}", subject=f"break-reason:{slug}", actor=actor)
