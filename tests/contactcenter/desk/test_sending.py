"""An answer that can be taken back, one that leaves tomorrow, and one that leaves now after all."""

import datetime as dt
import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channels_adapters.contract import Address, InboundMessage, Recorded
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake import receive
from contactcenter.outbox.models import OutboxItem
from crm.models import Interaction, Message, User
from tests.contactcenter.desk.conftest import PART, SignIn, take

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def answer(desk: Client, interaction: Interaction, **more: str) -> str:
    interaction.refresh_from_db()
    fields = {"as": "reply", "text": "Le rimborsiamo tutto", "client_id": "c1", "version": interaction.version, **more}
    return desk.post(reverse("desk-answer", args=[interaction.public_id]), fields, headers=PART).content.decode()


def leaves_at() -> dt.datetime:
    return OutboxItem.objects.get(message__text="Le rimborsiamo tutto").next_attempt_at


def ours() -> Message:
    return Message.objects.get(text="Le rimborsiamo tutto")


def test_an_answer_shows_how_long_it_can_be_taken_back(desk: Client, with_anna: Interaction, now: dt.datetime) -> None:
    shown = answer(desk, with_anna)
    assert 'data-left="10"' in shown
    assert "Take back" in shown
    assert leaves_at() == now + dt.timedelta(seconds=10)


def test_taken_back_words_go_to_the_composer_and_stay_struck_through_for_colleagues(
    desk: Client, with_anna: Interaction
) -> None:
    answer(desk, with_anna)
    back = desk.post(reverse("desk-withdraw", args=[with_anna.public_id, ours().seq]), headers=PART)
    assert json.loads(back["HX-Trigger"])["desk:withdrawn"] == {"seq": ours().seq}
    assert "withdrawn" in back.content.decode()
    assert "taken back, never sent" in back.content.decode()


def test_too_late_is_told_with_the_next_step(desk: Client, with_anna: Interaction) -> None:
    answer(desk, with_anna)
    OutboxItem.objects.filter(message=ours()).update(state="done")
    refused = desk.post(reverse("desk-withdraw", args=[with_anna.public_id, ours().seq]), headers=PART)
    assert refused.status_code == 409
    assert "Write again to put it right." in refused.content.decode()


@pytest.mark.parametrize(
    "chosen, after",
    [
        ({"later": "hour"}, dt.timedelta(hours=1)),
        ({"later": "morning"}, dt.timedelta(hours=22, minutes=30)),
        ({"later": "at", "send_at": "2026-11-25T09:15"}, dt.timedelta(days=1, hours=23, minutes=15)),
    ],
)
def test_an_answer_leaves_when_it_was_chosen_to(
    chosen: dict[str, str], after: dt.timedelta, desk: Client, with_anna: Interaction, now: dt.datetime
) -> None:
    shown = answer(desk, with_anna, **chosen)
    assert leaves_at() == now + after
    assert "Send now" in shown


@pytest.mark.parametrize(
    "written, words",
    [
        ("", "a date and a time"),
        ("domani", "a date and a time"),
        ("2026-11-20T09:00", "has passed"),
        ("2028-01-01T09:00", "a year away"),
    ],
)
def test_a_moment_that_is_none_sends_nothing(written: str, words: str, desk: Client, with_anna: Interaction) -> None:
    assert words in answer(desk, with_anna, later="at", send_at=written)
    assert not Message.objects.filter(text="Le rimborsiamo tutto").exists()


def test_a_planned_answer_leaves_now_after_all(desk: Client, with_anna: Interaction, now: dt.datetime) -> None:
    answer(desk, with_anna, later="hour")
    shown = desk.post(reverse("desk-hurry", args=[with_anna.public_id, ours().seq]), headers=PART)
    assert shown.status_code == 200
    assert leaves_at() == now


def test_who_may_not_see_the_conversation_finds_nothing_to_take_back(
    desk: Client, with_anna: Interaction, carla: User, bruno: User, sign_in: SignIn
) -> None:
    answer(desk, with_anna)
    for name in ("desk-withdraw", "desk-hurry"):
        address = reverse(name, args=[with_anna.public_id, ours().seq])
        assert sign_in(carla).post(address, headers=PART).status_code == 404
        assert sign_in(bruno).post(address, headers=PART).status_code == 403
    assert desk.post(reverse("desk-withdraw", args=[with_anna.public_id, 1]), headers=PART).status_code == 404


def test_a_live_chat_is_answered_at_once(desk: Client, chat_account: ChannelAccount, anna: User) -> None:
    event = InboundMessage(external_id="v-1", sender=Address("visitor", "v1", "Giulia"), text="Ci siete?", thread="v1")
    outcome = receive.receive(account=chat_account, event=event, at=timezone.now())
    assert isinstance(outcome, Recorded)
    chat = Interaction.objects.get(public_id=outcome.interaction)
    take(chat, anna)
    shown = answer(desk, chat, later="hour")
    assert ours().interaction == chat
    assert "Take back" not in shown
    assert "in an hour" not in shown
