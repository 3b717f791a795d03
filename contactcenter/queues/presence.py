"""Who takes contacts now. What a person chose is one thing, whether their browser is still there another."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from contactcenter.queues.models import Presence, Queue
from crm import events
from crm.access import READERS, require
from crm.models import Grant, User

GRACE = timedelta(seconds=60)  # without a heartbeat for longer, nobody sits there


def change(*, user: User, status: str) -> Presence:
    """Available, away or offline. Every transition is a fact. Raises `Forbidden`, `ValueError` for another word."""
    require(user, "presence.set")
    if status not in Presence.Status.values:
        raise ValueError(f"“{status}” is not a presence.")
    now = timezone.now()
    with transaction.atomic():
        presence, _made = Presence.objects.select_for_update().get_or_create(user=user, defaults={"since": now})
        before = presence.status
        presence.seen_at = now
        if before != status:
            presence.status, presence.since = status, now
            events.record(
                events.fact("presence.changed", actor=user, at=now, data={"from": before, "to": status}),
                also=((f"person.{user.public_id}", 0), ("presence", 0)),
            )
        presence.save()
    return presence


def heartbeat(user: User) -> None:
    """The person's browser is there."""
    Presence.objects.filter(user=user).update(seen_at=timezone.now())


def staffed(queue: Queue) -> int:
    """How many people are available for a queue right now."""
    rows = Presence.objects.filter(status=Presence.Status.AVAILABLE, seen_at__gte=timezone.now() - GRACE)
    able = Grant.objects.filter(role__in=READERS, queue__in=["", queue.slug])
    able = able.filter(office__isnull=True) | able.filter(office=queue.office_id)
    return rows.filter(user__is_active=True, user__in=able.values("user")).count()
