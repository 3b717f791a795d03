"""The visitor's socket: coming in, talking, ending. The database is the truth, the broker a hint."""

import json
from typing import Any

import pytest
from channels.db import database_sync_to_async as in_database
from django.utils import timezone

from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake.visitors import sessions, socket as socket_module
from contactcenter.intake.visitors.models import VisitorSession
from contactcenter.outbox import replies
from contactcenter.queues import work_items
from contactcenter.queues.models import WorkItem
from crm import announce, interactions
from crm.models import Event, Interaction, Message, User
from tests.contactcenter.intake.visitors.conftest import ELSEWHERE, OURS, TOWN_SITE, Browser, Page, browser

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("chat")]


def count(**lookup: Any) -> int:
    return Message.objects.filter(**lookup).count()


def claim(actor: User) -> Interaction:
    item = work_items.claim(item=WorkItem.objects.get(), actor=actor)
    assert item.interaction is not None
    return item.interaction


def answer(actor: User, text: str) -> Message:
    return replies.reply(interaction=Interaction.objects.get(), text=text, actor=actor)


# --- coming in ---


async def test_newcomer_is_welcomed_with_nothing_said(giulia: Browser) -> None:
    page = Page(giulia.token)
    welcome = await page.open()
    assert (welcome["state"], welcome["conv"], welcome["seq"], welcome["queue"]) == ("new", "", 0, None)
    assert welcome["limits"]["max_files"] == 5
    await page.leave()


@pytest.mark.parametrize(
    "origin", [ELSEWHERE, "null", "", f"{TOWN_SITE}.evil.example", "http://testserver.evil.example"]
)
async def test_foreign_page_is_refused_before_its_socket_is_accepted(giulia: Browser, origin: str) -> None:
    assert await Page(giulia.token, origin=origin).connect() == 4403


@pytest.mark.parametrize("origin", [OURS, TOWN_SITE])
async def test_our_page_and_the_town_s_are_let_in(giulia: Browser, origin: str) -> None:
    page = Page(giulia.token, origin=origin)
    await page.open()
    await page.leave()


async def test_unknown_chat_is_nobody_s_socket(giulia: Browser) -> None:
    assert await Page(giulia.token, account="nessuno").connect() == 4404


async def test_socket_that_says_nothing_is_closed(giulia: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_module, "HELLO_WITHIN", 0.01)
    page = Page(giulia.token)
    assert await page.connect() == 0
    assert await page.closed() == 4401


@pytest.mark.parametrize("token", ["", "guessed", "x" * 200])
async def test_unknown_token_needs_a_new_one_first(giulia: Browser, token: str) -> None:
    page = Page(token)
    await page.connect()
    await page.say(t="hello", token=token)
    assert await page.closed() == 4401


async def test_expired_token_needs_a_new_one_first(giulia: Browser) -> None:
    await in_database(VisitorSession.objects.update)(expires_at=timezone.now())
    page = Page(giulia.token)
    await page.connect()
    await page.say(t="hello", token=giulia.token)
    assert await page.closed() == 4401


async def test_nothing_counts_before_hello(giulia: Browser) -> None:
    page = Page(giulia.token)
    await page.connect()
    await page.say(t="msg", cid="c1", text="Senza presentarmi")
    assert await page.closed() == 4401
    assert await in_database(count)() == 0


async def test_session_revoked_while_open_is_told_and_closed(giulia: Browser) -> None:
    page = Page(giulia.token)
    await page.open()
    await in_database(sessions.revoke)(giulia.session)
    await page.say(t="ping", n=1)
    assert (await page.hear("bye"))["retry"] is False
    assert await page.closed() == 4401


# --- talking ---


async def test_message_is_confirmed_queued_and_shown(giulia: Browser) -> None:
    page = Page(giulia.token)
    await page.open()
    await page.say(t="msg", cid="c1", text="Ho pagato due volte la TARI", name="Giulia Ferri")
    sent = await page.hear("sent")
    assert (sent["cid"], sent["seq"]) == ("c1", 1)
    welcome = await page.hear("welcome")
    assert (welcome["state"], welcome["queue"]["pos"]) == ("waiting", 1)
    said = await page.hear("msg")
    assert (said["mine"], said["cid"], said["text"]) == (True, "c1", "Ho pagato due volte la TARI")
    await page.leave()


async def test_citizen_sees_the_agent_come_answer_and_read(giulia: Browser, anna: User) -> None:
    page = Page(giulia.token)
    await page.open()
    await page.say(t="msg", cid="c1", text="Buongiorno")
    await page.hear("msg")
    interaction = await in_database(claim)(anna)
    assert await page.hear("agent") == {"t": "agent", "state": "talking", "name": "Anna", "resume": False}
    await in_database(answer)(anna, "Buongiorno, sono Anna.")
    said = await page.hear("msg")
    assert (said["author"], said["text"], said["prev"]) == ("Anna", "Buongiorno, sono Anna.", 1)
    await in_database(interactions.mark_read_by_agent)(interaction=interaction, seq=1, actor=anna)
    announce.say(interaction.topic_group, {"type": "seen", "topic": interaction.topic_group, "seq": 1})
    assert (await page.hear("read"))["seq"] == 1
    await page.leave()


async def test_internal_note_reaches_no_citizen(giulia: Browser, anna: User) -> None:
    page = Page(giulia.token)
    await page.open()
    await page.say(t="msg", cid="c1", text="Buongiorno")
    await page.hear("msg")

    def write_a_note_then_answer() -> None:
        interactions.note(interaction=Interaction.objects.get(), text="Cliente difficile", actor=anna)
        answer(anna, "Mi dica.")

    await in_database(write_a_note_then_answer)()
    said = await page.hear("msg")
    assert (said["seq"], said["prev"], said["text"]) == (3, 1, "Mi dica.")
    assert "msg" not in await page.answered_up_to_here()
    await page.leave()


async def test_what_the_citizen_got_and_read_is_known_and_only_grows(giulia: Browser, anna: User) -> None:
    page = Page(giulia.token)
    await page.open()
    await page.say(t="msg", cid="c1", text="Buongiorno")
    await page.hear("msg")
    message = await in_database(answer)(anna, "Mi dica.")
    await page.hear("msg")
    await page.say(t="ack", seq=2)
    await page.answered_up_to_here()
    await message.arefresh_from_db()
    assert message.state == "delivered"
    await page.say(t="read", seq=2)
    await page.say(t="ack", seq=2)
    await page.say(t="read", seq=9_999)
    await page.answered_up_to_here()
    await message.arefresh_from_db()
    assert message.state == "read"
    assert (await in_database(Interaction.objects.get)()).read_seq == 2
    await page.leave()


async def test_typing_is_relayed_at_most_every_three_seconds_and_stored_nowhere(
    giulia: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Page(giulia.token)
    await page.open()
    await page.say(t="msg", cid="c1", text="Buongiorno")
    await page.hear("msg")
    relayed: list[dict[str, Any]] = []
    monkeypatch.setattr(announce, "say", lambda topic, message: relayed.append(message))
    for _key in range(5):
        await page.say(t="typing", on=True)
    await page.answered_up_to_here()
    assert [(message["type"], message["who"]) for message in relayed] == [("typing", "visitor")]
    await page.leave()


async def test_agent_who_types_is_shown_by_first_name(giulia: Browser) -> None:
    page = Page(giulia.token)
    await page.open()
    await page.say(t="msg", cid="c1", text="Buongiorno")
    conv = (await page.hear("welcome"))["conv"]
    topic = f"interaction.{conv}"
    announce.say(topic, {"type": "typing", "topic": topic, "who": "agent", "name": "Anna"})
    assert await page.hear("typing") == {"t": "typing", "who": "Anna", "ttl": 6}
    await page.leave()


async def test_own_typing_doesn_t_come_back(giulia: Browser) -> None:
    page = Page(giulia.token)
    await page.open()
    await page.say(t="msg", cid="c1", text="Buongiorno")
    await page.hear("msg")
    await page.say(t="typing", on=True)
    await page.answered_up_to_here()
    assert "typing" not in await page.answered_up_to_here()
    await page.leave()


# --- ending ---


async def test_citizen_who_ends_while_waiting_frees_the_place(giulia: Browser) -> None:
    page = Page(giulia.token)
    await page.open()
    await page.say(t="msg", cid="c1", text="Non importa più")
    await page.hear("msg")
    await page.say(t="end")
    assert (await page.hear("agent"))["state"] == "closed"
    item = await in_database(WorkItem.objects.get)()
    assert item.state == "abandoned"
    await page.leave()


async def test_citizen_who_ends_while_talking_leaves_the_rest_to_the_agent(giulia: Browser, anna: User) -> None:
    page = Page(giulia.token)
    await page.open()
    await page.say(t="msg", cid="c1", text="Buongiorno")
    await page.hear("msg")
    await in_database(claim)(anna)
    await page.hear("agent")
    await page.say(t="end")
    assert (await page.hear("agent"))["state"] == "closed"
    interaction = await in_database(Interaction.objects.get)()
    assert interaction.is_open
    assert interaction.visitor_left_at is not None
    assert await in_database(Event.objects.filter(name="visitor.ended").exists)()
    await page.leave()


async def test_closed_by_the_agent_is_closed_on_every_page(giulia: Browser, anna: User) -> None:
    page = Page(giulia.token)
    await page.open()
    await page.say(t="msg", cid="c1", text="Buongiorno")
    await page.hear("msg")

    def finish() -> None:
        item = work_items.claim(item=WorkItem.objects.get(), actor=anna)
        work_items.finish(item=item, actor=anna)

    await in_database(finish)()
    states = [(await page.hear("agent"))["state"]]
    if states == ["talking"]:
        states.append((await page.hear("agent"))["state"])
    assert states[-1] == "closed"
    await page.leave()


async def test_writing_after_the_end_begins_a_new_conversation(giulia: Browser, anna: User) -> None:
    page = Page(giulia.token)
    await page.open()
    await page.say(t="msg", cid="c1", text="Buongiorno")
    first = (await page.hear("welcome"))["conv"]
    await page.say(t="end")
    await page.hear("agent")
    await page.say(t="msg", cid="c2", text="Ancora una cosa")
    assert (await page.hear("sent"))["seq"] == 1
    await page.say(t="ping", n=1)
    welcome = await page.hear("welcome")
    assert welcome["conv"] != first
    assert welcome["state"] == "waiting"
    await page.leave()


async def test_one_citizen_s_page_hears_nothing_of_another_s(giulia: Browser, chat: ChannelAccount) -> None:
    marco = await in_database(browser)(chat)
    hers, his = Page(giulia.token), Page(marco.token)
    await hers.open()
    await his.open()
    await hers.say(t="msg", cid="c1", text="Solo per l'ufficio")
    await hers.hear("msg")
    await his.say(t="fetch", **{"from": 1, "to": 5})
    assert json.dumps(await his.answered_up_to_here()) == "[]"
    await hers.leave()
    await his.leave()


async def test_chat_that_is_switched_off_lets_its_open_pages_go(giulia: Browser) -> None:
    page = Page(giulia.token)
    await page.open()
    await in_database(ChannelAccount.objects.update)(enabled=False)
    await page.say(t="ping", n=1)
    assert await page.closed() == 4401
    assert await Page(giulia.token).connect() == 4404
