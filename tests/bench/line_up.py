"""Makes agents and a line of contacts on the house's data: `python -m tests.bench.line_up AGENTS WAITING [BARE]`."""

import json
import sys
from datetime import timedelta

import django

if __name__ == "__main__":
    django.setup()

from django.utils import timezone

from contactcenter.queues.models import Agent, AgentLanguage, Offer, Presence, Queue, WorkItem
from crm.models import Grant, Interaction, User

SLOTS = 50


def agents(count: int, queue: Queue) -> list[int]:
    """So many people who are there, with fifty written slots each; the others of earlier rounds go home."""
    now = timezone.now()
    Presence.objects.update(status=Presence.Status.OFFLINE)
    User.objects.bulk_create(
        [User(username=f"clerk{n}", first_name="Clerk", last_name=str(n)) for n in range(count)], ignore_conflicts=True
    )
    people = list(User.objects.filter(username__in=[f"clerk{n}" for n in range(count)]))
    Grant.objects.bulk_create(
        [Grant(user=user, role="agent", office=queue.office) for user in people], ignore_conflicts=True
    )
    Agent.objects.bulk_create([Agent(user=user, written_slots=SLOTS) for user in people], ignore_conflicts=True)
    profiles = Agent.objects.filter(user__in=people)
    AgentLanguage.objects.bulk_create(
        [AgentLanguage(agent=agent, language=code) for agent in profiles for code in ("it", "en")],
        ignore_conflicts=True,
    )
    fields = {"status": Presence.Status.AVAILABLE, "since": now, "seen_at": now, "missed": False, "lost": False}
    for user in people:
        Presence.objects.update_or_create(user=user, defaults=fields)
    return [user.pk for user in people]


def waiting(count: int, queue: Queue) -> None:
    """So many contacts in writing, one a second; those of earlier rounds are gone."""
    Offer.objects.all().delete()
    WorkItem.objects.all().delete()
    begun = timezone.now() - timedelta(seconds=count)
    rows = Interaction.objects.bulk_create(
        [
            Interaction(
                account="", family="written", queue=queue.slug, office=queue.office, opened_at=begun, language="it"
            )
            for _n in range(count)
        ],
        batch_size=500,
    )
    WorkItem.objects.bulk_create(
        [
            WorkItem(
                interaction=row, queue=queue, family="written", queued_at=at, rank_at=at, entered_at=at, language="it"
            )
            for n, row in enumerate(rows)
            for at in [begun + timedelta(seconds=n)]
        ],
        batch_size=500,
    )


def bare(count: int) -> None:
    """Rows of the bare loop: nothing but who has it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare_claim")
        cursor.execute("CREATE TABLE bare_claim (id serial PRIMARY KEY, owner integer, queued_at timestamptz)")
        cursor.execute(
            "INSERT INTO bare_claim (queued_at) SELECT now() + n * interval '1 second' FROM generate_series(1, %s) AS n",
            [count],
        )
        cursor.execute("CREATE INDEX ON bare_claim (queued_at) WHERE owner IS NULL")


def tidied() -> None:
    """What autovacuum has long done where rows come one by one: planners know how many wait, no index holds the dead."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    line = Queue.objects.select_related("office").order_by("id").first()
    assert line is not None
    people = agents(int(sys.argv[1]), line)
    waiting(int(sys.argv[2]), line)
    if len(sys.argv) > 3:
        bare(int(sys.argv[3]))
    tidied()
    print(json.dumps(people))
