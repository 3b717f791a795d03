"""Who is at the queue, as a program: `python -m tests.crash.members` reads orders, one in a line, and forks for each.

["do", ROLE, WORDS…] waits for its end and prints its answer; ["start", ROLE, WORDS…] prints its pid and goes on; ["wait"]
waits for all that were started and prints their exit codes by pid. It never opens a connection itself.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

from django.db import connection
from django.utils import timezone

from contactcenter.queues import match, offers, presence, sweep, work_items
from contactcenter.queues.models import Agent, Presence, Queue, WorkItem
from crm.models import Event, Grant, User
from tests.bench import claimer, line_up
from tests.crash.quarrel import quarrels
from tests.crash.waiting import pause

GLANCE = 0.1  # seconds until somebody looks again who had nothing to do
BEAT = timedelta(seconds=10)  # between two signs of life of a browser
OPEN = (WorkItem.State.WAITING, WorkItem.State.OFFERED, WorkItem.State.PARKED, WorkItem.State.WRAPPING)


# --- the line ---


def line_up_for(people: int, waiting: int, slots: int) -> list[int]:
    """So many people with so many slots for what is written, and so many contacts; ids of the people."""
    line = Queue.objects.select_related("office").get(slug="accoglienza")
    Queue.objects.filter(pk=line.pk).update(max_wait_seconds=None, overflow=Queue.Overflow.NONE, overflow_to=None)
    Event.objects.all().delete()
    Presence.objects.all().delete()
    users = line_up.agents(people, line)
    Agent.objects.update(written_slots=slots)
    line_up.waiting(waiting, line)
    return users


def overflows() -> None:
    """Whatever waits goes on into another queue of the same office, at once."""
    line = Queue.objects.select_related("office").get(slug="accoglienza")
    line.max_wait_seconds, line.overflow, line.overflow_to = 0, Queue.Overflow.QUEUE, another_line()
    line.save()


def another_line() -> Queue:
    """Besides the first, with a moment to wrap up."""
    line = Queue.objects.select_related("office").get(slug="accoglienza")
    return Queue.objects.get_or_create(
        slug="riserva", defaults={"name": "Riserva", "office": line.office, "wrap_up_seconds": 1}
    )[0]


def boss() -> int:
    """Somebody who may move what others have. A second queue to move it to is there, too."""
    another_line()
    diego, _made = User.objects.get_or_create(username="diego", defaults={"first_name": "Diego", "last_name": "Serra"})
    Grant.objects.get_or_create(user=diego, role="manager", office=None)
    return int(diego.pk)


# --- agents ---


class Browser:
    """Somebody's open page: it gives a sign every now and then."""

    def __init__(self, user_id: int, status: str = Presence.Status.AVAILABLE) -> None:
        self.user = User.objects.get(pk=user_id)
        presence.change(user=self.user, status=status)
        self.seen = timezone.now()

    def beat(self) -> None:
        if timezone.now() - self.seen > BEAT:
            presence.heartbeat(self.user)
            self.seen = timezone.now()

    def serve(self, get: Callable[[], bool]) -> None:
        """Get one more as long as there is room, finish one where there is none, until nothing waits."""
        slots, has = self.user.agent.written_slots, 0
        while True:
            self.beat()
            if has < slots and get():
                has += 1
            elif has == slots or is_over():
                if not self.finish():
                    return
                has = 0 if has == 0 else has - 1
            else:
                pause(GLANCE)

    def finish(self) -> bool:
        """The oldest of theirs; False where they have none."""
        mine = WorkItem.objects.filter(owner=self.user, state=WorkItem.State.CLAIMED).select_related("interaction")
        for item in mine.order_by("id")[:1]:
            work_items.finish(item=item, actor=self.user, outcome="solved")
            return True
        return False

    def accept(self) -> bool:
        """The first of what is offered; False where nothing is, or no longer."""
        for offer in offers.pending_of(self.user)[:1]:
            try:
                offers.accept(offer=offer, actor=self.user)
            except offers.OfferGone:
                return False
            return True
        return False


def is_over() -> bool:
    return not WorkItem.objects.filter(state__in=OPEN).exists()


def takes(user_id: int) -> None:
    """Picks what is next, and is asked for nothing."""
    page = Browser(user_id, Presence.Status.AWAY)
    page.serve(claimer.ours(user_id))


def accepts(user_id: int) -> None:
    """Takes only what is offered."""
    page = Browser(user_id)
    page.serve(page.accept)


def is_asked_and_dies(user_id: int) -> None:
    """The offer is committed; nothing follows."""
    page = Browser(user_id)
    first = WorkItem.objects.in_order().first()
    assert first is not None
    assert offers.make(item_id=first.pk, user_id=page.user.pk, at=timezone.now(), why="longest-idle") is not None
    os.kill(os.getpid(), signal.SIGKILL)


# --- matchers ---


def matches() -> None:
    """Until nothing waits."""
    while not is_over():
        if not match.run(timezone.now()) + sweep.sweep(timezone.now()):
            pause(GLANCE)


def freezes(offer: int) -> None:
    """Stops in the middle of its offer number so and so: the person and the item are locked, nothing is committed."""
    made = 0

    def stop(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal made
        answer = execute(sql, params, many, context)
        if sql.startswith('INSERT INTO "contactcenter_offer"'):
            made += 1
            if made == offer:
                os.kill(os.getpid(), signal.SIGSTOP)
        return answer

    with connection.execute_wrapper(stop):
        matches()


ROLES: dict[str, Callable[..., Any]] = {
    role.__name__: role
    for role in (line_up_for, overflows, boss, takes, accepts, is_asked_and_dies, matches, freezes, quarrels)
}  # fmt: skip


# --- the program ---


def fork(role: str, *words: Any, aloud: bool) -> int:
    if pid := os.fork():
        return pid
    code = 1
    try:
        answer = ROLES[role](*words)
        if aloud:
            print(json.dumps(answer), flush=True)
        code = 0
    except BaseException:  # noqa: BLE001  (the child ends here, whatever it was; its words are in the log)
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    started: list[int] = []
    for line in sys.stdin:
        how, *words = json.loads(line)
        if how == "start":
            started.append(fork(*words, aloud=False))
            print(started[-1], flush=True)
        elif how == "wait":
            print(json.dumps({pid: ended(pid) for pid in started}), flush=True)
            started.clear()
        elif ended(fork(*words, aloud=True)):
            sys.exit(1)


def ended(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    main()
