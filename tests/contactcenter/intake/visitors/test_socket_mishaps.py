"""The visitor's socket under every mishap the protocol is made for: nothing is lost, nothing comes twice."""

import asyncio
from typing import Any

import pytest
from channels.db import database_sync_to_async as in_database
from django.utils import timezone

from contactcenter.intake.visitors import conversation, socket as socket_module
from contactcenter.intake.visitors.models import VisitorSession
from contactcenter.outbox import replies
from contactcenter.queues import work_items
from contactcenter.queues.models import WorkItem
from crm.models import Interaction, Message, User
from tests.contactcenter.intake.visitors.conftest import Browser, Page

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("chat")]


def count(**lookup: Any) -> int:
    return Message.objects.filter(**lookup).count()


def claim(actor: User) -> Interaction:
    item = work_items.claim(item=WorkItem.objects.get(), actor=actor)
    assert item.interaction is not None
    return item.interaction


def answer(actor: User, text: str) -> Message:
    return replies.reply(interaction=Interaction.objects.get(), text=text, actor=actor)


# --- mishaps ---


async def test_socket_killed_before_the_confirmation_then_resent_is_one_message(giulia: Browser) -> None:
    first = Page(giulia.token)
    await first.open()
    await first.say(t="msg", cid="c1", text="Buongiorno")
    await first.leave()
    second = Page(giulia.token)
    await second.open()
    await second.say(t="msg", cid="c1", text="Buongiorno")
    assert (await second.hear("sent"))["seq"] == 1
    assert await in_database(count)() == 1
    await second.leave()


async def test_same_id_three_times_is_one_message_with_one_number(giulia: Browser) -> None:
    page = Page(giulia.token)
    await page.open()
    for _try in range(3):
        await page.say(t="msg", cid="c1", text="Buongiorno")
    assert {frame["seq"] for frame in await page.hear_many("sent", 3)} == {1}
    assert await in_database(count)() == 1
    await page.leave()


@pytest.mark.usefixtures("deaf_broker")
async def test_what_the_broker_lost_is_healed_by_the_page_s_own_ping(giulia: Browser, anna: User) -> None:
    page = Page(giulia.token)
    await page.open()
    await page.say(t="msg", cid="c1", text="Buongiorno")
    await page.hear("msg")
    await in_database(claim)(anna)
    await in_database(answer)(anna, "Buongiorno, sono Anna.")
    await page.say(t="ping", n=1)
    assert (await page.hear("agent"))["name"] == "Anna"
    assert (await page.hear("msg"))["text"] == "Buongiorno, sono Anna."
    await page.leave()


async def test_page_that_was_away_gets_exactly_what_it_missed(giulia: Browser, anna: User) -> None:
    page = Page(giulia.token)
    await page.open()
    await page.say(t="msg", cid="c1", text="Buongiorno")
    conv = (await page.hear("welcome"))["conv"]
    await page.leave()
    await in_database(answer)(anna, "Prima risposta")
    await in_database(answer)(anna, "Seconda risposta")
    back = Page(giulia.token)
    welcome = await back.open(last_seq=1, conv=conv)
    assert welcome["seq"] == 3
    assert [frame["text"] for frame in await back.hear_many("msg", 2)] == ["Prima risposta", "Seconda risposta"]
    assert await back.answered_up_to_here() == []
    await back.leave()


async def test_number_of_another_conversation_is_not_mistaken_for_this_one(giulia: Browser) -> None:
    page = Page(giulia.token)
    await page.open()
    await page.say(t="msg", cid="c1", text="Buongiorno")
    await page.hear("msg")
    await page.leave()
    back = Page(giulia.token)
    await back.open(last_seq=40, conv="6b1f7c1e-0000-4000-8000-000000000000")
    assert (await back.hear("msg"))["seq"] == 1
    await back.leave()


async def test_two_tabs_show_the_same(giulia: Browser, anna: User) -> None:
    left, right = Page(giulia.token), Page(giulia.token)
    await left.open()
    await left.say(t="msg", cid="c1", text="Dalla prima scheda")
    await left.hear("msg")
    await right.open()
    assert (await right.hear("msg"))["text"] == "Dalla prima scheda"
    await right.say(t="msg", cid="c2", text="Dalla seconda")
    for page in (left, right):
        assert (await page.hear("msg"))["text"] == "Dalla seconda"
    await in_database(answer)(anna, "A tutte e due")
    for page in (left, right):
        assert (await page.hear("msg"))["text"] == "A tutte e due"
    await left.leave()
    await right.leave()


async def test_second_tab_learns_of_the_conversation_begun_in_the_first(giulia: Browser) -> None:
    left, right = Page(giulia.token), Page(giulia.token)
    await left.open()
    assert (await right.open())["state"] == "new"
    await left.say(t="msg", cid="c1", text="Buongiorno")
    await left.hear("msg")
    await right.say(t="ping", n=1)
    assert (await right.hear("welcome"))["state"] == "waiting"
    assert (await right.hear("msg"))["text"] == "Buongiorno"
    await left.leave()
    await right.leave()


async def test_frames_out_of_order_do_no_harm(giulia: Browser, anna: User) -> None:
    page = Page(giulia.token)
    await page.open()
    for frame in ({"t": "read", "seq": 5}, {"t": "ack", "seq": 9}, {"t": "fetch", "from": 1, "to": 9}, {"t": "typing"}):
        await page.say(**frame)
    await page.say(t="msg", cid="c2", text="Seconda")
    await page.say(t="msg", cid="c1", text="Prima")
    assert [(frame["cid"], frame["seq"]) for frame in await page.hear_many("sent", 2)] == [("c2", 1), ("c1", 2)]
    await page.leave()


async def test_hole_is_filled_on_request(giulia: Browser, anna: User) -> None:
    page = Page(giulia.token)
    await page.open()
    for number in range(4):
        await page.say(t="msg", cid=f"c{number}", text=f"Riga {number}")
    await page.hear_many("msg", 4)
    await page.say(t="fetch", **{"from": 2, "to": 3})
    assert [(frame["seq"], frame["prev"]) for frame in await page.hear_many("msg", 2)] == [(2, 1), (3, 2)]
    await page.leave()


def write_history(session: VisitorSession, messages: int) -> None:
    """A conversation that went on for long while the page was away."""
    interaction = Interaction.objects.get()
    rows = [
        Message(interaction=interaction, seq=number, direction="in", account="comune", state="received",
                text=f"Riga {number}", created_at=timezone.now())
        for number in range(2, messages + 1)
    ]  # fmt: skip
    Message.objects.bulk_create(rows)
    Interaction.objects.update(last_seq=messages)


async def test_after_a_very_long_absence_the_newest_come_first_and_the_rest_on_request(giulia: Browser) -> None:
    page = Page(giulia.token)
    await page.open()
    await page.say(t="msg", cid="c1", text="Riga 1")
    await page.hear("msg")
    await page.leave()
    await in_database(write_history)(giulia.session, 1300)
    back = Page(giulia.token)
    await back.open()
    gap = await back.hear("gap")
    assert gap == {"t": "gap", "from": 1, "to": 800}
    newest = await back.hear_many("msg", conversation.REPLAY)
    assert [newest[0]["seq"], newest[-1]["seq"]] == [801, 1300]
    await back.say(t="fetch", **{"from": 1, "to": 800})
    assert (await back.hear_many("msg", 500))[-1]["seq"] == 500
    rest = await back.hear("gap")
    assert rest == {"t": "gap", "from": 501, "to": 800}
    await back.say(t="fetch", **{"from": 501, "to": 800})
    assert (await back.hear_many("msg", 300))[-1]["seq"] == 800
    await back.leave()


# --- bad input ---


async def test_frame_that_is_too_big_closes_the_socket(giulia: Browser) -> None:
    page = Page(giulia.token)
    await page.open()
    await page.say(t="msg", cid="c1", text="x" * 20_000)
    assert await page.closed() == 1009
    assert await in_database(count)() == 0


@pytest.mark.parametrize(
    "text", ["", "ciao", "[]", "null", "[" * 10_000, '{"t":"read","seq":"1"}', '{"t":["msg"]}', "\ud800"]
)
async def test_nonsense_gets_a_sentence_and_the_socket_lives(giulia: Browser, text: str) -> None:
    page = Page(giulia.token)
    await page.open()
    await page.send(text)
    kinds = await page.answered_up_to_here()
    assert set(kinds) <= {"error"}
    await page.leave()


async def test_words_that_can_t_be_taken_are_named_in_the_citizen_s_language(giulia: Browser) -> None:
    page = Page(giulia.token)
    await page.open()
    await page.say(t="msg", cid="c9", text="   ")
    refused = await page.hear("error")
    assert (refused["cid"], refused["code"]) == ("c9", "unreadable")
    assert refused["text"] == "Il messaggio è vuoto. Scrivi qualcosa o aggiungi un file."
    await page.leave()


async def test_frame_of_a_kind_from_the_future_is_passed_over(giulia: Browser) -> None:
    page = Page(giulia.token)
    await page.open()
    await page.say(t="hologram", x=1)
    assert await page.answered_up_to_here() == []
    await page.leave()


async def test_flood_is_slowed_down_then_cut_off(giulia: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_module, "PER_SECOND", 0)
    page = Page(giulia.token)
    await page.open()
    for number in range(socket_module.BURST + socket_module.PATIENCE + 5):
        await page.say(t="ping", n=number)
    assert (await page.hear("error"))["code"] == "too-fast"
    assert await page.closed() == 4429


async def test_page_that_doesn_t_read_is_let_go_and_loses_nothing(
    giulia: Browser, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Page(giulia.token)
    await page.open()
    await page.say(t="msg", cid="c1", text="Buongiorno")
    await page.hear("msg")
    monkeypatch.setattr(socket_module, "READ_WITHIN", 0.01)

    async def stuck(
        self: Any, text_data: str | None = None, bytes_data: bytes | None = None, close: Any = False
    ) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(socket_module.VisitorSocket, "send", stuck)
    await in_database(answer)(anna, "Non lo leggi?")
    assert await page.closed() == 1013
    monkeypatch.undo()
    back = Page(giulia.token)
    await back.open(last_seq=1)
    assert (await back.hear("msg"))["text"] == "Non lo leggi?"
    await back.leave()
