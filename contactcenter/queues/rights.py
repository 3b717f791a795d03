"""Which lines a person may look into: the same offices and queues in which the access gateway shows them interactions."""

from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from contactcenter.queues.models import Queue
from crm import access
from crm.models import Grant, User


def _inside(grant: Grant) -> Q:
    inside = Q() if grant.office_id is None else Q(office=grant.office_id)
    return inside & Q(slug=grant.queue) if grant.queue else inside


def sees_every_queue(user: User) -> bool:
    return any(grant.role in access.READERS and not _inside(grant) for grant in access.grants(user))


def readable(user: User) -> QuerySet[Queue]:
    """The queues whose waiting contacts the person may read; none for somebody who reads no citizens' words."""
    if sees_every_queue(user):
        return Queue.objects.all()
    found = [_inside(grant) for grant in access.grants(user) if grant.role in access.READERS]
    return Queue.objects.filter(reduce(or_, found)) if found else Queue.objects.none()
