"""Puts so many more people into the line, ours and the bare one: `python -m tests.bench.waiting_line N`."""

import sys
from datetime import timedelta

import django


def fill(count: int) -> None:
    from django.utils import timezone

    from contactcenter.accounts import accounts
    from contactcenter.queues.models import WorkItem
    from crm.models import Citizen, ContactPoint, Interaction, Message
    from tests.bench.bare.models import Case, Contact, QueueRow

    account, now = accounts.find("program"), timezone.now()
    before = WorkItem.objects.count()
    moments = [now - timedelta(seconds=number) for number in range(count)]
    citizens = Citizen.objects.bulk_create([Citizen(name="Giulia Ferri", created_at=at) for at in moments])
    points = ContactPoint.objects.bulk_create(
        ContactPoint(citizen=citizen, scheme="mailto", value=f"g{before + number}@example.org", created_at=now)
        for number, citizen in enumerate(citizens)
    )
    interactions = Interaction.objects.bulk_create(
        Interaction(
            account=account.slug, family="written", contact_point=point, citizen=point.citizen, office=account.office,
            queue=account.queue.slug, subject="Orari", preview="Quando apre l'anagrafe?", opened_at=at, last_seq=1,
            version=1, last_message_at=at, awaiting_reply_since=at,
        )
        for point, at in zip(points, moments, strict=True)
    )  # fmt: skip
    Message.objects.bulk_create(
        Message(
            interaction=row, seq=1, direction="in", account=account.slug, sender=row.contact_point, state="received",
            text="Quando apre l'anagrafe?", created_at=row.opened_at,
        )
        for row in interactions
    )  # fmt: skip
    WorkItem.objects.bulk_create(
        WorkItem(interaction=row, queue=account.queue, family="written", queued_at=row.opened_at, rank_at=row.opened_at)
        for row in interactions
    )
    contact, _made = Contact.objects.get_or_create(address="giulia@example.org", name="Giulia Ferri")
    case, _made = Case.objects.get_or_create(contact=contact, subject="Orari", defaults={"opened_at": now})
    QueueRow.objects.bulk_create(
        QueueRow(case=case, who="Giulia Ferri", about="Quando apre l'anagrafe?", queued_at=at) for at in moments
    )


if __name__ == "__main__":
    django.setup()
    fill(int(sys.argv[1]))
    print("{}")
