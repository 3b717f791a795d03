"""Moments people choose in a dialog: in an hour, tomorrow morning, a date and a time of the town."""

from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from contactcenter.queues import hours
from contactcenter.queues.models import Queue
from contactcenter.sla.calendars import NeverOpen

MORNING = time(8, 30)  # where the office itself keeps no hours


def opening(queue: Queue, now: datetime) -> datetime | None:
    """When the queue opens next; None = never."""
    try:
        return hours.calendar(queue).next_opening(now)
    except NeverOpen:
        return None


def morning(queue: Queue | None, now: datetime) -> datetime:
    """When the queue opens next on another day; at half past eight where it keeps no hours."""
    tomorrow = timezone.localtime(now).date() + timedelta(days=1)
    early = timezone.make_aware(datetime.combine(tomorrow, time(5)))
    usual = timezone.make_aware(datetime.combine(tomorrow, MORNING))
    if queue is None or hours.calendar(queue).is_open(early):
        return usual
    return opening(queue, early) or usual


def written(text: str) -> datetime | None:
    """A date and time of the town, as the browser's field writes it; None where it is neither."""
    try:
        local = parse_datetime(text[:40])
    except ValueError:
        return None
    return timezone.make_aware(local) if local is not None and timezone.is_naive(local) else local
