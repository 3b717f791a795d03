"""“Calls on behalf of”: who acts for whom, by which mandate, until when."""

from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet

from crm import audit
from crm.access import require
from crm.models import Citizen, Representation, User


def record(
    *,
    representative: Citizen,
    represented: Citizen,
    mandate: str,
    valid_from: date,
    actor: User,
    valid_until: date | None = None,
) -> Representation:
    """Both days are included; None = until somebody ends it. Raises `Forbidden`, `IntegrityError` (representation_…)."""
    require(actor, "citizen.change")
    with transaction.atomic():
        made = Representation.objects.create(
            representative=representative,
            represented=represented,
            mandate=mandate.strip()[:200],
            valid_from=valid_from,
            valid_until=valid_until,
        )
        _audit("representation.recorded", made, actor)
    return made


def end(*, representation: Representation, on: date, actor: User) -> None:
    """`on` is its last day. Raises `Forbidden`, `IntegrityError` for a day before it began."""
    require(actor, "citizen.change")
    with transaction.atomic():
        representation.valid_until = on
        representation.save(update_fields=["valid_until"])
        _audit("representation.ended", representation, actor)


def valid(*, represented: Citizen, on: date) -> QuerySet[Representation]:
    """Who may act for a citizen on that day."""
    running = Q(valid_until__isnull=True) | Q(valid_until__gte=on)
    return represented.represented_by.filter(running, valid_from__lte=on).select_related("representative")


def _audit(action: str, row: Representation, actor: User) -> None:
    audit.record(
        action,
        subject=f"representation:{row.pk}",
        actor=actor,
        citizen=row.represented.public_id,
        data={"representative": str(row.representative.public_id)},
    )
