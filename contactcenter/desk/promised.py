"""A call that was promised, as the desk shows it: whom to dial, in which language, since when they wait."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from contactcenter.calls import numbers
from contactcenter.calls.models import MOST_TRIES
from contactcenter.desk import names
from contactcenter.queues.models import WorkItem
from crm.models import User

COLUMNS = ("number", "state", "language", "since", "not_before", "tries")  # of a callback, for whoever reads few


@dataclass(frozen=True)
class Promise:
    number: str  # as people read it
    href: str  # dials it
    language: str  # its name; "" = not known
    since: datetime
    rests_until: datetime | None  # nobody is asked to call before then
    next_try: int  # 1 is the first
    of_tries: int = MOST_TRIES
    may_tell: bool = False  # the reader has it, and says what came of it


def of(item: WorkItem | None, user: User | None = None) -> Promise | None:
    """None where nobody is to be called. The item was read with its callback."""
    if item is None or item.callback is None or not item.is_to_call:
        return None
    promise, now = item.callback, timezone.now()
    rests = item.state == WorkItem.State.PARKED and item.owner_id is None and promise.not_before > now
    return Promise(
        number=numbers.shown(promise.number),
        href=f"tel:{promise.number}",
        language=names.language(promise.language) if promise.language else "",
        since=promise.since,
        rests_until=promise.not_before if rests else None,
        next_try=promise.tries + 1,
        may_tell=user is not None and item.owner_id == user.pk and item.state == WorkItem.State.CLAIMED,
    )
