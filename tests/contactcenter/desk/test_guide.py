"""Somebody's first day: five steps with the real thing, each ticked off by what really happened."""

import datetime as dt
import re

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from contactcenter.accounts.models import ChannelAccount
from contactcenter.queues import presence, work_items
from crm.models import Interaction, User
from tests.contactcenter.desk.conftest import PART, Write, take

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def page(desk: Client) -> str:
    return desk.get(reverse("desk")).content.decode()


def begin(desk: Client) -> None:
    assert desk.post(reverse("desk-guide")).status_code == 302


def due(shown: str) -> str:
    found = re.search(r'<li class="due" aria-current="step">.*?</span><span>(.*?)</span></li>', shown, re.S)
    assert found is not None
    return found[1]


def test_an_empty_desk_offers_the_first_chat_to_who_never_finished_one(desk: Client) -> None:
    assert "Take your first chat, step by step" in page(desk)


def test_who_has_finished_a_contact_is_left_alone(desk: Client, with_anna: Interaction, anna: User) -> None:
    item = work_items.open_item(with_anna)
    assert item is not None
    work_items.finish(item=item, actor=anna)
    shown = page(desk)
    assert "Take your first chat, step by step" not in shown
    assert 'id="guide"' not in shown
    assert "First steps" in shown  # in the menu, for whoever wants them again


def test_each_step_is_ticked_by_what_really_happened(
    desk: Client, anna: User, write: Write, letters: ChannelAccount
) -> None:
    begin(desk)
    assert "Set yourself available" in due(page(desk))
    presence.change(user=anna, status="available")
    assert "Be the citizen" in due(page(desk))
    conversation = write("Buongiorno")
    assert "Press A" in due(page(desk))
    take(conversation, anna)
    conversation.refresh_from_db()
    assert "Write your answer" in due(page(desk))
    desk.post(
        reverse("desk-answer", args=[conversation.public_id]),
        {"as": "reply", "text": "Buongiorno a lei", "client_id": "c1", "version": conversation.version},
        headers=PART,
    )
    assert "Press W" in due(page(desk))
    item = work_items.open_item(conversation)
    assert item is not None
    work_items.finish(item=item, actor=anna)
    assert "That was it." in page(desk)


def test_the_second_step_leads_to_the_chat_of_this_office(
    desk: Client, anna: User, chat_account: ChannelAccount
) -> None:
    begin(desk)
    presence.change(user=anna, status="available")
    assert reverse("visitor-page", args=[chat_account.slug]) in due(page(desk))


def test_where_no_chat_is_set_up_it_says_who_can_add_one(desk: Client, anna: User) -> None:
    begin(desk)
    presence.change(user=anna, status="available")
    assert "an administrator adds one" in due(page(desk))


def test_what_happened_before_it_began_ticks_nothing(desk: Client, with_anna: Interaction, now: dt.datetime) -> None:
    with time_machine.travel(now + dt.timedelta(minutes=1), tick=False):
        begin(desk)
        shown = page(desk)
    assert 'class="done"' not in shown
    assert "Set yourself available" in due(shown)


def test_it_ends_when_they_say_so_and_the_parts_follow(desk: Client) -> None:
    begin(desk)
    assert 'id="guide"' in desk.get(reverse("desk-mine"), headers=PART).content.decode()
    desk.post(reverse("desk-guide-end"))
    assert 'id="guide"' not in desk.get(reverse("desk-mine"), headers=PART).content.decode()
