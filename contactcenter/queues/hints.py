"""Telling the matcher that something changed. A hint and no more: the sweep every two seconds finds the same."""

import structlog
from celery import current_app
from django.core.cache import cache
from django.db import transaction
from kombu.exceptions import OperationalError

from contactcenter.queues.models import Queue

log = structlog.get_logger(__name__)
FLAG, LONGEST = "matching-hinted", 2  # seconds: what a lost hint costs at most, as the sweep comes then


def after_commit(queue: Queue | None = None) -> None:
    """Somebody waits, or somebody has room. Nothing for a queue whose contacts are only picked from the list."""
    if queue is None or queue.offers:
        transaction.on_commit(_hint)


def _hint() -> None:
    """Many changes together are one hint: the flag falls when the matcher begins to read."""
    if not cache.add(FLAG, True, LONGEST):
        return
    try:
        current_app.send_task("queues.match", retry=False, ignore_result=True)
    except (OperationalError, OSError) as error:
        log.warning("matching.hint_lost", error=type(error).__name__)


def heard() -> None:
    """The matcher begins to read: what changes from now on is a new hint."""
    cache.delete(FLAG)
