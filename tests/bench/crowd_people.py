"""A full office on the house's data: `python -m tests.bench.crowd_people AGENTS SLOTS`. Gives a session for each agent."""

import json
import sys

import django

from tests.crash.furnish import agent


def people(count: int, slots: int) -> list[dict[str, str]]:
    """So many agents who are there, each with room for so many chats; chats come to them by themselves."""
    from contactcenter.queues.models import Agent, AgentLanguage, Queue
    from crm.models import Grant, User

    Queue.objects.update(mode="pull", wrap_up_seconds=0)
    office, made = Queue.objects.select_related("office").get(slug="accoglienza").office, []
    for number in range(count):
        user = User.objects.create(username=f"clerk{number}", first_name="Clerk", last_name=str(number), password="!")
        Grant.objects.create(user=user, role="agent", office=office)
        profile = Agent.objects.create(user=user, chat_slots=slots)
        AgentLanguage.objects.bulk_create(AgentLanguage(agent=profile, language=code) for code in ("it", "en"))
        made.append({"session": agent(user.username), "topic": f"person.{user.public_id}"})
    return made


def take_all() -> int:
    """Everybody takes what is next while somebody waits, by turns; from then on chats come to them by themselves."""
    from django.utils import timezone

    from contactcenter.queues import work_items
    from contactcenter.queues.models import Presence, Queue
    from contactcenter.queues.work_items import NoRoom
    from crm.models import User

    clerks, now, taken, some = (
        list(User.objects.filter(username__startswith="clerk").order_by("id")),
        timezone.now(),
        0,
        True,
    )
    there = {"status": "available", "since": now, "routing": "free", "seen_at": now}
    Presence.objects.bulk_create(Presence(user=user, **there) for user in clerks)
    while some:
        some = False
        for user in clerks:
            try:
                item = work_items.take_next(actor=user)
            except NoRoom:
                continue
            some, taken = some or item is not None, taken + (item is not None)
    Presence.objects.update(seen_at=timezone.now())
    Queue.objects.update(mode="push")
    return taken


if __name__ == "__main__":
    django.setup()
    print(json.dumps(take_all() if sys.argv[1] == "take" else people(int(sys.argv[1]), int(sys.argv[2]))))
