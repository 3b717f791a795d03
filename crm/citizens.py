"""Who somebody is, as far as an address can tell: nothing."""

from datetime import datetime

from django.db import IntegrityError, transaction

from crm import audit, events
from crm.access import require
from crm.models import Citizen, ContactPoint, Interaction, User

NAME_LENGTH = 200


def identify(
    *,
    scheme: str,
    value: str,
    name: str,
    at: datetime,
    language: str = "",
    remember: bool = True,
    known: ContactPoint | None = None,
) -> ContactPoint:
    """The contact point of an address, made (claimed) with a new citizen on first sight; `known` = read already.

    `remember=False` (help lines) makes no citizen. Raises nothing when two first messages race: one of them wins.
    """
    point = known or _find(scheme, value)
    if point is not None:
        return _recognise(point, name=name, at=at, language=language) if remember else point
    try:
        with transaction.atomic():
            return _meet(scheme=scheme, value=value, name=name, at=at, language=language, remember=remember)
    except IntegrityError:
        return ContactPoint.objects.select_related("citizen").get(scheme=scheme, value=value)


def _find(scheme: str, value: str) -> ContactPoint | None:
    rows = ContactPoint.objects.select_related("citizen").filter(scheme=scheme, value=value)
    return next(iter(rows[:1]), None)  # an order would cost more than it sorts


def _meet(*, scheme: str, value: str, name: str, at: datetime, language: str, remember: bool) -> ContactPoint:
    citizen = None
    if remember:
        citizen = Citizen.objects.create(name=name[:NAME_LENGTH], language=language[:8], created_at=at)
    return ContactPoint.objects.create(
        citizen=citizen, scheme=scheme, value=value, name=name[:NAME_LENGTH] if remember else "", created_at=at
    )


def _recognise(point: ContactPoint, *, name: str, at: datetime, language: str) -> ContactPoint:
    """A known address: a first name given later is kept, an address seen only by machines gets its citizen now."""
    if point.citizen is None:
        point.citizen = Citizen.objects.create(name=name[:NAME_LENGTH], language=language[:8], created_at=at)
        point.save(update_fields=["citizen"])
    elif name and not point.citizen.name:
        point.citizen.name = name[:NAME_LENGTH]
        point.citizen.save(update_fields=["name"])
    return point


def rename(*, citizen: Citizen, name: str, actor: User) -> None:
    """Correct the name a person goes by. Raises `Forbidden`."""
    require(actor, "citizen.change")
    with transaction.atomic():
        citizen.name = name.strip()[:NAME_LENGTH]
        citizen.save(update_fields=["name"])
        audit.record("citizen.renamed", subject=f"citizen:{citizen.public_id}", actor=actor, citizen=citizen.public_id)
        for interaction in Interaction.objects.filter(citizen=citizen, status=Interaction.Status.OPEN):
            events.record(events.fact("citizen.renamed", interaction=interaction, actor=actor))


def verify(*, point: ContactPoint, how: str, at: datetime, actor: User | None) -> None:
    """Record that an address was shown to belong to its citizen, and how ("identity card at the counter")."""
    if actor is not None:
        require(actor, "citizen.change")
    with transaction.atomic():
        point.status = ContactPoint.Status.VERIFIED
        point.verified_at, point.verified_how = at, how[:80]
        point.save(update_fields=["status", "verified_at", "verified_how"])
        for interaction in Interaction.objects.filter(citizen=point.citizen_id, status=Interaction.Status.OPEN):
            events.record(events.fact("contact-point.verified", interaction=interaction, actor=actor, at=at))
        audit.record(
            "contact-point.verified",
            subject=f"contact-point:{point.pk}",
            actor=actor,
            citizen=point.citizen.public_id if point.citizen else None,
            purpose=how,
        )
