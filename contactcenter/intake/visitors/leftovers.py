"""What visitors left behind that nobody needs: sessions that expired, files that were chosen and never sent."""

from datetime import datetime, timedelta

from contactcenter.files import store
from contactcenter.intake.visitors.models import VisitorSession
from crm.models import Attachment

NEVER_SENT_AFTER = timedelta(days=1)
BATCH = 500


def forget(now: datetime) -> int:
    """Returns how many sessions and files are gone."""
    expired = VisitorSession.objects.filter(expires_at__lt=now).values_list("pk", flat=True)[:BATCH]
    sessions, _by_model = VisitorSession.objects.filter(pk__in=list(expired)).delete()
    return sessions + _forget_files(now - NEVER_SENT_AFTER)


def _forget_files(before: datetime) -> int:
    """The row first: a file without a row is litter, a row without its file would be a promise."""
    rows = Attachment.objects.filter(
        message__isnull=True, created_at__lt=before
    )  # an agent's too, whose page broke off
    gone = 0
    for attachment in rows[:BATCH]:
        taken, _by_model = Attachment.objects.filter(pk=attachment.pk, message__isnull=True).delete()
        if taken:
            store.path_of(attachment).unlink(missing_ok=True)
            gone += 1
    return gone
