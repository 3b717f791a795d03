"""What somebody can take is set by administrators and counts at once; who leaves leaves nothing behind."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import ProtectedError
from django.utils import timezone

from channels_adapters.contract import Address, InboundMessage
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake.receive import receive
from contactcenter.queues import agents, match, parking, presence, roster, sweep, work_items
from contactcenter.queues.models import Offer, Presence, Skill, WorkItem
from crm.access import Forbidden
from crm.models import AuditEntry, Event, User
from tests.people import Town

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
Write = Callable[[str], WorkItem]


@pytest.fixture
def write(letters: ChannelAccount) -> Write:
    def written(who: str) -> WorkItem:
        event = InboundMessage(external_id=f"{who}-1", sender=Address("paper", who, who.title()), text="Buongiorno")
        receive(account=letters, event=event, at=timezone.now())
        return WorkItem.objects.get(interaction__contact_point__value=who)

    return written


def test_abilities_count_at_once(town: Town, anna: User, ada: User) -> None:
    Skill.objects.create(slug="tributi", name="Tributi")
    agents.change(
        user=anna, level=4, slots={"chat": 2, "written": 8}, languages={"it": 5, "uk": 3}, skills={"tributi": 4},
        home_queues=[town.front_queue], actor=ada,
    )  # fmt: skip
    me = roster.known().people[anna.pk]
    assert (me.attributes.level, dict(me.attributes.languages)) == (4, {"it": 5, "uk": 3})
    assert me.capacity == {"call": 1, "chat": 2, "written": 8}
    assert me.queues == {town.front_queue.pk}
    assert AuditEntry.objects.filter(action="agent.changed", actor=ada).exists()


def test_what_is_left_away_stays(anna: User, ada: User) -> None:
    agents.change(user=anna, languages={"it": 5, "uk": 3}, actor=ada)
    agents.change(user=anna, level=2, actor=ada)
    assert set(roster.known().people[anna.pk].attributes.languages) == {"it", "uk"}
    agents.change(user=anna, languages={"it": 4}, actor=ada)
    assert dict(roster.known().people[anna.pk].attributes.languages) == {"it": 4}


@pytest.mark.parametrize(
    "fields, place",
    [
        ({"level": 6}, "level"),
        ({"slots": {"call": 2}}, "slots.call"),
        ({"slots": {"chat": 51}}, "slots.chat"),
        ({"slots": {"fax": 1}}, "slots.fax"),
        ({"languages": {"it": 0}}, "languages.it"),
        ({"languages": {"italiano": 3}}, "languages.italiano"),
        ({"skills": {"gone": 3}}, "skills.gone"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_place(fields: dict[str, Any], place: str, anna: User, ada: User) -> None:
    with pytest.raises(agents.Wrong) as refused:
        agents.change(user=anna, actor=ada, **fields)
    assert place in refused.value.sentences


def test_only_administrators_change_them(anna: User, diego: User) -> None:
    with pytest.raises(Forbidden):
        agents.change(user=anna, level=5, actor=diego)


# --- leaving ---


def test_who_leaves_leaves_nothing_behind(write: Write, anna: User, ada: User, now: dt.datetime) -> None:
    presence.change(user=anna, status="available")
    claimed = work_items.claim(item=write("giulia"), actor=anna)
    parked = work_items.claim(item=write("marco"), actor=anna)
    parking.park(item=parked, actor=anna)
    offered = write("sara")
    assert match.run(timezone.now()) == 1
    queued = {item.pk: item.queued_at for item in WorkItem.objects.all()}
    assert agents.leave(user=anna, actor=ada) == 2
    for item in (claimed, parked, offered):
        item.refresh_from_db()
        assert (item.state, item.owner, item.queued_at) == ("waiting", None, queued[item.pk])
    assert Offer.objects.get().state == "rescinded"
    assert Presence.objects.get(user=anna).routing == "offline"
    assert not User.objects.get(pk=anna.pk).is_active
    assert AuditEntry.objects.get(action="person.left").data == {"returned": 2}
    assert Event.objects.filter(name="item.returned", data__reason="left").count() == 2
    assert match.run(timezone.now()) == 0


def test_who_came_back_may_work_again(anna: User, ada: User) -> None:
    agents.leave(user=anna, actor=ada)
    agents.come_back(user=anna, actor=ada)
    anna = User.objects.get(pk=anna.pk)
    assert presence.change(user=anna, status="available").routing == "free"


def test_nobody_switches_themselves_off(ada: User) -> None:
    with pytest.raises(agents.CannotLeave, match="another administrator"):
        agents.leave(user=ada, actor=ada)


def test_an_agent_switched_off_by_another_hand_keeps_no_work(write: Write, anna: User, bruno: User) -> None:
    presence.change(user=anna, status="available")
    item = work_items.claim(item=write("giulia"), actor=anna)
    User.objects.filter(pk=anna.pk).update(is_active=False)
    sweep.sweep(timezone.now())
    item.refresh_from_db()
    assert (item.state, item.owner) == ("waiting", None)
    assert Presence.objects.get(user=anna).status == "offline"
    done = AuditEntry.objects.filter(action="person.left").count()
    sweep.sweep(timezone.now())
    assert AuditEntry.objects.filter(action="person.left").count() == done == 1


def test_an_agent_with_work_can_not_be_deleted(write: Write, anna: User) -> None:
    item = work_items.claim(item=write("giulia"), actor=anna)
    with pytest.raises(ProtectedError):
        anna.delete()
    item.refresh_from_db()
    assert item.owner == anna
