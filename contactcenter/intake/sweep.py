"""What was stored and not understood yet is tried again."""

from datetime import timedelta

from django.utils import timezone

from contactcenter.intake import accept
from contactcenter.intake.models import RawDelivery

KEEP_BODIES = timedelta(days=30)


def sweep() -> int:
    """One round; returns how many deliveries were taken up."""
    return sum(accept.resume(pk) is not None for pk in accept.due(timezone.now()))


def forget_bodies() -> int:
    """The raw bytes of what was understood are not needed for ever; the row stays, so that a repeat is recognised."""
    old = RawDelivery.objects.filter(
        state=RawDelivery.State.PROCESSED, processed_at__lt=timezone.now() - KEEP_BODIES
    ).exclude(body=b"")
    return old.update(body=b"", headers={}, form={}, sender=[], url="")
