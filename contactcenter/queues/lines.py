"""Changing a queue: its name, its hours, the days it is closed."""

from typing import Any

from django.db import transaction

from contactcenter.queues.models import Queue
from crm import audit
from crm.access import require
from crm.models import User


def change(*, queue: Queue, actor: User, **fields: Any) -> None:
    """Set columns of a queue. `hours` as in `sla.calendars.Week`. Raises `Forbidden`."""
    require(actor, "settings.change")
    with transaction.atomic():
        for name, value in fields.items():
            setattr(queue, name, value)
        queue.save(update_fields=list(fields))
        audit.record("queue.changed", subject=f"queue:{queue.slug}", actor=actor, data={"fields": sorted(fields)})
