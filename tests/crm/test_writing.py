"""Rows written without the ORM's compiler are the rows that the ORM would have written."""

import datetime as dt
import uuid

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm import audit, events, writing
from crm.models import AuditEntry, Citizen, ContactPoint, Event, Interaction, Office

OPENED = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def interaction() -> Interaction:
    office = Office.objects.create(slug="anagrafe", name="Anagrafe")
    return Interaction.objects.create(account="mail", family="written", office=office, opened_at=OPENED, version=3)


@pytest.mark.django_db
def test_new_rows_get_their_ids_in_order_and_read_back_the_same() -> None:
    citizen = uuid.uuid4()
    rows = [
        audit.entry("case.read", subject=f"case:{n}", citizen=citizen, data={"perché": [n, None], "%s": "'; --"})
        for n in range(3)
    ]
    writing.insert(*rows)
    assert [row.pk for row in rows] == sorted(row.pk for row in rows)
    read = list(AuditEntry.objects.order_by("pk"))
    shown = ("pk", "at", "action", "subject", "citizen", "data", "position")
    assert [[getattr(row, name) for name in shown] for row in read] == [
        [getattr(row, name) for name in shown] for row in rows
    ]


@pytest.mark.django_db
def test_a_written_row_is_no_new_one_any_more() -> None:
    giulia = Citizen(name="Giulia Ferri", created_at=OPENED)
    writing.insert(giulia)
    giulia.name = "Giulia Ferri Neri"
    giulia.save()
    assert [citizen.name for citizen in Citizen.objects.all()] == ["Giulia Ferri Neri"]


@pytest.mark.django_db
def test_an_update_changes_the_named_fields_of_that_row_alone(interaction: Interaction) -> None:
    other = Interaction.objects.create(account="mail", family="written", office=interaction.office, opened_at=OPENED)
    interaction.preview, interaction.last_message_at, interaction.subject = "Buongiorno", OPENED, "not written"
    writing.send(writing.update(interaction, "preview", "last_message_at"))
    writing.send(writing.increase(interaction, "version"))
    interaction.refresh_from_db()
    other.refresh_from_db()
    assert (interaction.preview, interaction.last_message_at, interaction.version) == ("Buongiorno", OPENED, 4)
    assert (interaction.subject, other.preview, other.version) == ("", "", 0)


@pytest.mark.django_db
def test_two_changes_of_one_row_are_never_sent_together(interaction: Interaction) -> None:
    """PostgreSQL would carry out one of them and say nothing."""
    with pytest.raises(ValueError, match="Two changes of one row"):
        writing.send(writing.update(interaction, "preview"), writing.increase(interaction, "version"))


@pytest.mark.django_db
def test_what_accompanies_a_fact_travels_with_it(interaction: Interaction) -> None:
    """One statement where the database can, else one for each; in both cases all of it is there."""
    along = (writing.increase(interaction, "version"), audit.write("item.claimed", subject="item:1"))
    with CaptureQueriesContext(connection) as asked:
        (fact,) = events.record(events.fact("item.claimed", interaction=interaction, at=OPENED), along=along)
    assert len(asked) == (1 if connection.vendor == "postgresql" else 3)
    assert all("INSERT" in query["sql"] or "UPDATE" in query["sql"] for query in asked.captured_queries)
    assert Event.objects.get().pk == fact.pk
    assert AuditEntry.objects.get().action == "item.claimed"
    interaction.refresh_from_db()
    assert interaction.version == 4


@pytest.mark.django_db
def test_a_constraint_refuses_all_that_was_sent_together(interaction: Interaction) -> None:
    point = ContactPoint.objects.create(scheme="tel", value="+39", created_at=timezone.now())
    again = ContactPoint(scheme="tel", value=point.value, created_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        writing.send(writing.increase(interaction, "version"), writing.insertion([again]))
    interaction.refresh_from_db()
    assert interaction.version == 3


@pytest.mark.django_db
def test_entries_written_along_are_sealed_like_any_other() -> None:
    for number in range(12):
        events.record(events.fact("case.opened"), along=(audit.write("case.opened", subject=f"case:{number}"),))
    assert audit.seal() == 12
    assert audit.verify() == []
