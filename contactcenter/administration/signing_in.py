"""What signing in leaves behind: sessions that ended, and who tried from where."""

from datetime import datetime, timedelta
from importlib import import_module

from axes.models import AccessAttempt, AccessLog
from django.conf import settings

KEPT = timedelta(days=90)  # long enough to look into a break-in; names and network addresses are not kept for ever


def forget(now: datetime) -> int:
    """Returns how many records of attempts and sign-ins are gone. Expired sessions go too."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    before = now - KEPT
    return sum(model.objects.filter(attempt_time__lt=before).delete()[0] for model in (AccessAttempt, AccessLog))
