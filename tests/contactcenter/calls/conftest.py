"""A citizen who waited too long in a line that offers to call back."""

import datetime as dt
from collections.abc import Callable

import pytest

from contactcenter.calls import callbacks
from contactcenter.queues import overflow, roster
from contactcenter.queues.models import Queue, WorkItem
from tests.conftest import MONDAY_MORNING
from tests.contactcenter.queues.conftest import Queues, _in_english, colleagues, queues_up, sits_down
from tests.people import Town

__all__ = ["_in_english", "colleagues", "queues_up", "sits_down"]
NUMBER, SHOWN = "+390552345678", "+39 055 234 5678"
Asked = Callable[..., WorkItem]


@pytest.fixture
def calls_back(town: Town) -> Queue:
    """The front office's line asks after a minute."""
    Queue.objects.filter(pk=town.front_queue.pk).update(overflow="callback", max_wait_seconds=60)
    roster.forget()
    town.front_queue.refresh_from_db()
    return town.front_queue


@pytest.fixture
def waits_long(calls_back: Queue, queues_up: Queues) -> Asked:
    """`waits_long("Giulia")` has waited two minutes and is being asked."""

    def waited(who: str, **more: object) -> WorkItem:
        begun = MONDAY_MORNING - dt.timedelta(seconds=120)
        item = queues_up(who, **{"at": begun, **more})
        overflow.flow(MONDAY_MORNING)
        item.refresh_from_db()
        return item

    return waited


@pytest.fixture
def promised(waits_long: Asked) -> Asked:
    """`promised("Giulia")` left her number."""

    def asked(who: str, number: str = NUMBER, **more: object) -> WorkItem:
        item = waits_long(who, **more)
        assert item.interaction is not None
        callbacks.ask(interaction=item.interaction, number=number)
        item.refresh_from_db()
        return item

    return asked
