"""Calling back at the desk: the card, the conversation, what came of it, by whoever has it and on a fresh screen alone."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from contactcenter.calls.models import Callback
from contactcenter.queues import match, work_items
from contactcenter.queues.models import Offer, WorkItem
from crm.models import Interaction, User
from tests.contactcenter.calls.conftest import NUMBER, SHOWN, Asked, calls_back, promised, waits_long
from tests.contactcenter.calls.test_asking import of
from tests.contactcenter.desk.conftest import PART, SignIn, at
from tests.contactcenter.queues.conftest import SitDown, queues_up, sits_down

__all__ = ["calls_back", "promised", "queues_up", "sits_down", "waits_long"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def say(browser: Client, item: WorkItem, result: str, version: int | None = None) -> tuple[int, str]:
    fresh = Interaction.objects.get(pk=of(item).pk)
    given = {"result": result, "version": fresh.version if version is None else version}
    answer = browser.post(at(fresh, "called/"), given, headers=PART)
    return answer.status_code, answer.content.decode()


def screen(browser: Client, item: WorkItem) -> str:
    return browser.get(at(of(item)), headers=PART).content.decode()


@pytest.fixture
def in_hand(promised: Asked, anna: User) -> WorkItem:
    """Giulia is to be called, by Anna."""
    return work_items.claim(item=promised("Giulia", number="+380441234567"), actor=anna)


def test_the_card_says_whom_to_call_and_since_when_they_wait(
    promised: Asked, sits_down: SitDown, anna: User, desk: Client
) -> None:
    promised("Giulia")
    sits_down(anna)
    match.run(timezone.now())
    html = desk.get("/desk/mine/", headers=PART).content.decode()
    assert f"Call {SHOWN} back" in html
    assert "try 1 of 3" in html
    assert (timezone.now() - dt.timedelta(seconds=120)).astimezone(dt.UTC).isoformat() in html
    answer = desk.post(f"/desk/offers/{Offer.objects.get().pk}/accept/", headers=PART)
    assert f'href="tel:{NUMBER}"' in answer.content.decode()


def test_a_row_that_waits_says_that_it_is_a_call(promised: Asked, anna: User, desk: Client) -> None:
    item = promised("Giulia")
    assert "call back" in desk.get("/desk/mine/", headers=PART).content.decode()
    html = screen(desk, item)
    assert f"Call {SHOWN} back" in html
    assert "tel:" not in html  # an agent is reserved before anybody dials
    assert "asked at 10:00 to be called back" in html


def test_reached_by_one_press_and_then_closed_as_usual(in_hand: WorkItem, desk: Client) -> None:
    html = screen(desk, in_hand)
    for shown in ('href="tel:+380441234567"', 'data-key="g"', 'data-key="y"', 'data-key="u"', 'data-key="v"'):
        assert shown in html
    status, html = say(desk, in_hand, "reached")
    assert status == 200
    assert "Anna Bianchi reached the citizen by telephone at 10:00" in html
    assert 'id="call"' not in html
    fresh = Interaction.objects.get(pk=of(in_hand).pk)
    answer = desk.post(at(fresh, "close/"), {"version": fresh.version, "outcome": "risposto"}, headers=PART)
    assert answer.status_code == 200
    assert WorkItem.objects.get().state == "done"


def test_closing_before_the_call_asks_for_what_came_of_it(in_hand: WorkItem, desk: Client) -> None:
    fresh = Interaction.objects.get(pk=of(in_hand).pk)
    answer = desk.post(at(fresh, "close/"), {"version": fresh.version}, headers=PART)
    assert answer.status_code == 422
    assert "A call was promised here." in answer.content.decode()
    assert WorkItem.objects.get().state == "claimed"


def test_no_answer_puts_it_out_of_hand_and_says_when_it_is_tried_again(in_hand: WorkItem, desk: Client) -> None:
    status, html = say(desk, in_hand, "no-answer")
    assert (status, "Nobody answered. The next try: today, 10:15." in html) == (200, True)
    html = screen(desk, in_hand)
    assert "not before: today, 10:15" in html
    assert "try 2 of 3" in html
    assert "A call is promised here for then: today, 10:15." in html
    assert "nobody answered" in html


def test_a_wrong_number_is_given_up_and_the_conversation_stays(in_hand: WorkItem, desk: Client) -> None:
    status, html = say(desk, in_hand, "wrong-number")
    assert status == 200
    assert "wrong number" in html
    assert "the call was given up; no channel reaches the citizen to tell them" in html
    assert WorkItem.objects.get().state == "claimed"


def test_a_call_that_is_not_needed_any_more_is_taken_back(in_hand: WorkItem, desk: Client) -> None:
    fresh = Interaction.objects.get(pk=of(in_hand).pk)
    answer = desk.post(at(fresh, "no-call/"), {"version": fresh.version}, headers=PART)
    assert answer.status_code == 200
    assert "Anna Bianchi took the promised call back at 10:00" in answer.content.decode()
    assert Callback.objects.get().state == "withdrawn"


def test_what_is_said_on_an_old_screen_changes_nothing_and_shows_what_is_true(in_hand: WorkItem, desk: Client) -> None:
    seen = Interaction.objects.get(pk=of(in_hand).pk).version
    Interaction.objects.filter(pk=of(in_hand).pk).update(version=seen + 1)
    status, html = say(desk, in_hand, "reached", version=seen)
    assert (status, "Something came in meanwhile" in html) == (409, True)
    assert say(desk, in_hand, "reached", version=-1)[0] == 409
    assert Callback.objects.get().state == "waiting"


@pytest.mark.parametrize("result", ["", "busy", "reached\x00"])
def test_an_unknown_result_is_a_sentence(in_hand: WorkItem, desk: Client, result: str) -> None:
    status, html = say(desk, in_hand, result)
    assert (status, "Choose what came of the call." in html) == (422, True)


def test_a_colleague_says_nothing_of_a_call_that_is_not_theirs(in_hand: WorkItem, bruno: User, sign_in: SignIn) -> None:
    status, html = say(sign_in(bruno), in_hand, "reached")
    assert (status, "This is with Anna Bianchi now." in html) == (409, True)


def test_said_twice_is_said_once(in_hand: WorkItem, desk: Client) -> None:
    assert say(desk, in_hand, "reached")[0] == 200
    status, html = say(desk, in_hand, "reached")
    assert (status, "No call is promised here any more." in html) == (409, True)
    assert Callback.objects.get().tries == 1
