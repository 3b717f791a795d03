"""What the clock brings about among promised calls; before the queues' own round, which offers what waits."""

from datetime import datetime

import structlog
from django.db import DatabaseError

from contactcenter.calls import callbacks

log = structlog.get_logger(__name__)


def sweep(now: datetime) -> int:
    """Returns how many things were done. A step that fails doesn't keep the others from running."""
    done = 0
    for step in (callbacks.rest_closed, callbacks.let_go):
        try:
            done += step(now)
        except DatabaseError as error:
            log.warning("calls.sweep_failed", step=step.__name__, error=type(error).__name__)
    return done
