"""What was stored and not understood yet is tried again; what was handled keeps its bytes for a while only."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from contactcenter.intake import accept
from contactcenter.intake.models import RawDelivery

HANDLED = (RawDelivery.State.PROCESSED, RawDelivery.State.DISCARDED)


def sweep() -> int:
    """One round; returns how many deliveries were taken up."""
    return sum(accept.resume(pk) is not None for pk in accept.due(timezone.now()))


def forget_bodies() -> int:
    """Raw bytes of what was understood or discarded go after the installation's days; returns how many went.

    The row stays, so that a repeat is recognised. What nobody has handled yet is never forgotten.
    """
    before = timezone.now() - timedelta(days=settings.KEEP_DELIVERIES_DAYS)
    old = RawDelivery.objects.filter(state__in=HANDLED, processed_at__lte=before).exclude(body=b"")
    return old.update(body=b"", headers={}, form={}, sender=[], url="")
