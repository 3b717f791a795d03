"""A citizen who waits too long leaves a number, keeps the place, or goes on as before."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from contactcenter.calls import callbacks, numbers, sweep as calls_sweep
from contactcenter.calls.callbacks import AlreadyPromised, NotOffered
from contactcenter.calls.models import Callback
from contactcenter.queues import match, offers, overflow, roster, sweep, work_items
from contactcenter.queues.models import Offer, Queue, WorkItem
from contactcenter.sla.models import OfficeCalendar
from crm.models import AuditEntry, Event, Interaction, User
from tests.conftest import MONDAY_MORNING
from tests.contactcenter.calls.conftest import NUMBER, SHOWN, Asked
from tests.contactcenter.queues.conftest import Queues, SitDown
from tests.people import Town

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
MORNINGS = {day: [["09:00", "12:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def of(item: WorkItem) -> Interaction:
    assert item.interaction is not None
    return item.interaction


def open_in_the_mornings(queue: Queue) -> None:
    queue.calendar = OfficeCalendar.objects.create(slug="mattina", name="Mattina", zone="Europe/Rome", week=MORNINGS)
    queue.save()
    roster.forget()


def rounds() -> None:
    calls_sweep.sweep(timezone.now())
    sweep.sweep(timezone.now())


# --- being asked -------------------------------------------------------------------------------------------------------


def test_who_waits_too_long_is_asked_and_goes_on_waiting_live(waits_long: Asked) -> None:
    item = waits_long("Giulia")
    assert (item.family, item.state, item.may_ask_to_be_called) == ("chat", "waiting", True)
    assert Event.objects.get(name="item.overflowed").data == {"origin": "accoglienza", "to": "callback"}


def test_who_was_asked_once_is_not_asked_again_and_keeps_nobody_from_being_asked(
    waits_long: Asked, queues_up: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offers, "BATCH", 1)
    waits_long("Giulia")
    waits_long("Marco")
    assert overflow.flow(timezone.now()) == 0
    assert Event.objects.filter(name="item.overflowed").count() == 2


def test_who_finds_the_line_full_is_asked_and_those_before_them_are_not(calls_back: Queue, queues_up: Queues) -> None:
    Queue.objects.filter(pk=calls_back.pk).update(max_wait_seconds=None, max_length=2)
    line = [
        queues_up(name, at=MONDAY_MORNING + dt.timedelta(seconds=n)) for n, name in enumerate(["Uno", "Due", "Tre"])
    ]
    assert overflow.flow(timezone.now()) == 1
    assert [WorkItem.objects.get(pk=item.pk).may_ask_to_be_called for item in line] == [False, False, True]


def test_a_newcomer_who_finds_the_line_full_waits_live_and_is_asked_at_once(
    calls_back: Queue, queues_up: Queues
) -> None:
    Queue.objects.filter(pk=calls_back.pk).update(max_length=1)
    calls_back.refresh_from_db()
    queues_up("Uno")
    entry = overflow.at_entry(calls_back, "chat")
    assert entry == overflow.Entry(calls_back, "chat", ("accoglienza",))
    item = queues_up("Due")
    (fact,) = overflow.enter(item, entry)
    assert (item.may_ask_to_be_called, fact.data["to"]) == (True, "callback")
    assert overflow.at_entry(calls_back, "written").visited == ()


def test_everybody_who_chats_is_asked_in_an_emergency_and_who_writes_is_not(
    calls_back: Queue, queues_up: Queues
) -> None:
    Queue.objects.filter(pk=calls_back.pk).update(emergency=True)
    chat, mail = queues_up("Giulia"), queues_up("Paolo", family="written")
    overflow.flow(timezone.now())
    assert WorkItem.objects.get(pk=chat.pk).may_ask_to_be_called
    assert not WorkItem.objects.get(pk=mail.pk).may_ask_to_be_called


# --- leaving a number --------------------------------------------------------------------------------------------------


def test_a_number_is_promised_a_call_and_the_place_is_kept(waits_long: Asked, queues_up: Queues) -> None:
    item = waits_long("Giulia")
    place = (item.queued_at, item.rank_at)
    later = queues_up("Marco")
    promise = callbacks.ask(interaction=of(item), number="055 234 5678")
    item.refresh_from_db()
    assert (promise.number, promise.state, promise.tries, promise.since) == (NUMBER, "waiting", 0, item.queued_at)
    assert (item.state, item.family, item.callback) == ("waiting", "written", promise)
    assert (item.queued_at, item.rank_at) == place
    assert item.rank_at < later.rank_at
    fact = Event.objects.get(name="callback.asked")
    assert fact.data["callback"] == promise.pk
    assert NUMBER not in str(fact.data)
    assert AuditEntry.objects.filter(action="callback.asked").exists()


def test_a_question_that_an_agent_was_just_being_asked_is_taken_back(
    waits_long: Asked, sits_down: SitDown, anna: User
) -> None:
    item = waits_long("Giulia")
    sits_down(anna)
    match.run(timezone.now())
    assert Offer.objects.get().state == "pending"
    callbacks.ask(interaction=of(item), number=NUMBER)
    assert Offer.objects.get().state == "rescinded"
    match.run(timezone.now())
    assert Offer.objects.get(state="pending").item.is_to_call


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("055 234 5678", NUMBER), (" (055) 234-5678 ", NUMBER), ("0039 055 2345678", NUMBER), (NUMBER, NUMBER),
        ("055\u00a0234\u00a05678", NUMBER), ("\u202a+39 055 234 5678\u202c", NUMBER), ("０５５ 2345678", NUMBER),
        ("347 123 4567", "+393471234567"), ("+380 44 123 4567", "+380441234567"), ("+34 612 34 56 78", "+34612345678"),
        ("+49 30 901820", "+4930901820"),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(written: str, kept: str) -> None:
    assert numbers.read(written, "IT") == kept


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", "complete"), ("   ", "complete"), ("ciao", "complete"), ("12", "complete"), ("\x00055 2345678", "complete"),
        ("055\n2345678", "complete"), ("055\ud8002345678", "complete"),
        ("0" * 300, "complete"), ("+999 12345678", "complete"), ("112", "complete"),
        ("tel:+390552345678;ext=12", "extension"), ("899 123 456", "this kind"), ("+44 9098790000", "this kind"),
        ("+44 7012345678", "this kind"), ("800 123 456", "this kind"), ("848 123 456", "this kind"),
        ("+881 612345678", "this kind"), ("+979 123456789", "this kind"), ("<script>", "complete"), ("٠٥٥", "complete"),
    ],
)  # fmt: skip
def test_what_nobody_dials_is_refused_with_a_sentence(written: str, why: str) -> None:
    with pytest.raises(numbers.NoNumber, match=why):
        numbers.read(written, "IT")


def test_a_number_without_its_country_belongs_to_the_country_whose_holidays_the_queue_keeps(waits_long: Asked) -> None:
    item = waits_long("Olena")
    item.queue.calendar = OfficeCalendar.objects.create(
        slug="madrid", name="Madrid", zone="Europe/Madrid", holidays="ES", week={"mon": [["00:00", "24:00"]]}
    )
    item.queue.save()
    assert callbacks.ask(interaction=of(item), number="612 34 56 78").number == "+34612345678"


def test_the_same_number_again_is_the_same_promise_and_another_must_wait(waits_long: Asked) -> None:
    item = waits_long("Giulia")
    first = callbacks.ask(interaction=of(item), number=NUMBER)
    assert callbacks.ask(interaction=of(item), number=SHOWN) == first
    with pytest.raises(NotOffered, match="another number"):
        callbacks.ask(interaction=of(item), number="347 123 4567")
    assert Callback.objects.count() == 1


def test_a_second_conversation_gets_no_second_call_to_the_same_number(promised: Asked, waits_long: Asked) -> None:
    promised("Giulia")
    again = waits_long("Marco")
    with pytest.raises(AlreadyPromised, match="already promised"):
        callbacks.ask(interaction=of(again), number=NUMBER)
    again.refresh_from_db()
    assert (again.family, again.callback, again.state) == ("chat", None, "waiting")


def test_who_was_not_asked_or_is_served_already_cannot_ask(
    queues_up: Queues, waits_long: Asked, calls_back: Queue, anna: User
) -> None:
    with pytest.raises(NotOffered):
        callbacks.ask(interaction=of(queues_up("Marco")), number=NUMBER)
    taken = work_items.claim(item=waits_long("Giulia"), actor=anna)
    with pytest.raises(NotOffered):
        callbacks.ask(interaction=of(taken), number=NUMBER)
    work_items.finish(item=taken, actor=anna)
    with pytest.raises(NotOffered):
        callbacks.ask(interaction=of(taken), number=NUMBER)


# --- the other choices -------------------------------------------------------------------------------------------------


def test_who_would_rather_be_answered_in_writing_waits_in_writing(waits_long: Asked) -> None:
    item = waits_long("Giulia")
    callbacks.rather_in_writing(interaction=of(item))
    item.refresh_from_db()
    assert (item.family, item.state, item.may_ask_to_be_called) == ("written", "waiting", False)
    with pytest.raises(NotOffered):
        callbacks.rather_in_writing(interaction=of(item))


def test_who_takes_the_call_back_waits_live_again_at_the_same_place_and_may_ask_again(promised: Asked) -> None:
    item = promised("Giulia")
    place = item.rank_at
    callbacks.withdraw(interaction=of(item))
    item.refresh_from_db()
    assert (item.family, item.state, item.rank_at, item.callback) == ("chat", "waiting", place, None)
    assert Callback.objects.get().state == "withdrawn"
    assert callbacks.ask(interaction=of(item), number=NUMBER).state == "waiting"


def test_a_call_that_an_agent_has_already_is_not_taken_back(promised: Asked, anna: User) -> None:
    item = work_items.claim(item=promised("Giulia"), actor=anna)
    with pytest.raises(NotOffered, match="An agent has your call"):
        callbacks.withdraw(interaction=of(item))


def test_leaving_the_page_does_not_undo_the_promise(promised: Asked) -> None:
    item = promised("Giulia")
    assert not work_items.abandon(interaction=of(item), at=timezone.now())
    item.refresh_from_db()
    assert item.state == "waiting"


# --- hours -------------------------------------------------------------------------------------------------------------


def test_asked_for_out_of_hours_it_rests_until_the_queue_opens_and_is_offered_then(
    waits_long: Asked, calls_back: Queue, sits_down: SitDown, anna: User
) -> None:
    open_in_the_mornings(calls_back)
    item = waits_long("Giulia")
    with time_machine.travel(MONDAY_MORNING.replace(hour=13), tick=False):
        promise = callbacks.ask(interaction=of(item), number=NUMBER)
        item.refresh_from_db()
        assert (item.state, item.owner) == ("parked", None)
        assert promise.not_before == item.parked_until == (MONDAY_MORNING + dt.timedelta(days=1)).replace(hour=9)
        sits_down(anna)
        rounds()
        assert not Offer.objects.exists()
    with time_machine.travel(promise.not_before, tick=False):
        sits_down(anna)
        rounds()
        item.refresh_from_db()
        assert (item.state, item.queued_at) == ("offered", MONDAY_MORNING - dt.timedelta(seconds=120))


def test_what_was_not_called_before_closing_rests_until_the_next_morning(promised: Asked, calls_back: Queue) -> None:
    open_in_the_mornings(calls_back)
    item = promised("Giulia")
    rounds()
    item.refresh_from_db()
    assert item.state == "waiting"
    with time_machine.travel(MONDAY_MORNING.replace(hour=12), tick=False):
        rounds()
        item.refresh_from_db()
        assert (item.state, item.owner) == ("parked", None)
        assert item.callback is not None
        assert item.callback.not_before == item.parked_until == (MONDAY_MORNING + dt.timedelta(days=1)).replace(hour=9)


def test_a_word_in_the_chat_does_not_wake_the_call_before_its_time(promised: Asked, calls_back: Queue) -> None:
    open_in_the_mornings(calls_back)
    item = promised("Giulia")
    with time_machine.travel(MONDAY_MORNING.replace(hour=12), tick=False):
        rounds()
    with time_machine.travel(MONDAY_MORNING.replace(hour=13), tick=False):
        Interaction.objects.filter(pk=of(item).pk).update(awaiting_reply_since=timezone.now())
        rounds()
        item.refresh_from_db()
        assert item.state == "parked"


# --- what ends otherwise -----------------------------------------------------------------------------------------------


def test_a_promise_whose_contact_was_put_away_binds_the_number_no_longer(
    promised: Asked, waits_long: Asked, town: Town
) -> None:
    item = promised("Giulia")
    WorkItem.objects.filter(pk=item.pk).update(state="done", ended_at=timezone.now())
    rounds()
    assert Callback.objects.get().state == "withdrawn"
    assert Event.objects.get(name="callback.withdrawn").data["by"] == "house"
    assert callbacks.ask(interaction=of(waits_long("Marco")), number=NUMBER).state == "waiting"
