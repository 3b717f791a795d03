"""Sent, delivered, read: what citizens are told of their own words is what is true of them at the desk."""

import pytest
from channels.db import database_sync_to_async as in_database
from django.test import Client
from django.urls import reverse

from contactcenter.queues import work_items
from crm import access, interactions
from crm.models import Interaction, User
from tests.contactcenter.intake.visitors.conftest import Browser, Page, frames

pytestmark = pytest.mark.django_db


def desk_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def welcome(browser: Browser) -> dict[str, object]:
    found: dict[str, object] = frames(browser.get("messages/"))[0]
    return found


def test_words_that_wait_in_the_queue_are_sent_and_no_more(giulia: Browser, anna: User) -> None:
    giulia.say("Buongiorno")
    desk_of(anna).get("/desk/")  # the queue shows a row, not the conversation
    assert (welcome(giulia)["delivered"], welcome(giulia)["read"]) == (0, 0)


def test_words_on_an_agents_open_page_are_delivered_and_the_next_ones_not_yet(giulia: Browser, anna: User) -> None:
    giulia.say("Buongiorno")
    interaction = Interaction.objects.get()
    assert desk_of(anna).get(reverse("desk-talk", args=[interaction.public_id])).status_code == 200
    giulia.say("C'è qualcuno?", cid="c2")
    assert (welcome(giulia)["delivered"], welcome(giulia)["read"]) == (1, 0)


def test_whoever_may_not_see_the_conversation_delivers_nothing(giulia: Browser, carla: User) -> None:
    giulia.say("Buongiorno")
    interaction = Interaction.objects.get()
    assert access.visible(carla, Interaction.objects.all()).count() == 0
    assert desk_of(carla).get(reverse("desk-talk", args=[interaction.public_id])).status_code == 404
    assert welcome(giulia)["delivered"] == 0


def test_what_was_read_was_delivered(giulia: Browser, anna: User) -> None:
    giulia.say("Buongiorno")
    interaction = Interaction.objects.get()
    item = work_items.open_item(interaction)
    assert item is not None
    work_items.claim(item=item, actor=anna)
    interactions.mark_read_by_agent(interaction=interaction, seq=1, actor=anna)
    assert (welcome(giulia)["delivered"], welcome(giulia)["read"]) == (1, 1)


@pytest.mark.django_db(transaction=True)
async def test_the_open_page_is_told_at_once(giulia: Browser, anna: User) -> None:
    page = Page(giulia.token)
    await page.open()
    await page.say(t="msg", cid="c1", text="Buongiorno")
    conv = (await page.hear("welcome"))["conv"]
    await page.hear("msg")
    await in_database(lambda: desk_of(anna).get(reverse("desk-talk", args=[conv])))()
    assert await page.hear("delivered") == {"t": "delivered", "by": "agent", "seq": 1}
    await page.leave()
