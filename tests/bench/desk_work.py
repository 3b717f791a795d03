"""Puts work before Anna on the house's data: `python -m tests.bench.desk_work take N | offering`."""

import json
import sys

import django


def _at_work() -> None:
    from django.utils import timezone

    from contactcenter.queues.models import Agent, Presence
    from crm.models import User

    anna, now = User.objects.get(username="anna"), timezone.now()
    Agent.objects.update_or_create(user=anna, defaults={"chat_slots": 50, "written_slots": 50})
    there = {"status": "available", "since": now, "seen_at": now, "missed": False, "lost": False, "routing": "free"}
    Presence.objects.update_or_create(user=anna, defaults=there)


def take(count: int) -> str:
    """She takes so many of those who wait; the public id of the last one."""
    from contactcenter.queues import work_items
    from crm.models import User

    _at_work()
    anna, taken = User.objects.get(username="anna"), ""
    for _number in range(count):
        item = work_items.take_next(actor=anna)
        assert item is not None
        assert item.interaction is not None
        taken = str(item.interaction.public_id)
    return taken


def offering() -> None:
    """Chats come to her by themselves from now on; nobody else waits."""
    from django.utils import timezone

    from contactcenter.queues.models import Offer, Queue, WorkItem

    now = timezone.now()
    WorkItem.objects.filter(state__in=["waiting", "offered"]).update(state="done", ended_at=now)
    Offer.objects.filter(state="pending").update(state="rescinded", ended_at=now)
    Queue.objects.update(mode="push", wrap_up_seconds=0)
    _at_work()


if __name__ == "__main__":
    django.setup()
    if sys.argv[1] == "take":
        print(json.dumps(take(int(sys.argv[2]))))
    else:
        offering()
        print("{}")
