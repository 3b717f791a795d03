"""How much waits, and for how long. Counts and moments only: nothing here knows a person."""

from datetime import datetime

from django.db.models import Count, Min, Q

from contactcenter.intake.models import RawDelivery
from contactcenter.intake.sweep import HANDLED
from contactcenter.outbox.models import OutboxItem
from contactcenter.queues.models import Queue, WorkItem

LEAVING = Q(state__in=[OutboxItem.State.WAITING, OutboxItem.State.LEASED])


def oldest_waiting() -> datetime | None:
    """When the oldest thing that still has to leave was put into the outbox."""
    moment: datetime | None = OutboxItem.objects.filter(LEAVING).aggregate(oldest=Min("created_at"))["oldest"]
    return moment


def not_understood() -> int:
    return RawDelivery.objects.filter(state=RawDelivery.State.UNDELIVERABLE).count()


def perhaps_sent() -> int:
    """Messages of which nobody knows whether the provider took them: a person has to decide."""
    return OutboxItem.objects.filter(state=OutboxItem.State.UNKNOWN).count()


def waiting_by_queue() -> dict[str, int]:
    """Slug of every queue in use → how many wait in it."""
    waiting = Count("work_items", filter=Q(work_items__state=WorkItem.State.WAITING))
    return dict(Queue.objects.filter(active=True).annotate(n=waiting).values_list("slug", "n"))


def outbox_by_state() -> dict[str, int]:
    """States that are not the good end: what is done only grows, and counting it would take ever longer."""
    unfinished = OutboxItem.objects.exclude(state=OutboxItem.State.DONE)
    return dict(unfinished.values_list("state").annotate(n=Count("id")).order_by("state"))


def deliveries_by_state() -> dict[str, int]:
    unfinished = RawDelivery.objects.exclude(state__in=HANDLED)
    return dict(unfinished.values_list("state").annotate(n=Count("id")).order_by("state"))
