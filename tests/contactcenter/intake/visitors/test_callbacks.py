"""Whoever waits too long in the chat is asked for a number, told what was promised, and may choose otherwise."""

import datetime as dt
import json
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from contactcenter.accounts.models import ChannelAccount
from contactcenter.calls.models import Callback
from contactcenter.intake.visitors import away, conversation, limits, news, waiting
from contactcenter.queues import lines, overflow, parking, work_items
from contactcenter.queues.models import WorkItem
from crm.models import Interaction, User
from tests.contactcenter.intake.visitors.conftest import ELSEWHERE, Browser
from tests.contactcenter.intake.visitors.test_waiting import keeps

pytestmark = pytest.mark.django_db
NUMBER, SHOWN = "055 234 5678", "+39 055 234 5678"


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def offers_calls(clock: time_machine.Traveller, chat: ChannelAccount, ada: User) -> ChannelAccount:
    lines.change(queue=chat.queue, actor=ada, overflow="callback", max_wait_seconds=60)
    return chat


@pytest.fixture
def asked(offers_calls: ChannelAccount, giulia: Browser, clock: time_machine.Traveller) -> Browser:
    """Giulia, who has waited for more than a minute."""
    waits_too_long(giulia, clock)
    return giulia


def waits_too_long(browser: Browser, clock: time_machine.Traveller) -> None:
    browser.say("C'è qualcuno?")
    clock.shift(61)
    overflow.flow(timezone.now())


def place(browser: Browser) -> Any:
    return conversation.situation(browser.session).place


def item_of(browser: Browser) -> WorkItem:
    return WorkItem.objects.get(interaction__thread=browser.session.visitor)


def leaves(browser: Browser, number: object = NUMBER) -> Any:
    return browser.post("callback/", {"choice": "call", "number": number})


def told(browser: Browser) -> dict[str, Any]:
    """What a page that comes back reads of its place."""
    frames = [json.loads(frame) for frame in browser.get("messages/").json()["frames"]]
    queue: dict[str, Any] = next(frame for frame in frames if frame["t"] == "welcome")["queue"]
    return queue


def test_who_waits_too_long_is_asked_and_keeps_the_place(asked: Browser) -> None:
    assert (place(asked).call, place(asked).position, place(asked).in_writing) == ("ask", 1, False)
    assert told(asked)["call"] == "ask"
    html = asked.get("callback/").json()["html"]
    for words in ("Vuoi che ti richiamiamo?", 'type="tel"', "Richiamatemi", "Rispondetemi per iscritto"):
        assert words in html


def test_who_does_not_wait_too_long_is_not_asked(offers_calls: ChannelAccount, giulia: Browser) -> None:
    giulia.say("C'è qualcuno?")
    assert place(giulia).call == ""
    for answer in (giulia.get("callback/"), leaves(giulia)):
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not-offered")


def test_a_number_is_promised_a_call_and_the_page_says_which(asked: Browser) -> None:
    before, notices = news.resumed(asked.session)
    answer = leaves(asked)
    assert (answer.status_code, answer.json()) == (201, {"number": SHOWN})
    now = place(asked)
    assert (now.call, now.title, now.text) == (
        "promised", "Ti richiamiamo noi", f"Al {SHOWN}, appena un operatore è libero.",
    )  # fmt: skip
    _told, fresh = news.since(asked.session, before)
    assert now in fresh
    assert "Non chiamatemi" in asked.get("callback/").json()["html"]
    assert Callback.objects.get().language == "it"


def test_out_of_hours_the_page_says_from_when(asked: Browser, offers_calls: ChannelAccount) -> None:
    keeps(offers_calls.queue, {"tue": [["09:00", "12:00"]]})
    leaves(asked)
    assert place(asked).text == f"Al {SHOWN}, non prima di martedì 24 novembre, 09:00."
    assert item_of(asked).state == "parked"
    assert conversation.situation(asked.session).state == "waiting"


@pytest.mark.parametrize(
    "number", ["", "ciao", "055\x002345678", "055 234 5678\ud800", "899 123 456", "9" * 500, 552345678, None, ["055"], {}],
)  # fmt: skip
def test_what_is_no_number_is_refused_with_a_sentence_and_nothing_changes(asked: Browser, number: object) -> None:
    answer = leaves(asked, number)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "number")
    assert answer.json()["error"]["text"].endswith(".")
    assert place(asked).call == "ask"


@pytest.mark.parametrize("body", [{}, {"choice": "dance"}, {"choice": ["call"]}, {"choice": None}, {"number": NUMBER}])
def test_what_is_no_choice_is_refused(asked: Browser, body: object) -> None:
    assert asked.post("callback/", body).status_code == 400


def test_a_second_citizen_gets_no_second_call_to_the_same_number(
    asked: Browser, marco: Browser, clock: time_machine.Traveller
) -> None:
    leaves(asked)
    waits_too_long(marco, clock)
    answer = leaves(marco)
    assert answer.status_code == 409
    assert "abbiamo già promesso" in answer.json()["error"]["text"].lower()
    assert leaves(asked).status_code == 201  # asked twice, promised once
    assert Callback.objects.count() == 1


def test_who_would_rather_read_the_answer_or_wait_here_chooses_so(asked: Browser) -> None:
    leaves(asked)
    assert asked.post("callback/", {"choice": "wait"}).status_code == 200
    assert (place(asked).call, place(asked).position) == ("ask", 1)
    assert asked.post("callback/", {"choice": "writing"}).status_code == 200
    assert (place(asked).call, place(asked).in_writing) == ("", True)
    assert asked.post("callback/", {"choice": "wait"}).status_code == 409


def test_what_a_citizen_writes_meanwhile_is_read_by_whoever_calls(asked: Browser) -> None:
    leaves(asked)
    asked.say("Ho anche una domanda sull'IMU", cid="c2")
    item = item_of(asked)
    assert (item.state, item.is_to_call) == ("waiting", True)
    assert Interaction.objects.get().last_seq == 2


def test_closing_the_page_or_ending_the_chat_does_not_undo_the_promise(asked: Browser) -> None:
    leaves(asked)
    away.end(asked.session)
    item = item_of(asked)
    assert (item.state, item.is_to_call, Interaction.objects.get().is_open) == ("waiting", True, True)


def test_while_an_agent_calls_the_page_says_who_has_it(asked: Browser, anna: User) -> None:
    leaves(asked)
    work_items.claim(item=item_of(asked), actor=anna)
    now = conversation.situation(asked.session)
    assert (now.state, now.agent, now.place) == ("talking", "Anna", None)
    assert asked.post("callback/", {"choice": "wait"}).status_code == 409
    parking.park(item=item_of(asked), actor=anna, until=timezone.now() + dt.timedelta(hours=1))
    assert place(asked).call == "promised"


def test_nobody_fills_the_line_with_numbers(asked: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CALLBACKS_PER_VISITOR", (2, 600))
    codes = [leaves(asked, "ciao").status_code for _n in range(3)]
    assert codes == [400, 400, 429]


def test_another_web_site_and_a_stranger_do_not_come_in(asked: Browser) -> None:
    assert asked.post("callback/", {"choice": "call", "number": NUMBER}, origin=ELSEWHERE).status_code == 403
    stranger = Browser(asked.client, asked.session, "guessed")
    assert leaves(stranger).status_code == 401


def test_a_channel_that_cannot_ask_is_not_made_to(asked: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("channels_adapters.web_chat.adapter.Adapter.callback_template", "")
    assert asked.get("callback/").status_code == 409


def test_an_emergency_asks_those_who_wait_already(
    giulia: Browser, offers_calls: ChannelAccount, ada: User, clock: time_machine.Traveller
) -> None:
    giulia.say("C'è qualcuno?")
    lines.switch_emergency(queue=offers_calls.queue, on=True, texts={"it": "Allagamento."}, actor=ada)
    overflow.flow(timezone.now())
    assert (place(giulia).call, place(giulia).text) == ("ask", "Allagamento.")
    assert leaves(giulia).status_code == 201
    assert waiting.place(item_of(giulia), "uk").title == "Ми вам передзвонимо"
