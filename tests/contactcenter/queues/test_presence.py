"""What a person chose and what the house makes of it: every change is a fact, and no moment is counted twice or lost."""

import datetime as dt
from itertools import pairwise

import pytest
import time_machine
from django.utils import timezone

from contactcenter.queues import match, offers, presence, sweep, work_items
from contactcenter.queues.models import Presence, Queue, WorkItem
from contactcenter.queues.presence import OpenWork
from crm.access import Forbidden
from crm.models import AuditEntry, Event, Grant, User
from tests.conftest import MONDAY_MORNING
from tests.contactcenter.queues.conftest import Queues, SitDown
from tests.people import Town, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def at(seconds: float) -> time_machine.travel:
    """So many seconds after the beginning of the day's tests."""
    return time_machine.travel(MONDAY_MORNING + dt.timedelta(seconds=seconds), tick=False)


def routing(user: User) -> str:
    return Presence.objects.get(user=user).routing


def states_of(user: User) -> list[tuple[str, str]]:
    rows = Event.objects.filter(name="agent.state_changed", actor=user).order_by("id").values_list("data", flat=True)
    return [(data["from"], data["to"]) for data in rows]


def test_the_routing_state_follows_what_somebody_does(
    queues_up: Queues, sits_down: SitDown, anna: User, town: Town
) -> None:
    Queue.objects.filter(pk=town.front_queue.pk).update(wrap_up_seconds=30)
    sits_down(anna)
    queues_up("Giulia")
    match.run(timezone.now())
    item = offers.accept(offer=offers.pending_of(anna)[0], actor=anna)
    work_items.close_for_wrap_up(item=item, actor=anna)
    assert routing(anna) == "wrapping"
    with at(31):
        presence.heartbeat(anna)
        sweep.sweep(timezone.now())
    presence.change(user=anna, status="away", reason="lunch")
    presence.change(user=anna, status="offline")
    assert states_of(anna) == [
        ("offline", "free"), ("free", "offered"), ("offered", "busy"), ("busy", "wrapping"), ("wrapping", "free"),
        ("free", "break"), ("break", "offline"),
    ]  # fmt: skip


def test_the_times_of_all_states_add_up_to_the_time_signed_in(
    queues_up: Queues, sits_down: SitDown, anna: User
) -> None:
    moments = iter(range(0, 6000, 100))

    def then() -> time_machine.travel:
        return at(next(moments))

    with then():
        sits_down(anna)
    with then():
        queues_up("Giulia")
        presence.heartbeat(anna)
        match.run(timezone.now())
    with then():
        presence.heartbeat(anna)
        offers.expire_due(timezone.now())
    with then():
        sweep.sweep(timezone.now())
    with then():
        presence.change(user=anna, status="away")
    with then():
        presence.change(user=anna, status="available")
        work_items.take_next(actor=anna)
    with then():
        presence.change(user=anna, status="offline", handover="release")
    facts = list(Event.objects.filter(name="agent.state_changed", actor=anna).order_by("at", "id"))
    assert all(before.data["to"] == after.data["from"] for before, after in pairwise(facts))
    spent = sum((after.at - before.at).total_seconds() for before, after in pairwise(facts))
    assert (facts[0].data["from"], facts[-1].data["to"]) == ("offline", "offline")
    assert spent == (facts[-1].at - facts[0].at).total_seconds() == 600


def test_a_break_after_this_one_begins_when_the_conversation_ends(
    queues_up: Queues, sits_down: SitDown, anna: User
) -> None:
    sits_down(anna)
    item = work_items.claim(item=queues_up("Giulia"), actor=anna)
    presence.break_after_this(user=anna, reason="lunch")
    assert (Presence.objects.get(user=anna).status, routing(anna)) == ("available", "busy")
    work_items.finish(item=item, actor=anna)
    row = Presence.objects.get(user=anna)
    assert (row.status, row.reason, row.routing, row.break_next) == ("away", "lunch", "break", None)


def test_with_nothing_running_the_break_begins_at_once(sits_down: SitDown, anna: User) -> None:
    sits_down(anna)
    presence.break_after_this(user=anna)
    assert Presence.objects.get(user=anna).status == "away"


def test_a_closed_laptop_gives_its_chats_back_in_front_of_the_queue_and_keeps_its_mails(
    queues_up: Queues, sits_down: SitDown, anna: User, bruno: User
) -> None:
    sits_down(anna)
    queued = MONDAY_MORNING - dt.timedelta(minutes=2)
    chat = work_items.claim(item=queues_up("Giulia", at=queued), actor=anna)
    mail = work_items.claim(item=queues_up("Paolo", family="written"), actor=anna)
    queues_up("Rosa", at=MONDAY_MORNING - dt.timedelta(minutes=30), priority=90, language="uk")
    with at(44):
        sweep.sweep(timezone.now())
        assert routing(anna) == "busy"
    with at(46):
        sweep.sweep(timezone.now())
        chat.refresh_from_db()
        mail.refresh_from_db()
        assert (routing(anna), chat.state, chat.owner, mail.owner) == ("lost", "waiting", None, anna)
        assert WorkItem.objects.filter(state="waiting").in_order().first() == chat
        assert chat.queued_at == queued
        fact = Event.objects.get(name="item.returned")
        assert (fact.data["reason"], fact.data["had"]) == ("connection lost", str(anna.public_id))
    with at(60):
        presence.heartbeat(anna)
        assert routing(anna) == "busy"
        assert match.run(timezone.now()) == 1


def test_who_is_gone_for_a_quarter_of_an_hour_is_offline(sits_down: SitDown, anna: User) -> None:
    sits_down(anna)
    with at(50):
        sweep.sweep(timezone.now())
    with at(16 * 60):
        sweep.sweep(timezone.now())
        assert (Presence.objects.get(user=anna).status, routing(anna)) == ("offline", "offline")
    assert states_of(anna) == [("offline", "free"), ("free", "lost"), ("lost", "offline")]


def test_going_home_with_open_work_asks_for_a_hand_over(queues_up: Queues, sits_down: SitDown, anna: User) -> None:
    sits_down(anna)
    chat = work_items.claim(item=queues_up("Giulia"), actor=anna)
    mail = work_items.claim(item=queues_up("Paolo", family="written"), actor=anna)
    with pytest.raises(OpenWork, match="2 contacts") as asked:
        presence.change(user=anna, status="offline")
    assert {item.pk for item in asked.value.items} == {chat.pk, mail.pk}
    assert Presence.objects.get(user=anna).status == "available"
    presence.change(user=anna, status="offline", handover="keep")
    chat.refresh_from_db()
    mail.refresh_from_db()
    assert (chat.state, mail.state, mail.owner) == ("waiting", "claimed", anna)


def test_handing_everything_over_leaves_nothing_behind(queues_up: Queues, sits_down: SitDown, anna: User) -> None:
    sits_down(anna)
    work_items.claim(item=queues_up("Giulia"), actor=anna)
    work_items.claim(item=queues_up("Paolo", family="written"), actor=anna)
    presence.change(user=anna, status="offline", handover="release")
    assert not WorkItem.objects.exclude(state="waiting").exists()


def test_a_supervisor_sets_somebodys_presence_and_says_why(
    sits_down: SitDown, anna: User, diego: User, bruno: User
) -> None:
    sits_down(anna)
    with pytest.raises(ValueError, match="Say why"):
        presence.force(user=anna, status="offline", reason=" ", actor=diego)
    with pytest.raises(Forbidden):
        presence.force(user=anna, status="offline", reason="è andata a casa", actor=bruno)
    presence.force(user=anna, status="offline", reason="è andata a casa", actor=diego)
    fact = Event.objects.filter(name="presence.changed", actor=anna).latest("id")
    assert (fact.data["by"], fact.data["why"]) == (str(diego.public_id), "è andata a casa")
    assert AuditEntry.objects.filter(action="presence.forced", actor=diego, purpose="è andata a casa").exists()


def test_an_unknown_reason_is_refused(anna: User) -> None:
    with pytest.raises(ValueError, match="siesta"):
        presence.change(user=anna, status="away", reason="siesta")


def test_a_supervisor_sets_the_presence_of_their_own_offices_alone(
    sits_down: SitDown, anna: User, carla: User, town: Town
) -> None:
    sits_down(carla)
    sits_down(anna)
    fabio = person("fabio", "Fabio", "Neri", "manager", town.front)
    with pytest.raises(Forbidden, match="Carla Riva works in none of the offices you lead"):
        presence.force(user=carla, status="offline", reason="prova", actor=fabio)
    assert Presence.objects.get(user=carla).status == "available"
    presence.force(user=anna, status="offline", reason="prova", actor=fabio)
    assert Presence.objects.get(user=anna).status == "offline"


def test_an_agent_who_also_leads_another_office_forces_nobody_of_this_one(
    sits_down: SitDown, anna: User, bruno: User, town: Town
) -> None:
    sits_down(anna)
    Grant.objects.create(user=bruno, role="manager", office=town.taxes)
    with pytest.raises(Forbidden, match="none of the offices you lead"):
        presence.force(user=anna, status="offline", reason="prova", actor=bruno)
