"""Setting up a queue: everything is checked, every fault has a place, and what waits is put in order anew."""

import datetime as dt
import importlib
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from contactcenter.accounts.models import ChannelAccount
from contactcenter.queues import calendars, lines, roster, work_items
from contactcenter.queues.models import Queue, Skill, WorkItem
from contactcenter.queues.models.lines import FRONT
from contactcenter.sla.models import OfficeCalendar
from crm.access import Forbidden
from crm.models import AuditEntry, Event, Interaction, User
from tests.contactcenter.queues.conftest import Queues
from tests.people import Town

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def wrong(queue: Queue, actor: User, **fields: Any) -> lines.Wrong:
    with pytest.raises(lines.Wrong) as refused:
        lines.change(queue=queue, actor=actor, **fields)
    return refused.value


def waits(town: Town, minutes: int, priority: int = 0) -> WorkItem:
    at = timezone.now() - dt.timedelta(minutes=minutes)
    interaction = Interaction.objects.create(
        account="carta", family="written", office=town.front, queue="accoglienza", opened_at=at
    )
    return work_items.enqueue(interaction=interaction, queue=town.front_queue, priority=priority, at=at)[0]


def order() -> list[int]:
    return list(WorkItem.objects.in_order().values_list("pk", flat=True))


def test_a_queue_is_opened_and_the_audit_says_by_whom(town: Town, ada: User) -> None:
    made = lines.open(slug="ucraina", name="Linea Ucraina", office=town.front, actor=ada, topics=[town.refund])
    assert made.calendar is None
    assert list(made.topics.all()) == [town.refund]
    assert AuditEntry.objects.filter(action="queue.opened", actor=ada, subject="queue:ucraina").exists()
    assert Event.objects.filter(name="queue.opened", queue="ucraina").exists()


def test_a_short_name_belongs_to_one_queue(town: Town, ada: User) -> None:
    with pytest.raises(lines.Wrong, match="Another queue has the short name “tributi”"):
        lines.open(slug="tributi", name="Tributi 2", office=town.taxes, actor=ada)


@pytest.mark.parametrize("who", ["anna", "diego"])
def test_only_administrators_set_queues_up(who: str, town: Town, request: pytest.FixtureRequest) -> None:
    with pytest.raises(Forbidden):
        lines.change(queue=town.front_queue, actor=request.getfixturevalue(who), name="Mia")


def test_a_typo_in_the_requirements_is_marked_at_its_place(town: Town, ada: User) -> None:
    error = wrong(town.front_queue, ada, requirements='languages HAS "uk" AN level >= 4')
    assert error.sentences == {"requirements": ["Expected AND, OR or the end here."]}
    assert error.mistakes["requirements"].marked().endswith("\n                   ^^")
    assert Queue.objects.get(slug="accoglienza").requirements == ""


@pytest.mark.parametrize(
    "text, marked, sentence",
    [
        ('level >= 2 AND skills HAS "tributi"', "tributi", "There is no skill “tributi” in use."),
        ("skills.tributi >= 3", "tributi", "There is no skill “tributi” in use."),
        ('topics HAS "tari"', "tari", "There is no topic “tari” in use."),
        ('offices IN ["accoglienza", "luna"]', "luna", "There is no office “luna” in use."),
        ('languages HAS "italiano"', "italiano", "“italiano” is no code of a language"),
    ],
)
def test_what_nobody_can_ever_have_is_refused(text: str, marked: str, sentence: str, town: Town, ada: User) -> None:
    error = wrong(town.front_queue, ada, requirements=text)
    mistake = error.mistakes["requirements"]
    assert sentence in error.sentences["requirements"][0]
    assert text[mistake.position : mistake.position + mistake.length] == marked


def test_what_the_house_knows_may_be_required(town: Town, ada: User) -> None:
    Skill.objects.create(slug="tributi", name="Tributi", topic=town.refund)
    text = 'languages HAS "uk" AND (skills HAS "tributi" OR topics HAS "tari-rimborso" OR offices HAS "tributi")'
    lines.change(queue=town.front_queue, actor=ada, requirements=text)
    assert Queue.objects.get(slug="accoglienza").requirements == text


def test_language_never_relaxes(town: Town, ada: User) -> None:
    steps = [{"after": 60, "requirements": "level >= 2"}, {"after": 120, "requirements": 'languages HAS "it"'}]
    error = wrong(town.front_queue, ada, steps=steps)
    assert list(error.sentences) == ["steps.1.requirements"]
    assert "Language never relaxes." in str(error)
    assert error.mistakes["steps.1.requirements"].position == 0


@pytest.mark.parametrize(
    "fields, place, sentence",
    [
        ({"steps": [{"after": 60, "requirements": ""}, {"after": 60, "requirements": ""}]}, "steps.1.after", "later"),
        ({"steps": [{"after": 0, "requirements": ""}]}, "steps.0.after", "from 1 to"),
        ({"steps": [{"after": n, "requirements": ""} for n in range(1, 12)]}, "steps", "more than 10 steps"),
        ({"targets": {"chat": [0, 60]}}, "targets.chat", "from 1 to 100"),
        ({"targets": {"chat": [101, 60]}}, "targets.chat", "from 1 to 100"),
        ({"targets": {"chat": [80, 0]}}, "targets.chat", "one second"),
        ({"targets": {"fax": [80, 60]}}, "targets.fax", "“fax” is unknown"),
        ({"priority": 101}, "priority", "from -100 to 100"),
        ({"name": " "}, "name", "Write a name."),
        ({"strategy": "loudest"}, "strategy", "“loudest” is unknown"),
        ({"max_length": 0}, "max_length", "from 1 to"),
        ({"overflow": "queue"}, "overflow_to", "Choose the queue"),
        ({"overflow": "callback"}, "overflow", "Nobody would ever be asked."),
        ({"texts": {"waiting": {"it": "x" * 1001}}}, "texts.waiting.it", "more than 1000 characters"),
        ({"texts": {"waiting": {"italiano": "x"}}}, "texts.waiting.italiano", "no code of a language"),
        ({"emergency": True}, "texts.emergency", "in one language at least"),
    ],
)
def test_each_fault_is_told_at_its_place(
    fields: dict[str, Any], place: str, sentence: str, town: Town, ada: User
) -> None:
    error = wrong(town.front_queue, ada, **fields)
    assert list(error.sentences) == [place]
    assert sentence in error.sentences[place][0]


def test_a_line_that_is_open_at_times_may_offer_to_call_back_and_one_that_never_is_may_not(
    town: Town, ada: User
) -> None:
    lines.change(queue=town.front_queue, actor=ada, overflow="callback", max_wait_seconds=300)
    assert Queue.objects.get(slug="accoglienza").overflow == "callback"
    never = OfficeCalendar.objects.create(slug="mai", name="Mai", zone="Europe/Rome")
    error = wrong(town.front_queue, ada, calendar=never)
    assert "never open" in error.sentences["overflow"][0]


def test_an_overflow_that_comes_back_is_refused_with_its_way(town: Town, ada: User) -> None:
    lines.change(queue=town.front_queue, actor=ada, overflow="queue", overflow_to=town.taxes_queue)
    error = wrong(town.taxes_queue, ada, overflow="queue", overflow_to=town.front_queue)
    assert "Tributi → Accoglienza → Tributi" in error.sentences["overflow_to"][0]
    lines.change(queue=town.front_queue, actor=ada, overflow="message")
    assert Queue.objects.get(slug="accoglienza").overflow_to is None


def test_a_higher_priority_brings_what_waits_forward(town: Town, ada: User) -> None:
    first, second = waits(town, 30), waits(town, 20, priority=1)
    lines.change(queue=town.front_queue, actor=ada, ageing_seconds=60)
    assert order() == [first.pk, second.pk]  # a point weighs one minute now, and the first has waited ten longer
    lines.change(queue=town.front_queue, actor=ada, ageing_seconds=0)
    assert order() == [second.pk, first.pk]  # and now it weighs more than any wait
    lines.change(queue=town.front_queue, actor=ada, ageing_seconds=600, priority=5)
    first.refresh_from_db()
    assert first.priority == 5
    assert first.rank_at == first.queued_at - dt.timedelta(minutes=50)


def test_what_was_put_in_front_stays_in_front(town: Town, ada: User) -> None:
    old, lost = waits(town, 60), waits(town, 5)
    WorkItem.objects.filter(pk=lost.pk).update(rank_at=lost.rank_at - FRONT)
    lines.change(queue=town.front_queue, actor=ada, ageing_seconds=0, priority=100)
    assert order() == [lost.pk, old.pk]
    lines.change(queue=town.front_queue, actor=ada, ageing_seconds=60, priority=-100)
    assert order() == [lost.pk, old.pk]


def test_a_queue_that_is_needed_stays_in_use(town: Town, ada: User, letters: ChannelAccount) -> None:
    waits(town, 1)
    lines.change(queue=town.taxes_queue, actor=ada, overflow="queue", overflow_to=town.front_queue)
    told = " ".join(wrong(town.front_queue, ada, active=False).sentences["active"])
    assert "1 contact is still here" in told
    assert "These channels lead here: URP Roccaverde" in told
    assert "These queues overflow to it: Tributi" in told


def test_what_is_changed_counts_at_once(town: Town, ada: User, anna: User) -> None:
    assert roster.known().lines[town.front_queue.pk].requirements is None
    lines.change(queue=town.front_queue, actor=ada, requirements="level >= 5")
    assert str(roster.known().lines[town.front_queue.pk].requirements) == "level >= 5"


def test_nothing_changed_is_nothing_told(town: Town, ada: User) -> None:
    assert lines.change(queue=town.front_queue, actor=ada, name="Accoglienza", topics=[]) == []
    assert not AuditEntry.objects.filter(action="queue.changed").exists()


def test_a_calendar_in_use_stays(town: Town, ada: User) -> None:
    calendar = OfficeCalendar.objects.create(
        slug="ore", name="Ore", zone="Europe/Rome", week={"mon": [["09:00", "12:00"]]}
    )
    assert lines.change(queue=town.front_queue, actor=ada, calendar=calendar) == ["calendar"]
    with pytest.raises(calendars.InUse, match="“Accoglienza”"):
        calendars.remove(calendar=calendar, actor=ada)


# --- emergency ---


def test_an_emergency_begins_and_ends_with_a_word_and_an_entry(town: Town, ada: User) -> None:
    lines.switch_emergency(queue=town.front_queue, on=True, texts={"it": "Alluvione: chiamare il 112."}, actor=ada)
    queue = Queue.objects.get(slug="accoglienza")
    assert (queue.emergency, queue.text("emergency", "uk")) == (True, "Alluvione: chiamare il 112.")
    lines.switch_emergency(queue=queue, on=False, actor=ada)
    told = AuditEntry.objects.filter(subject="queue:accoglienza", action__startswith="queue.emergency")
    assert list(told.order_by("id").values_list("action", flat=True)) == [
        "queue.emergency_began", "queue.emergency_ended",
    ]  # fmt: skip
    assert Event.objects.filter(name="queue.emergency_began").count() == 1
    assert Queue.objects.get(slug="accoglienza").texts["emergency"] == {"it": "Alluvione: chiamare il 112."}


def test_an_emergency_without_words_is_refused(town: Town, ada: User) -> None:
    with pytest.raises(lines.Wrong, match="Write what citizens read"):
        lines.switch_emergency(queue=town.front_queue, on=True, texts={"it": "  "}, actor=ada)


def test_nothing_else_that_is_wrong_delays_an_emergency(town: Town, ada: User) -> None:
    Queue.objects.filter(slug="accoglienza").update(requirements='skills HAS "gone"')
    lines.switch_emergency(queue=town.front_queue, on=True, texts={"it": "Chiuso."}, actor=ada)
    assert Queue.objects.get(slug="accoglienza").emergency


def test_outcomes_that_were_words_get_a_key_and_what_came_of_contacts_goes_along(town: Town, queues_up: Queues) -> None:
    done = queues_up("Giulia")
    WorkItem.objects.filter(pk=done.pk).update(state="done", ended_at=done.queued_at, outcome="Già risolto")
    Queue.objects.filter(pk=town.front_queue.pk).update(outcomes=["Già risolto", "già risolto", "вирішено"])
    moving = importlib.import_module("contactcenter.migrations.0017_outcomes")
    moving.name_them(apps, None)
    queue = Queue.objects.get(pk=town.front_queue.pk)
    assert [outcome["key"] for outcome in queue.outcomes] == ["gia-risolto", "gia-risolto-2", "outcome"]
    assert WorkItem.objects.get(pk=done.pk).outcome == "gia-risolto"
    moving.take_their_words(apps, None)
    assert Queue.objects.get(pk=queue.pk).outcomes == ["Già risolto", "già risolto", "вирішено"]
