"""What the clock brings about, every two seconds. Each step finds its own work and does it by conditional updates, so
that any number of sweepers may run, and one that was killed in the middle has left nothing undone."""

from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import DatabaseError

from contactcenter.queues import agents, match, offers, overflow, parking, presence, work_items

log = structlog.get_logger(__name__)
STEPS: tuple[Callable[[datetime], int], ...] = (
    offers.expire_due,
    presence.notice_lost,
    presence.sign_off_lost,
    agents.return_work_of_departed,
    work_items.end_wrap_ups,
    parking.wake_due,
    overflow.flow,
    match.run,
)


def sweep(now: datetime) -> int:
    """Returns how many things were done. A step that fails doesn't keep the others from running."""
    done = 0
    for step in STEPS:
        try:
            done += step(now)
        except DatabaseError as error:
            log.warning("queues.sweep_failed", step=step.__qualname__, error=type(error).__name__)
    return done
