"""Where sockets can't pass: the same frames over HTTP, waiting without keeping the processor busy."""

import asyncio
import json
from typing import Any

import pytest
from channels.db import database_sync_to_async as in_database
from django.test import AsyncClient

from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake.visitors import fallback
from contactcenter.outbox import replies
from crm.models import Interaction, User
from tests.contactcenter.intake.visitors.conftest import ELSEWHERE, Browser, frames

pytestmark = pytest.mark.django_db(transaction=True)


async def read(visitor: Browser, query: str) -> Any:
    return await AsyncClient().get(
        f"/chat/comune/messages/?{query}", headers={"authorization": f"Bearer {visitor.token}"}
    )


async def begin(visitor: Browser) -> str:
    """Say something; gives the conversation."""
    await in_database(visitor.say)("Buongiorno")
    return str((await in_database(Interaction.objects.get)()).public_id)


async def until_somebody_waits() -> None:
    while not fallback._waiting:
        await asyncio.sleep(0)


def answer(actor: User) -> None:
    replies.reply(interaction=Interaction.objects.get(), text="Eccomi.", actor=actor)


async def test_news_wake_whoever_waits_for_them(giulia: Browser, anna: User) -> None:
    conv = await begin(giulia)
    waiting = asyncio.create_task(read(giulia, f"after=1&conv={conv}&wait=25"))
    async with asyncio.timeout(10):
        await until_somebody_waits()
        await in_database(answer, thread_sensitive=False)(anna)  # the tests' one thread is busy waiting
        heard = frames(await waiting)
    assert [frame["t"] for frame in heard] == ["welcome", "msg"]
    assert heard[1]["text"] == "Eccomi."
    assert not fallback._waiting


async def test_nothing_new_is_a_welcome_when_the_time_is_over(giulia: Browser) -> None:
    conv = await begin(giulia)
    heard = frames(await read(giulia, f"after=1&conv={conv}&wait=1"))
    assert [frame["t"] for frame in heard] == ["welcome"]


async def test_what_is_there_already_is_not_waited_for(giulia: Browser) -> None:
    await begin(giulia)
    async with asyncio.timeout(5):
        heard = frames(await read(giulia, "after=0&wait=25"))
    assert [frame["t"] for frame in heard] == ["welcome", "msg"]


async def test_full_house_asks_to_come_back_instead_of_waiting(
    giulia: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    conv = await begin(giulia)
    monkeypatch.setattr(fallback, "MOST_WAITING", 0)
    answer = await read(giulia, f"after=1&conv={conv}&wait=25")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"


async def test_foreign_site_and_lost_token_don_t_wait(giulia: Browser) -> None:
    conv = await begin(giulia)
    foreign = await AsyncClient().get(
        f"/chat/comune/messages/?after=1&conv={conv}&wait=25",
        headers={"authorization": f"Bearer {giulia.token}", "origin": ELSEWHERE},
    )
    assert foreign.status_code == 403
    lost = await AsyncClient().get("/chat/comune/messages/?after=1&wait=25")
    assert lost.status_code == 401


async def test_every_kind_of_frame_passes_over_http(chat: ChannelAccount, giulia: Browser) -> None:
    await begin(giulia)
    for frame, kinds in [
        ({"t": "ping", "n": 3}, ["pong"]),
        ({"t": "ack", "seq": 1}, []),
        ({"t": "read", "seq": 1}, []),
        ({"t": "fetch", "from": 1, "to": 1}, ["msg"]),
        ({"t": "hello", "token": giulia.token}, []),
        ({"t": "end"}, ["agent"]),
    ]:
        heard = frames(await in_database(giulia.post)("messages/", frame))
        assert [one["t"] for one in heard] == kinds, json.dumps(frame)
