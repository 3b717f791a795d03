"""Telling a worker that something waits. A hint and no more: the sweeper finds what a broker forgot."""

import structlog
from celery import current_app
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def hint(item_id: int) -> None:
    try:
        current_app.send_task("outbox.dispatch", args=[item_id], retry=False, ignore_result=True)
    except (OperationalError, OSError) as error:
        log.warning("outbox.hint_lost", item=item_id, error=type(error).__name__)
