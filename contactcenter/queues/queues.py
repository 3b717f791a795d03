"""Opening a line that contacts wait in."""

from django.db import transaction

from contactcenter.queues.models import Queue
from crm import audit
from crm.access import require
from crm.models import Office, Topic, User


def open_queue(*, slug: str, name: str, office: Office, actor: User | None, topics: list[Topic] | None = None) -> Queue:
    """Open always, until hours are set on its page. Raises `Forbidden`, `IntegrityError` for a slug in use."""
    if actor is not None:
        require(actor, "settings.change")
    with transaction.atomic():
        queue = Queue.objects.create(slug=slug, name=name, office=office)
        queue.topics.set(topics or [])
        audit.record("queue.opened", subject=f"queue:{slug}", actor=actor)
    return queue
