"""The desk's socket: topics by right, pings passed on, and a heartbeat that heals what was lost."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.contrib.sessions.backends.db import SessionStore

from contactcenter.live import sockets
from contactcenter.queues import work_items
from crm.models import Interaction, User
from tests.contactcenter.live.conftest import Write, page, session_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick_heart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "BEAT", 0.15)
    monkeypatch.setattr("contactcenter.live.heads.KEPT_FOR", 0.0)


async def test_nobody_listens_without_having_signed_in(anna: User) -> None:
    async with page() as socket:
        assert await socket.connect()
        assert await socket.closed() == 4401


async def test_a_foreign_site_cannot_open_the_socket_of_an_agent(anna: User) -> None:
    async with page(await session_of(anna), origin="https://evil.example") as socket:
        assert not await socket.connect()


@pytest.mark.parametrize("who, allowed", [("anna", True), ("carla", False), ("diego", True), ("ada", False)])
async def test_a_topic_is_watched_by_those_who_may_read_it(
    who: str, allowed: bool, write: Write, request: pytest.FixtureRequest
) -> None:
    user: User = await sync_to_async(request.getfixturevalue)(who)
    found = await sync_to_async(write)("Buongiorno")
    async with page(await session_of(user)) as socket:
        await socket.connect()
        frame = await socket.watch(found.topic_group)
        assert (found.topic_group in frame["heads"]) is allowed
        assert (found.topic_group in frame["gone"]) is not allowed
        layer = get_channel_layer()
        await layer.group_send(found.topic_group, {"type": "look", "topic": found.topic_group, "version": 9})
        await socket.say(t="ping")
        kinds = []
        while "pong" not in kinds:
            kinds.append((await socket.hear())["t"])
        if allowed and "look" not in kinds:
            assert (await socket.hear("look"))["version"] == 9
        assert allowed or "look" not in kinds


async def test_a_new_message_pings_a_screen_that_shows_something_else_and_carries_no_words(
    write: Write, anna: User
) -> None:
    found = await sync_to_async(write)("Buongiorno")
    async with page(await session_of(anna)) as socket:
        await socket.connect()
        await socket.watch(found.topic_group)
        await sync_to_async(write)("Ho pagato due volte la TARI")
        frame = await socket.hear("look")
        found = await database_sync_to_async(Interaction.objects.get)(pk=found.pk)
        assert frame == {"t": "look", "topic": found.topic_group, "version": found.version}


async def test_a_ping_that_was_lost_is_healed_by_the_heartbeat(
    write: Write, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await sync_to_async(write)("Buongiorno")
    async with page(await session_of(anna)) as socket:
        await socket.connect()
        shown = (await socket.watch(found.topic_group))["heads"][found.topic_group]
        monkeypatch.setattr("crm.announce._announce", lambda topics: None)  # every ping is lost from here on
        await sync_to_async(write)("Siete lì?")
        told = shown
        while told == shown:
            told = (await socket.hear("heads"))["heads"][found.topic_group]
        assert told != shown


async def test_rights_that_were_withdrawn_end_the_watching(write: Write, anna: User) -> None:
    found = await sync_to_async(write)("Buongiorno")
    async with page(await session_of(anna)) as socket:
        await socket.connect()
        assert found.topic_group in (await socket.watch(found.topic_group))["heads"]
        await database_sync_to_async(anna.grants.all().delete)()
        frame: dict[str, Any] = {"gone": []}
        while found.topic_group not in frame["gone"]:
            frame = await socket.hear("heads")
        await get_channel_layer().group_send(
            found.topic_group, {"type": "look", "topic": found.topic_group, "version": 9}
        )
        assert (await socket.hear())["t"] == "heads"


async def test_signing_out_closes_the_socket(anna: User) -> None:
    cookie = await session_of(anna)
    async with page(cookie) as socket:
        await socket.connect()
        await socket.watch(f"person.{anna.public_id}")
        await database_sync_to_async(SessionStore(cookie).delete)()
        assert await socket.closed() == 4401


async def test_typing_of_the_owner_reaches_the_topic_and_nobody_elses_does(
    write: Write, anna: User, bruno: User
) -> None:
    found = await sync_to_async(write)("Buongiorno")
    item = await database_sync_to_async(work_items.open_item)(found)
    assert item is not None
    await database_sync_to_async(work_items.claim)(item=item, actor=anna)
    async with page(await session_of(bruno)) as colleague, page(await session_of(anna)) as socket:
        await colleague.connect()
        await socket.connect()
        await colleague.watch(found.topic_group)
        await socket.watch(found.topic_group)
        await colleague.say(t="typing", topic=found.topic_group)
        await socket.say(t="typing", topic=found.topic_group)
        frame = await colleague.hear("typing")
        assert frame == {"t": "typing", "topic": found.topic_group, "who": "agent", "name": "Anna"}


async def test_what_the_owner_has_seen_is_kept_and_told(write: Write, anna: User) -> None:
    found = await sync_to_async(write)("Buongiorno")
    item = await database_sync_to_async(work_items.open_item)(found)
    assert item is not None
    await database_sync_to_async(work_items.claim)(item=item, actor=anna)
    layer = get_channel_layer()
    visitor = await layer.new_channel()
    await layer.group_add(found.topic_group, visitor)
    async with page(await session_of(anna)) as socket:
        await socket.connect()
        await socket.watch(found.topic_group)
        await socket.say(t="seen", topic=found.topic_group, seq=1)
        message: dict[str, Any] = {}
        while message.get("type") != "seen":
            message = await layer.receive(visitor)
        assert message["seq"] == 1
    found = await database_sync_to_async(Interaction.objects.get)(pk=found.pk)
    assert found.agent_read_seq == 1


@pytest.mark.parametrize(
    "frame",
    ["", "nonsense", "[]", "{}", '{"t": 5}', '{"t": "watch", "topics": "all"}', '{"t": "watch", "topics": [1, null]}',
     '{"t": "seen", "topic": {}, "seq": 1}', '{"t": "typing"}', "[" * 10_000, '{"t":"' + "x" * 20_000 + '"}'],
    ids=range(11),
)  # fmt: skip
async def test_a_frame_that_is_not_ours_does_no_harm(frame: str, anna: User) -> None:
    async with page(await session_of(anna)) as socket:
        await socket.connect()
        await socket.send_text(frame)
        await socket.say(t="ping")
        assert await socket.hear("pong") == {"t": "pong"}


async def test_a_page_that_talks_without_end_is_shown_out(anna: User) -> None:
    async with page(await session_of(anna)) as socket:
        await socket.connect()
        for _n in range(sockets.MOST_FRAMES + 1):
            await socket.say(t="ping")
        assert await socket.closed() == 4429
