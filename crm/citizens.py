"""Who somebody is, as far as an address can tell: nothing."""

from contextlib import nullcontext
from datetime import datetime
from functools import cache

from django.db import IntegrityError, transaction

from crm import audit, events, writing
from crm.access import require
from crm.models import Citizen, ContactPoint, Interaction, User
from crm.prepared import PreparedModel

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
    tries_again: bool = False,
) -> ContactPoint:
    """The contact point of an address, made (claimed) with a new citizen on first sight; `known` = read already.

    `remember=False` (help lines) makes no citizen. Raises nothing when two first messages race, one of them wins; but
    for a caller who `tries_again` with the whole transaction: they get the `IntegrityError`, and save a savepoint.
    """
    point = known or _find(scheme, value)
    if point is not None:
        return _recognise(point, name=name, at=at, language=language) if remember else point
    try:
        with nullcontext() if tries_again else transaction.atomic():
            return _meet(scheme=scheme, value=value, name=name, at=at, language=language, remember=remember)
    except IntegrityError:
        if tries_again:
            raise
        return ContactPoint.objects.select_related("citizen").get(scheme=scheme, value=value)


def _find(scheme: str, value: str) -> ContactPoint | None:
    return _by_address().first(scheme, value)


@cache
def _by_address() -> PreparedModel[ContactPoint]:
    rows = ContactPoint.objects.filter(scheme="@scheme", value="@value").select_related("citizen")
    return PreparedModel(rows, "@scheme", "@value")


def _meet(*, scheme: str, value: str, name: str, at: datetime, language: str, remember: bool) -> ContactPoint:
    citizen = None
    if remember:
        citizen = Citizen(name=name[:NAME_LENGTH], language=language[:8], created_at=at)
        writing.insert(citizen)
    point = ContactPoint(
        citizen=citizen, scheme=scheme, value=value, name=name[:NAME_LENGTH] if remember else "", created_at=at
    )
    writing.insert(point)
    return point


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
