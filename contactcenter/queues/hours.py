"""When a queue is open."""

from django.conf import settings

from contactcenter.queues.models import Queue
from contactcenter.sla import office_calendars
from contactcenter.sla.calendars import ALWAYS, Calendar


def calendar(queue: Queue) -> Calendar:
    """The calendar it shares with others; one without is always open."""
    if queue.calendar is None:
        return Calendar(zone=settings.TIME_ZONE, week=ALWAYS)
    return office_calendars.calendar_of(queue.calendar)
