"""Blocking an address: for a reason, for a time, and liftable. What comes from it is kept all the same."""

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import access, audit, events
from crm.models import ContactPoint, Interaction, User

FOR_GOOD = datetime(9999, 12, 31, tzinfo=UTC)
LONGEST = timedelta(days=31)  # by whoever may not block for good
WHY_LENGTH = 200


class CannotBlock(ValueError):
    """Why not, as a sentence."""


def is_blocked(point: ContactPoint | None, at: datetime) -> bool:
    return point is not None and point.blocked_until is not None and point.blocked_until > at


def block(*, point: ContactPoint, until: datetime, why: str, actor: User) -> None:
    """Until `until` (`FOR_GOOD` = until it is lifted). Raises `Forbidden`, `CannotBlock`, `NotVisible`."""
    access.require(actor, "contact.block")
    access.get(actor, ContactPoint.objects.all(), pk=point.pk)
    now, words = timezone.now(), why.replace("\x00", "").strip()[:WHY_LENGTH]
    if not words:
        raise CannotBlock(_("Say why: whoever lifts it must know."))
    if until <= now:
        raise CannotBlock(_("Choose a moment that is still to come."))
    if until > now + LONGEST and not access.may(actor, "contact.block-for-good"):
        raise CannotBlock(_("You may block for a month at most. Ask a manager for longer."))
    _set(point, "contact-point.blocked", actor, until=until, why=words)


def unblock(*, point: ContactPoint, actor: User, why: str = "") -> None:
    """Lift it before its time; `why` stays in the audit trail. Raises `Forbidden`, `NotVisible`."""
    access.require(actor, "contact.block")
    access.get(actor, ContactPoint.objects.all(), pk=point.pk)
    _set(point, "contact-point.unblocked", actor, until=None, why=why.replace("\x00", "").strip()[:WHY_LENGTH])


def _set(point: ContactPoint, action: str, actor: User, *, until: datetime | None, why: str) -> None:
    with transaction.atomic():
        point.blocked_until, point.blocked_by = until, actor if until else None
        point.blocked_why = why if until else ""
        point.save(update_fields=["blocked_until", "blocked_why", "blocked_by"])
        for interaction in Interaction.objects.filter(contact_point=point, status=Interaction.Status.OPEN):
            events.record(events.fact(action, interaction=interaction, actor=actor))
        audit.record(
            action,
            subject=f"contact-point:{point.pk}",
            actor=actor,
            citizen=point.citizen.public_id if point.citizen else None,
            purpose=why,
            data={"until": until.isoformat()} if until else {},
        )
