"""Heads differ whenever a screen should look again, and watching needs the same rights as reading."""

import pytest
from django.db.models import F
from django.utils import timezone

from contactcenter.accounts.models import ChannelAccount
from contactcenter.live import heads, topics, watching
from contactcenter.queues import presence, rights, work_items
from contactcenter.queues.models import Queue
from crm import cases, citizens, interactions
from crm.models import Event, Grant, Interaction, User
from tests.contactcenter.live.conftest import Write
from tests.people import Town, person


def head(topic: str) -> str:
    return heads.now([topic]).get(topic, "")


@pytest.mark.django_db
def test_every_change_of_a_conversation_changes_its_head(write: Write, anna: User, town: Town) -> None:
    found = write("Buongiorno")
    seen = [head(found.topic_group)]
    item = work_items.open_item(found)
    assert item is not None
    assert found.citizen is not None
    assert found.contact_point is not None
    point = found.contact_point
    case = cases.open(subject="TARI", office=town.front, citizen=found.citizen)
    for change in (
        lambda: write("Siete lì?"),
        lambda: work_items.claim(item=item, actor=anna),
        lambda: interactions.note(interaction=found, text="Chiamare", actor=anna),
        lambda: citizens.rename(citizen=found.citizen, name="Giulia Conti", actor=anna),
        lambda: citizens.verify(point=point, how="card", at=timezone.now(), actor=anna),
        lambda: cases.link(case=case, interaction=found, actor=anna),
        lambda: cases.change_status(case=case, status="resolved", actor=anna),
        lambda: work_items.finish(item=item, actor=anna),
    ):
        change()
        seen.append(head(found.topic_group))
    assert len(set(seen)) == len(seen)


@pytest.mark.django_db
def test_a_fact_that_commits_late_under_an_earlier_id_is_noticed(write: Write) -> None:
    found = write("Buongiorno")
    late = Event.objects.create(name="x", at=timezone.now(), queue="accoglienza", interaction=found)
    Event.objects.create(name="y", at=timezone.now(), queue="accoglienza", interaction=found)
    pk = late.pk
    late.delete()
    for topic in ("queue.accoglienza", found.topic_group):
        before = head(topic)
        Event.objects.create(pk=pk, name="x", at=timezone.now(), queue="accoglienza", interaction=found)
        assert head(topic) != before
        Event.objects.filter(pk=pk).delete()


@pytest.mark.django_db
def test_ones_own_head_follows_work_messages_and_presence(write: Write, anna: User, bruno: User) -> None:
    topic = f"person.{anna.public_id}"
    found, seen = write("Buongiorno"), [head(topic)]
    item = work_items.open_item(found)
    assert item is not None
    work_items.claim(item=item, actor=anna)
    seen.append(head(topic))
    write("Siete lì?")
    seen.append(head(topic))
    interactions.mark_read_by_agent(interaction=found, seq=2, actor=anna)
    seen.append(head(topic))
    presence.change(user=anna, status="available")
    seen.append(head(topic))
    assert len(set(seen)) == len(seen)
    presence.change(user=bruno, status="available")
    assert head(topic) == seen[-1]


@pytest.mark.django_db
def test_topics_that_do_not_exist_have_no_head(town: Town) -> None:
    strange = ["queue.nowhere", "interaction.x", "interaction.", "planet.mars", "", "queue", "queue." + "a" * 500]
    assert heads.now([topic for topic in strange if not topic.startswith("interaction.x")]) == {}


@pytest.mark.django_db
def test_many_screens_on_one_topic_ask_once(town: Town, django_assert_num_queries: object) -> None:
    heads._kept.clear()
    wanted = ["queue.accoglienza", "queue.tributi"]
    first = heads.lately(wanted)
    with django_assert_num_queries(0):  # type: ignore[operator]  # the fixture of pytest-django
        assert heads.lately(wanted) == first


@pytest.mark.django_db
@pytest.mark.parametrize(
    "who, sees",
    [
        ("anna", {"interaction", "queue.accoglienza"}),
        ("carla", {"queue.tributi"}),
        ("diego", {"interaction", "queue.accoglienza", "queue.tributi"}),
        ("ada", set()),
    ],
)
def test_watching_needs_the_rights_of_reading(
    who: str, sees: set[str], write: Write, request: pytest.FixtureRequest
) -> None:
    user: User = request.getfixturevalue(who)
    found = write("Buongiorno")
    other = f"person.{found.public_id}"
    wanted = {
        found.topic_group,
        "queue.accoglienza",
        "queue.tributi",
        f"person.{user.public_id}",
        other,
        "interaction.x",
    }
    allowed = topics.allowed(user, wanted)
    assert {"interaction" if topic == found.topic_group else topic for topic in allowed} == sees | {
        f"person.{user.public_id}"
    }


@pytest.mark.django_db
def test_a_person_who_was_switched_off_watches_nothing(anna: User) -> None:
    anna.is_active = False
    assert topics.allowed(anna, {f"person.{anna.public_id}"}) == set()


@pytest.mark.django_db
def test_queues_are_readable_where_their_contacts_are(town: Town, letters: ChannelAccount) -> None:
    second = Queue.objects.create(slug="sportello-2", name="Sportello 2", office=town.front)
    elena = person("elena", "Elena", "Fontana", "agent", town.front, queue="sportello-2")
    assert list(rights.readable(elena)) == [second]
    Grant.objects.create(user=elena, role="manager", office=None)
    again = User.objects.get(pk=elena.pk)
    assert rights.sees_every_queue(again)
    assert rights.readable(again).count() == 3


@pytest.mark.django_db
def test_only_the_owner_marks_as_read(write: Write, anna: User, bruno: User) -> None:
    found = write("Buongiorno")
    item = work_items.open_item(found)
    assert item is not None
    work_items.claim(item=item, actor=anna)
    watching.seen(bruno.pk, found.topic_group, 1)
    found.refresh_from_db()
    assert found.agent_read_seq == 0
    watching.seen(anna.pk, found.topic_group, 1)
    watching.seen(anna.pk, found.topic_group, 99)  # nobody read what wasn't said
    watching.seen(anna.pk, "queue.accoglienza", 1)
    found.refresh_from_db()
    assert found.agent_read_seq == 1
    assert Interaction.objects.filter(agent_read_seq__gt=F("last_seq")).count() == 0
