"""What comes in is led by the rules, past what is full or closed, and to whoever talked with the citizen last."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from channels_adapters.contract import Address, InboundMessage
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake.receive import receive
from contactcenter.queues import agents, lines, parking, presence, roster, rulebook, rules, work_items
from contactcenter.queues.models import Queue, WorkItem
from contactcenter.sla.models import OfficeCalendar
from crm.models import ContactPoint, Event, Interaction, User
from tests.people import Town

pytestmark = pytest.mark.django_db
Write = Callable[..., WorkItem]


@pytest.fixture
def write(letters: ChannelAccount) -> Write:
    """Somebody writes; gives the newest work item of theirs."""
    count = iter(range(1000))

    def written(who: str = "giulia", text: str = "Buongiorno", **fields: Any) -> WorkItem:
        event = InboundMessage(
            external_id=f"{who}-{next(count)}", sender=Address("paper", who, who.title()), text=text,
            **{"language": "it", **fields},
        )  # fmt: skip
        receive(account=letters, event=event, at=timezone.now())
        return WorkItem.objects.filter(interaction__contact_point__value=who).latest("id")

    return written


def test_a_rule_leads_a_contact_and_adds_what_it_asks_for(write: Write, town: Town, ada: User) -> None:
    rules.create(name="Urgenze", conditions={"words": ["sfratto"]}, priority=5, requirements="level >= 4", actor=ada)
    rules.create(name="Tributi", conditions={"words": ["rimbors*"]}, queue=town.taxes_queue, actor=ada)
    item = write(text="Ho uno sfratto e aspetto un rimborso")
    assert (item.queue, item.priority, item.requirements) == (town.taxes_queue, 5, "level >= 4")
    assert item.why == "La regola «Tributi» porta alla coda Tributi."
    interaction = Interaction.objects.get()
    assert (interaction.queue, interaction.office) == ("tributi", town.taxes)
    steps = Event.objects.get(name="interaction.queued").data["steps"]
    assert [step["what"] for step in steps] == ["requirements", "priority", "rule", "language-unspoken"]
    assert write("marco", text="Buongiorno").queue == town.front_queue


def test_why_is_written_for_those_who_work_here(write: Write) -> None:
    with translation.override("uk"):
        assert write().why == "Questo canale porta alla coda Accoglienza."


def test_language_is_required_where_somebody_speaks_it(write: Write, anna: User, ada: User) -> None:
    assert write("olena", language="uk").language == ""
    agents.change(user=anna, languages={"it": 5, "uk": 3}, actor=ada)
    assert write("taras", language="uk").language == "uk"


def test_written_words_may_wait_in_a_closed_office(write: Write, town: Town, ada: User) -> None:
    never = OfficeCalendar.objects.create(slug="mai", name="Mai", zone="Europe/Rome")
    lines.change(queue=town.taxes_queue, actor=ada, calendar=never)
    rules.create(name="Tributi", queue=town.taxes_queue, actor=ada)
    assert write("giulia").queue == town.taxes_queue
    assert rulebook.known().lines(timezone.now())["tributi"].open is False


def test_an_emergency_shuts_a_queue_for_the_rules(town: Town, ada: User) -> None:
    assert rulebook.known().lines(timezone.now())["tributi"].open
    lines.switch_emergency(queue=town.taxes_queue, on=True, texts={"it": "Allagato."}, actor=ada)
    assert not rulebook.known().lines(timezone.now())["tributi"].open


def test_who_finds_the_line_full_begins_in_the_next_one(write: Write, town: Town, ada: User) -> None:
    lines.change(
        queue=town.front_queue, actor=ada, max_length=1, overflow="queue", overflow_to=town.taxes_queue, priority=2
    )
    first, second = write("giulia"), write("marco")
    assert (first.queue, first.visited, first.priority) == (town.front_queue, [], 2)
    assert (second.queue, second.visited, second.priority) == (town.taxes_queue, ["accoglienza"], 0)
    assert Interaction.objects.get(contact_point__value="marco").queue == "tributi"
    fact = Event.objects.get(name="item.overflowed")
    assert (fact.queue, fact.data) == ("tributi", {"origin": "accoglienza", "to": "tributi"})


def test_two_full_lines_lead_nowhere_else(write: Write, town: Town, ada: User) -> None:
    lines.change(queue=town.taxes_queue, actor=ada, max_length=1)
    lines.change(queue=town.front_queue, actor=ada, max_length=1, overflow="queue", overflow_to=town.taxes_queue)
    assert [write(who).queue.slug for who in ("giulia", "marco", "sara")] == ["accoglienza", "tributi", "tributi"]


def test_the_familiar_agent_is_known_where_the_queue_wants_to(write: Write, anna: User, ada: User, town: Town) -> None:
    item = work_items.claim(item=write("giulia"), actor=anna)
    work_items.finish(item=item, actor=anna)
    assert write("giulia").last_agent is None
    lines.change(queue=town.front_queue, actor=ada, sticky_seconds=60)
    WorkItem.objects.exclude(pk=item.pk).delete()
    Interaction.objects.exclude(work_items=item).delete()
    assert write("giulia").last_agent == anna
    assert write("marco").last_agent is None


def test_a_citizens_word_wakes_what_was_parked_for_it(write: Write, anna: User, now: dt.datetime) -> None:
    presence.change(user=anna, status="available")
    item = work_items.claim(item=write("giulia", thread="t1"), actor=anna)
    parking.park(item=item, actor=anna, until=timezone.now() + dt.timedelta(days=3))
    write("giulia", thread="t1", text="Ecco il documento")
    item.refresh_from_db()
    assert item.parked_until == timezone.now()
    parking.wake_due(timezone.now())
    item.refresh_from_db()
    assert (item.state, item.owner) == ("claimed", anna)


def test_a_verified_citizen_may_be_led_elsewhere(write: Write, town: Town, ada: User) -> None:
    rules.create(name="Noti", conditions={"citizen": ["verified"]}, queue=town.taxes_queue, actor=ada)
    assert write("giulia").queue == town.front_queue
    ContactPoint.objects.update(status="verified", verified_at=timezone.now(), verified_how="sportello")
    assert write("giulia").queue == town.taxes_queue


def test_the_rules_cost_no_statement_of_their_own(write: Write, town: Town, ada: User) -> None:
    def statements() -> int:
        rulebook.known(), roster.known()
        with CaptureQueriesContext(
            connection,
        ) as captured:
            write(f"somebody-{next(numbers)}", topic="tari-rimborso")
        return len(captured)

    numbers = iter(range(10))
    statements()
    without = statements()
    for number in range(20):
        rules.create(name=f"Regola {number}", conditions={"words": ["mai detto"]}, queue=town.taxes_queue, actor=ada)
    assert statements() == without
    lines.change(queue=town.taxes_queue, actor=ada, sticky_seconds=60)
    assert statements() == without + 1


def test_a_queue_made_a_moment_ago_elsewhere_takes_its_contacts(
    write: Write, letters: ChannelAccount, town: Town
) -> None:
    rulebook.known()
    fresh = Queue.objects.create(slug="nuova", name="Nuova", office=town.taxes)  # another process did
    ChannelAccount.objects.update(queue=fresh)
    letters.refresh_from_db()
    assert write("giulia").queue == fresh
