"""When a queue is open."""

from datetime import datetime

from django.conf import settings

from contactcenter.queues.models import Queue
from contactcenter.sla import office_calendars
from contactcenter.sla.calendars import ALWAYS, Calendar


def calendar(queue: Queue) -> Calendar:
    """The calendar it shares with others; one without is always open."""
    if queue.calendar is None:
        return Calendar(zone=settings.TIME_ZONE, week=ALWAYS)
    return office_calendars.calendar_of(queue.calendar)


def next_open(queue: Queue, at: datetime) -> datetime:
    """`at` itself while it is open, else the next opening after it. Raises `NeverOpen`."""
    known = calendar(queue)
    return at if known.is_open(at) else known.next_opening(at)
