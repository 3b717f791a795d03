"""An agent dials and says what came of it: reached, no answer, wrong number, or no longer needed."""

import datetime as dt

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from contactcenter.accounts.models import ChannelAccount
from contactcenter.calls import callbacks, sweep as calls_sweep
from contactcenter.calls.callbacks import NotOffered
from contactcenter.calls.models import Callback
from contactcenter.queues import agents, match, offers, parking, presence, sweep, transfers, work_items
from contactcenter.queues.models import Offer, Presence, Queue, WorkItem
from contactcenter.queues.work_items import AlreadyTaken, NotYours
from contactcenter.queues.wrap_up import NotFilledIn
from crm.interactions import StaleView
from crm.models import AuditEntry, Event, Interaction, Message, User
from tests.conftest import MONDAY_MORNING
from tests.contactcenter.calls.conftest import Asked
from tests.contactcenter.calls.test_asking import of, open_in_the_mornings, rounds
from tests.contactcenter.queues.conftest import SitDown
from tests.people import Town

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def at(minutes: float) -> time_machine.travel:
    return time_machine.travel(MONDAY_MORNING + dt.timedelta(minutes=minutes), tick=False)


def taken(promised: Asked, by: User, who: str = "Giulia", **more: object) -> WorkItem:
    return work_items.claim(item=promised(who, **more), actor=by)


def told(item: WorkItem, by: User, result: str) -> Callback:
    return callbacks.tell(item=item, actor=by, result=result)


# --- reached -----------------------------------------------------------------------------------------------------------


def test_an_agent_is_reserved_by_the_usual_offer_and_the_citizen_is_reached(
    promised: Asked, sits_down: SitDown, anna: User
) -> None:
    sits_down(anna)
    item = promised("Giulia")
    match.run(timezone.now())
    offer = Offer.objects.get()
    assert (offer.agent, offer.item, offer.expires_at - offer.made_at) == (anna, item, dt.timedelta(minutes=5))
    item = offers.accept(offer=offer, actor=anna)
    with at(3):
        promise = told(item, anna, "reached")
    assert (promise.state, promise.tries, promise.result) == ("kept", 1, "reached")
    assert (item.state, item.owner, item.is_to_call) == ("claimed", anna, False)
    kept, tried = Event.objects.get(name="callback.kept"), Event.objects.get(name="callback.tried")
    assert (kept.actor, kept.data["wait"], kept.data["tries"], tried.data["result"]) == (anna, 300, 1, "reached")
    assert AuditEntry.objects.filter(action="callback.kept", actor=anna).exists()


def test_what_was_promised_is_not_closed_before_somebody_called(promised: Asked, anna: User) -> None:
    item = taken(promised, anna)
    for end in (work_items.finish, work_items.close_for_wrap_up):
        with pytest.raises(NotFilledIn, match="A call was promised here"):
            end(item=item, actor=anna)
    told(item, anna, "reached")
    work_items.finish(item=item, actor=anna, outcome="risposto")
    assert (item.state, item.outcome) == ("done", "risposto")


def test_after_the_call_there_is_time_to_wrap_up_as_usual(promised: Asked, anna: User, calls_back: Queue) -> None:
    Queue.objects.filter(pk=calls_back.pk).update(wrap_up_seconds=60)
    item = taken(promised, anna)
    told(item, anna, "reached")
    work_items.close_for_wrap_up(item=item, actor=anna)
    assert item.state == "wrapping"


# --- nobody answers ----------------------------------------------------------------------------------------------------


def test_nobody_answers_three_times_and_the_citizen_is_told(
    promised: Asked, sits_down: SitDown, anna: User, chat_account: ChannelAccount
) -> None:
    sits_down(anna)
    item = promised("Giulia")
    chats_with(item, chat_account)
    for number, minutes in enumerate((0, 15, 30), start=1):
        with at(minutes):
            presence.heartbeat(anna)
            rounds()
            item = offers.accept(offer=Offer.objects.get(state="pending"), actor=anna)
            promise = told(item, anna, "no-answer")
            assert promise.tries == number
            if number < 3:
                assert (item.state, item.owner) == ("parked", None)
                assert promise.not_before == item.parked_until == timezone.now() + dt.timedelta(minutes=15)
                assert Presence.objects.get(user=anna).routing == "free"
    assert (promise.state, promise.result) == ("given_up", "no-answer")
    assert (item.state, item.owner, item.is_to_call) == ("claimed", anna, False)
    word = Message.objects.get(automatic="callback")
    assert "+39 055 234 5678" in word.text
    assert Event.objects.get(name="callback.given_up").data["told"] is True
    assert Event.objects.filter(name="callback.tried").count() == 3
    work_items.finish(item=item, actor=anna)


def chats_with(item: WorkItem, account: ChannelAccount) -> None:
    from crm.models import ContactPoint

    point = ContactPoint.objects.create(
        scheme="visitor", value=f"v-{item.pk}", citizen=of(item).citizen, created_at=timezone.now()
    )
    Interaction.objects.filter(pk=of(item).pk).update(account=account.slug, contact_point=point)


def test_the_next_try_is_not_made_before_its_time_and_may_be_anybodys(
    promised: Asked, sits_down: SitDown, anna: User, bruno: User
) -> None:
    sits_down(anna)
    item = taken(promised, anna)
    told(item, anna, "no-answer")
    sits_down(bruno)
    with at(14.9):
        presence.heartbeat(bruno)
        rounds()
        assert not Offer.objects.filter(state="pending").exists()
        with pytest.raises(AlreadyTaken):
            work_items.claim(item=WorkItem.objects.get(pk=item.pk), actor=bruno)
    with at(15):
        presence.heartbeat(bruno)
        rounds()
        assert Offer.objects.get(state="pending").item == item


def test_the_next_try_waits_until_the_queue_is_open(promised: Asked, anna: User, calls_back: Queue) -> None:
    open_in_the_mornings(calls_back)
    item = taken(promised, anna)
    with time_machine.travel(MONDAY_MORNING.replace(hour=11, minute=50), tick=False):
        promise = told(item, anna, "no-answer")
    assert promise.not_before == (MONDAY_MORNING + dt.timedelta(days=1)).replace(hour=9)


def test_a_queue_that_lost_its_hours_meanwhile_keeps_nobody_from_calling(
    promised: Asked, anna: User, calls_back: Queue
) -> None:
    open_in_the_mornings(calls_back)
    item = promised("Giulia")
    calls_back.calendar.week = {}
    calls_back.calendar.save()
    rounds()
    item = work_items.claim(item=item, actor=anna)
    assert told(item, anna, "no-answer").not_before == timezone.now() + dt.timedelta(minutes=15)


# --- wrong, or not needed ----------------------------------------------------------------------------------------------


def test_a_wrong_number_is_given_up_at_once_and_nobody_is_told_where_no_channel_reaches_them(
    promised: Asked, anna: User
) -> None:
    item = taken(promised, anna)
    promise = told(item, anna, "wrong-number")
    assert (promise.state, promise.tries, item.owner) == ("given_up", 1, anna)
    assert Event.objects.get(name="callback.given_up").data["told"] is False
    assert not Message.objects.exists()


def test_a_call_that_is_no_longer_needed_is_taken_back_and_the_contact_stays(promised: Asked, anna: User) -> None:
    item = taken(promised, anna)
    callbacks.drop(item=item, actor=anna)
    assert (Callback.objects.get().state, item.owner, item.state) == ("withdrawn", anna, "claimed")
    work_items.finish(item=item, actor=anna)


# --- who may say it ----------------------------------------------------------------------------------------------------


def test_two_agents_one_call_and_what_was_said_is_not_said_twice(promised: Asked, anna: User, bruno: User) -> None:
    item = taken(promised, anna)
    with pytest.raises(AlreadyTaken, match="Anna Bianchi"):
        work_items.claim(item=item, actor=bruno)
    with pytest.raises(NotYours, match="Anna Bianchi"):
        told(item, bruno, "reached")
    told(item, anna, "reached")
    with pytest.raises(NotOffered, match="No call is promised"):
        told(item, anna, "no-answer")
    assert Callback.objects.get().tries == 1


def test_no_answer_said_twice_counts_once(promised: Asked, anna: User) -> None:
    item = taken(promised, anna)
    told(item, anna, "no-answer")
    with pytest.raises(NotYours):
        told(item, anna, "no-answer")
    assert Callback.objects.get().tries == 1


def test_what_is_said_on_a_screen_that_is_not_up_to_date_is_refused(promised: Asked, anna: User) -> None:
    item = taken(promised, anna)
    seen = Interaction.objects.get(pk=of(item).pk).version
    Interaction.objects.filter(pk=of(item).pk).update(version=seen + 1)
    with pytest.raises(StaleView):
        callbacks.tell(item=item, actor=anna, result="reached", based_on=seen)
    with pytest.raises(StaleView):
        callbacks.drop(item=item, actor=anna, based_on=seen)
    assert Callback.objects.get().tries == 0


@pytest.mark.parametrize("result", ["", "busy", "REACHED"])
def test_an_unknown_result_is_no_result(promised: Asked, anna: User, result: str) -> None:
    with pytest.raises(ValueError):
        told(taken(promised, anna), anna, result)


def test_an_agent_who_leaves_the_house_with_a_call_in_hand_leaves_the_promise_to_others(
    promised: Asked, anna: User, bruno: User, ada: User
) -> None:
    item = taken(promised, anna)
    agents.leave(user=anna, actor=ada)
    sweep.sweep(timezone.now())
    item.refresh_from_db()
    assert (item.state, item.owner, item.is_to_call) == ("waiting", None, True)
    assert told(work_items.claim(item=item, actor=bruno), bruno, "reached").state == "kept"


def test_a_call_in_hand_may_be_put_aside_given_back_and_passed_on(
    promised: Asked, anna: User, town: Town, bruno: User
) -> None:
    item = taken(promised, anna)
    parking.park(item=item, actor=anna, until=timezone.now() + dt.timedelta(minutes=30))
    parking.resume(item=item, actor=anna)
    work_items.release(item=item, actor=anna)
    assert (item.state, item.is_to_call) == ("waiting", True)
    work_items.claim(item=item, actor=anna)
    transfers.to_queue(item=item, queue=town.taxes_queue, actor=anna)
    item.refresh_from_db()
    assert (item.queue, item.is_to_call, item.family) == (town.taxes_queue, True, "written")


def test_a_browser_that_is_lost_keeps_its_call_as_it_keeps_its_mail(
    promised: Asked, sits_down: SitDown, anna: User
) -> None:
    sits_down(anna)
    item = taken(promised, anna)
    Presence.objects.filter(user=anna).update(seen_at=timezone.now())
    with at(2):
        presence.notice_lost(timezone.now())
        calls_sweep.sweep(timezone.now())
    item.refresh_from_db()
    assert (item.state, item.is_to_call) == ("claimed", True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"tries": 4, "result": "no-answer", "tried_at": MONDAY_MORNING},
        {"tries": 1},
        {"result": "no-answer"},
        {"state": "kept", "ended_at": MONDAY_MORNING},
        {"state": "withdrawn"},
        {"number": "0552345678"},
        {"since": MONDAY_MORNING + dt.timedelta(hours=1)},
    ],
)
def test_the_database_itself_keeps_a_promise_consistent(promised: Asked, wrong: dict[str, object]) -> None:
    promise = promised("Giulia").callback
    assert promise is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        Callback.objects.filter(pk=promise.pk).update(**wrong)


def test_the_database_itself_promises_a_number_once(promised: Asked) -> None:
    promised("Giulia")
    other = promised("Marco", number="+393471234567").callback
    assert other is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        Callback.objects.filter(pk=other.pk).update(number="+390552345678")
