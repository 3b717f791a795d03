"""Who else looks at a conversation, and who writes for colleagues: told to desks, never to a citizen's page."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer

from contactcenter.live import company, sockets
from contactcenter.queues import work_items
from crm.models import Interaction, User
from tests.contactcenter.live.conftest import Page, Write, page, session_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick_heart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "BEAT", 0.15)
    monkeypatch.setattr("contactcenter.live.heads.KEPT_FOR", 0.0)


async def look_at(socket: Page, found: Interaction) -> None:
    await socket.connect()
    await socket.watch(found.topic_group, talk=found.topic_group, last=1)


async def until(socket: Page, people: list[list[Any]]) -> None:
    while (await socket.hear("company"))["people"] != people:
        pass


async def test_two_who_look_at_the_same_conversation_learn_of_one_another(
    write: Write, anna: User, bruno: User
) -> None:
    found = await sync_to_async(write)("Buongiorno")
    async with page(await session_of(anna)) as hers:
        await look_at(hers, found)
        async with page(await session_of(bruno)) as his:
            await look_at(his, found)
            await until(hers, [["also here: Bruno Conti", False]])
            await until(his, [["also here: Anna Bianchi", False]])
        await until(hers, [])


async def test_the_agent_sees_that_a_supervisor_watches(write: Write, anna: User, diego: User) -> None:
    found = await sync_to_async(write)("Buongiorno")
    async with page(await session_of(anna)) as hers, page(await session_of(diego)) as his:
        await look_at(hers, found)
        await look_at(his, found)
        await until(hers, [["watched by Diego Serra", True]])


async def test_a_supervisor_who_owns_it_watches_nobody(write: Write, anna: User, diego: User) -> None:
    found = await sync_to_async(write)("Buongiorno")

    def claim() -> None:
        item = work_items.open_item(found)
        assert item is not None
        work_items.claim(item=item, actor=diego)

    await database_sync_to_async(claim)()
    async with page(await session_of(anna)) as hers, page(await session_of(diego)) as his:
        await look_at(hers, found)
        await look_at(his, found)
        await until(hers, [["also here: Diego Serra", False]])


async def test_who_may_not_read_it_is_neither_told_nor_counted(write: Write, anna: User, carla: User) -> None:
    found = await sync_to_async(write)("Buongiorno")
    async with page(await session_of(carla)) as other:
        await other.connect()
        await other.watch(found.topic_group, talk=found.topic_group, last=1)
        assert await sync_to_async(company.others)(anna.pk, found.topic_group) == []


async def test_who_writes_for_colleagues_is_told_to_desks_in_words_that_no_citizens_page_understands(
    write: Write, anna: User, bruno: User
) -> None:
    found = await sync_to_async(write)("Buongiorno")
    layer = get_channel_layer()
    citizen = await layer.new_channel()
    await layer.group_add(found.topic_group, citizen)
    async with page(await session_of(anna)) as hers, page(await session_of(bruno)) as his:
        await look_at(hers, found)
        await look_at(his, found)
        await until(hers, [["also here: Bruno Conti", False]])
        await his.say(t="typing", topic=found.topic_group, aside=True)
        frame = await hers.hear("typing")
        assert (frame["who"], frame["name"]) == ("colleague", "Bruno Conti")
    heard = {(await layer.receive(citizen))["type"] for _n in range(3)}
    assert "typing" not in heard
