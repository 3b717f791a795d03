"""Handing a fact to a worker, once it is committed, if anybody could be told of it. Nothing is kept for later: a notice
that comes minutes late helps nobody, and the bell on the desk has it all the same."""

import time
from collections.abc import Iterable
from functools import partial

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

from contactcenter.push import keys
from contactcenter.push.models import PushSubscription

log = structlog.get_logger(__name__)
OFFER, MESSAGE, MENTION = "offer", "message", "mention"
_read_at, _somebody = float("-inf"), False


def after_commit(kind: str, interaction_id: int | None, users: Iterable[int] = ()) -> None:
    """`users`: whom it concerns; of a message the worker finds out who owns the conversation."""
    if interaction_id is not None:
        transaction.on_commit(partial(_hint, kind, interaction_id, tuple(users)))


def _hint(kind: str, interaction_id: int, users: tuple[int, ...]) -> None:
    if not keys.is_set() or not _anybody():
        return
    try:
        current_app.send_task(
            "push.tell", args=[kind, interaction_id, list(users)], retry=False, ignore_result=True, expires=60
        )
    except (OperationalError, OSError) as error:
        log.warning("push.hint_lost", error=type(error).__name__)


def _anybody() -> bool:
    """Whether any device is subscribed; a house where nobody is pays nothing for each message."""
    global _read_at, _somebody
    now = time.monotonic()
    if now - _read_at >= settings.PUSH_KNOWN_FOR:
        _read_at, _somebody = now, PushSubscription.objects.exists()
    return _somebody
