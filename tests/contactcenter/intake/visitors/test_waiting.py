"""Place in line and an honest wait; who is there; who has left."""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.utils import timezone

from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake.visitors import away, conversation, waiting
from contactcenter.intake.visitors.models import VisitorSession
from contactcenter.queues import lines, overflow, presence, work_items
from contactcenter.queues.models import WorkItem
from crm.models import Event, Interaction, User
from tests.contactcenter.intake.visitors.conftest import Browser, browser, keeps, seen_now

pytestmark = pytest.mark.django_db
MONDAY = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MONDAY, tick=False) as coordinates:
        yield coordinates


def item_of(visitor: Browser) -> WorkItem:
    return WorkItem.objects.get(interaction__thread=visitor.session.visitor)


def answered_before(chat: ChannelAccount, anna: User, *waits: int) -> None:
    """Conversations that Anna took after so many seconds, within the last hour."""
    now = timezone.now()
    for number, seconds in enumerate(waits):
        visitor = browser(chat)
        visitor.say("Prima", f"p{number}")
        taken_at = now - dt.timedelta(minutes=10)
        WorkItem.objects.filter(pk=item_of(visitor).pk).update(
            state="done", owner=anna, queued_at=taken_at - dt.timedelta(seconds=seconds), claimed_at=taken_at,
            ended_at=taken_at,
        )  # fmt: skip


# --- place ---


def test_place_counts_who_came_before_in_the_same_queue(
    giulia: Browser, marco: Browser, clock: time_machine.Traveller
) -> None:
    giulia.say("Prima io")
    clock.shift(1)
    marco.say("Poi io")
    assert [waiting.place(item_of(visitor)).position for visitor in (giulia, marco)] == [1, 2]


def test_place_moves_up_when_somebody_is_taken(
    giulia: Browser, marco: Browser, anna: User, clock: time_machine.Traveller
) -> None:
    giulia.say("Prima io")
    clock.shift(1)
    marco.say("Poi io")
    work_items.claim(item=item_of(giulia), actor=anna)
    place = waiting.place(item_of(marco))
    assert place is not None
    assert place.position == 1


def test_higher_priority_goes_first(giulia: Browser, marco: Browser, clock: time_machine.Traveller) -> None:
    giulia.say("Prima io")
    clock.shift(1)
    marco.say("Urgente")
    item = item_of(marco)
    WorkItem.objects.filter(pk=item.pk).update(priority=5, rank_at=item.queue.rank(5, item.queued_at))
    assert [waiting.place(item_of(visitor)).position for visitor in (giulia, marco)] == [2, 1]


def test_who_is_being_answered_has_no_place(giulia: Browser, anna: User) -> None:
    giulia.say("Buongiorno")
    work_items.claim(item=item_of(giulia), actor=anna)
    assert waiting.place(item_of(giulia)) is None


# --- wait ---


def test_nothing_is_promised_on_too_few_waits(giulia: Browser, chat: ChannelAccount, anna: User) -> None:
    answered_before(chat, anna, 60, 60, 60, 60)
    giulia.say("Quanto ci vuole?")
    assert waiting.place(item_of(giulia)).wait_to is None


def test_wait_is_a_range_of_what_others_waited_rounded_up_to_minutes(
    giulia: Browser, chat: ChannelAccount, anna: User
) -> None:
    answered_before(chat, anna, 30, 50, 70, 100, 200)
    giulia.say("Quanto ci vuole?")
    place = waiting.place(item_of(giulia))
    assert place is not None
    assert (place.wait_from, place.wait_to) == (120, 240)


def test_nothing_is_promised_when_nobody_is_there(giulia: Browser, chat: ChannelAccount, anna: User) -> None:
    answered_before(chat, anna, 60, 60, 60, 60, 60)
    presence.change(user=anna, status="offline")
    giulia.say("C'è qualcuno?")
    assert waiting.place(item_of(giulia)).wait_to is None


def test_wait_never_grows_while_one_waits(
    giulia: Browser, chat: ChannelAccount, anna: User, clock: time_machine.Traveller
) -> None:
    answered_before(chat, anna, 100, 100, 100, 100, 100)
    giulia.say("Quanto ci vuole?")
    told = []
    for _minute in range(3):
        place = waiting.place(item_of(giulia))
        assert place is not None
        told.append(place.wait_to)
        answered_before(chat, anna, *[900] * 20)  # it gets slower
        clock.shift(20)
        presence.heartbeat(anna)
    assert told == sorted(told, key=lambda seconds: -(seconds or 0))
    assert told[0] == 120


def test_who_waited_longer_than_usual_is_promised_nothing_false(
    giulia: Browser, chat: ChannelAccount, anna: User, clock: time_machine.Traveller
) -> None:
    answered_before(chat, anna, 60, 60, 60, 60, 60)
    giulia.say("Quanto ci vuole?")
    clock.shift(300)
    presence.heartbeat(anna)
    assert waiting.place(item_of(giulia)).wait_to is None


# --- is anybody there ---


def test_entrance_is_open_busy_or_closed(chat: ChannelAccount, anna: User, clock: time_machine.Traveller) -> None:
    assert waiting.entrance(chat) == "open"
    presence.change(user=anna, status="away")
    assert waiting.entrance(chat) == "busy"
    keeps(chat.queue, {"sun": [["10:00", "11:00"]]})
    assert waiting.entrance(chat) == "closed"
    opening = waiting.opens_at(chat)
    assert opening is not None
    assert opening.isoformat() == "2026-11-29T09:00:00+00:00"


def test_agent_whose_browser_is_gone_is_not_there(chat: ChannelAccount, clock: time_machine.Traveller) -> None:
    clock.shift(120)
    assert waiting.entrance(chat) == "busy"


def test_queue_that_never_opens_promises_no_opening(chat: ChannelAccount) -> None:
    keeps(chat.queue, {"mon": []})
    assert waiting.opens_at(chat) is None


# --- what the office says ---


def test_entrance_says_what_the_queue_says(chat: ChannelAccount, ada: User) -> None:
    texts = {"greeting": {"it": "Buongiorno."}, "closed": {"it": "Chiuso.", "uk": "Зачинено."}}
    lines.change(queue=chat.queue, actor=ada, texts=texts)
    assert waiting.words(chat, "open", "uk") == "Buongiorno."
    assert waiting.words(chat, "closed", "uk") == "Зачинено."
    assert waiting.words(chat, "busy", "it") == ""


def test_an_emergency_closes_the_entrance_with_its_own_words(giulia: Browser, chat: ChannelAccount, ada: User) -> None:
    lines.change(queue=chat.queue, actor=ada, texts={"waiting": {"it": "Un momento."}})
    giulia.say("C'è qualcuno?")
    assert waiting.place(item_of(giulia), "it").text == "Un momento."
    lines.switch_emergency(queue=chat.queue, on=True, texts={"it": "Alluvione: chiamare il 112."}, actor=ada)
    assert waiting.entrance(chat) == "emergency"
    assert waiting.place(item_of(giulia), "it").text == "Alluvione: chiamare il 112."
    told = giulia.post("session/", {"token": giulia.token}).json()
    assert (told["state"], told["words"]) == ("emergency", "Alluvione: chiamare il 112.")
    page = giulia.client.get("/chat/comune/?lang=it").content.decode()
    assert 'data-state="emergency"' in page
    assert ">Alluvione: chiamare il 112.</p>" in page
    lines.switch_emergency(queue=chat.queue, on=False, actor=ada)
    assert waiting.entrance(chat) == "open"


def test_whoever_waits_past_closing_reads_that_it_is_closed(giulia: Browser, chat: ChannelAccount, ada: User) -> None:
    lines.change(queue=chat.queue, actor=ada, texts={"closed": {"it": "Chiuso."}, "waiting": {"it": "Un momento."}})
    giulia.say("C'è qualcuno?")
    keeps(chat.queue, {"sun": [["10:00", "11:00"]]})
    assert waiting.place(item_of(giulia), "it").text == "Chiuso."


def test_what_is_answered_in_writing_has_no_place(giulia: Browser, chat: ChannelAccount, ada: User) -> None:
    lines.change(queue=chat.queue, actor=ada, overflow="message", max_wait_seconds=60)
    giulia.say("C'è qualcuno?")
    assert overflow.flow(timezone.now() + dt.timedelta(seconds=61)) == 1
    place = waiting.place(item_of(giulia), "it")
    assert (place.position, place.wait_to, place.in_writing) == (0, None, True)


def test_those_in_writing_are_in_nobodys_way(giulia: Browser, marco: Browser, clock: time_machine.Traveller) -> None:
    giulia.say("Prima io")
    WorkItem.objects.update(family="written")
    clock.shift(1)
    marco.say("Poi io")
    assert waiting.place(item_of(marco)).position == 1


def test_what_was_promised_is_kept_with_the_item(giulia: Browser, chat: ChannelAccount, anna: User) -> None:
    answered_before(chat, anna, 30, 50, 70, 100, 200)
    giulia.say("Quanto ci vuole?")
    waiting.place(item_of(giulia))
    item = item_of(giulia)
    assert (item.promised_low, item.promised_high) == (120, 240)
    work_items.claim(item=item, actor=anna)
    assert Event.objects.get(name="item.claimed").data["promised"] == [120, 240]


def test_a_known_pace_tells_the_wait_from_the_place(
    giulia: Browser, marco: Browser, chat: ChannelAccount, anna: User, clock: time_machine.Traveller
) -> None:
    answered_before(chat, anna, 10, 10, 10, 10, 10)
    WorkItem.objects.update(ended_at=timezone.now())  # ten minutes each
    giulia.say("Prima io")
    clock.shift(1)
    marco.say("Poi io")
    first, second = (waiting.place(item_of(visitor)) for visitor in (giulia, marco))
    assert (first.wait_from, second.wait_from) == (240, 420)  # Anna serves three at once: 600 s / 3, twice that


# --- who has left ---


def test_citizen_is_gone_after_ninety_seconds_and_keeps_the_place(
    giulia: Browser, clock: time_machine.Traveller
) -> None:
    giulia.say("Torno subito")
    seen_now(giulia.session)
    clock.shift(89)
    assert away.notice_left(timezone.now()) == 0
    clock.shift(2)
    assert away.notice_left(timezone.now()) == 1
    interaction = Interaction.objects.get()
    assert interaction.visitor_left_at == MONDAY
    assert interaction.is_open
    assert item_of(giulia).state == "waiting"
    assert Event.objects.filter(name="visitor.left", interaction=interaction).count() == 1


def test_leaving_is_noticed_once(giulia: Browser, clock: time_machine.Traveller) -> None:
    giulia.say("Torno subito")
    seen_now(giulia.session)
    clock.shift(100)
    assert [away.notice_left(timezone.now()) for _sweep in range(2)] == [1, 0]


def test_desk_sees_that_the_citizen_is_back(giulia: Browser, clock: time_machine.Traveller) -> None:
    giulia.say("Torno subito")
    seen_now(giulia.session)
    clock.shift(100)
    away.notice_left(timezone.now())
    before = Interaction.objects.get().version
    away.here(giulia.session)
    interaction = Interaction.objects.get()
    assert interaction.visitor_left_at is None
    assert interaction.version > before
    assert Event.objects.filter(name="visitor.returned").count() == 1


def test_visitor_who_never_said_anything_is_missed_by_nobody(giulia: Browser, clock: time_machine.Traveller) -> None:
    seen_now(giulia.session)
    clock.shift(100)
    assert away.notice_left(timezone.now()) == 0
    assert VisitorSession.objects.get().seen_at is None


def test_ending_without_a_conversation_is_quiet(giulia: Browser) -> None:
    away.end(giulia.session)
    assert Event.objects.filter(name__startswith="visitor").count() == 0


def test_closed_conversation_is_shown_for_a_day(giulia: Browser, anna: User, clock: time_machine.Traveller) -> None:
    giulia.say("Buongiorno")
    item = work_items.claim(item=item_of(giulia), actor=anna)
    work_items.finish(item=item, actor=anna)
    assert conversation.situation(giulia.session).state == "closed"
    clock.shift(dt.timedelta(hours=25))
    assert conversation.situation(giulia.session).state == "new"
