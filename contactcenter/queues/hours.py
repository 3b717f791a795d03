"""When a queue is open."""

from django.conf import settings

from contactcenter.queues.models import Queue
from contactcenter.sla.calendars import ALWAYS, Calendar


def calendar(queue: Queue) -> Calendar:
    return Calendar(
        zone=settings.TIME_ZONE,
        week=queue.hours or ALWAYS,
        closed_days=frozenset(queue.closed_days),
        holidays=queue.holidays,
    )
