"""Whose presence a person may see, and whose they may set: of those who work in the offices of their own grants."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, QuerySet

from crm import access
from crm.models import Grant, User


def seen_by(user: User) -> QuerySet[User]:
    """Those who work where this person reads contacts, and that person too."""
    offices = {grant.office_id for grant in access.grants(user) if grant.role in access.READERS}
    return User.objects.filter(_working_in(offices) | Q(pk=user.pk))


def led_by(user: User) -> QuerySet[User]:
    """Those whose presence this person may set. Whoever works in every office works in theirs."""
    offices = {grant.office_id for grant in access.grants(user) if grant.role in access.ACTIONS["presence.force"]}
    return User.objects.filter(_working_in(offices))


def _working_in(offices: Collection[int | None]) -> Q:
    """An office None stands for all of them; no office is nobody."""
    if None in offices:
        return ~access.NOBODY  # an empty condition would vanish beside another one
    if not offices:
        return access.NOBODY
    here = Q(office__in=[office for office in offices if office is not None]) | Q(office=None)
    return Q(Exists(Grant.objects.filter(here, user=OuterRef("pk"), role__in=access.READERS)))
