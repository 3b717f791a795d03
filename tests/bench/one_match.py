"""How long one match takes: `python -m tests.bench.one_match AGENTS WAITING`. Everybody is full but for one slot."""

import json
import sys
import time
from statistics import median

import django

MATCHES = 60

if __name__ == "__main__":
    django.setup()
    from django.utils import timezone

    from contactcenter.queues import match, roster
    from contactcenter.queues.models import Agent, Queue, WorkItem
    from tests.bench import line_up

    people, count = int(sys.argv[1]), int(sys.argv[2])
    line = Queue.objects.select_related("office").order_by("id").first()
    assert line is not None
    users = line_up.agents(people, line)
    line_up.waiting(count, line)
    Agent.objects.filter(user__in=users).update(written_slots=0)
    spent = []
    for n in range(MATCHES):
        # One person has room for one contact: the work of one match, however many wait and work.
        chosen = users[n % people]
        Agent.objects.filter(user=chosen).update(written_slots=1 + n // people)
        roster.forget()
        roster.known()
        began = time.perf_counter()
        made = match.run(timezone.now())
        spent.append(time.perf_counter() - began)
        assert made == 1, f"{made} matches instead of one"
        Agent.objects.filter(user=chosen).update(written_slots=0)
    assert WorkItem.objects.filter(state="offered").count() == MATCHES
    print(json.dumps(median(spent)))
