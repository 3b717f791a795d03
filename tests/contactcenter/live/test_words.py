"""The newest words of what a page shows come by the socket itself: each once, in order, to those who may read them."""

import asyncio
from collections.abc import Awaitable, Callable
from queue import SimpleQueue
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from django.contrib.sessions.backends.db import SessionStore
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from contactcenter.desk import words
from contactcenter.live import pulls, sockets, watching
from contactcenter.templatetags.house import exact
from crm import interactions
from crm.models import AuditEntry, Interaction, Office, User
from tests.contactcenter.live.conftest import TIMEOUT, Page, Write, page, session_of

pytestmark = pytest.mark.django_db(transaction=True)
Undo = Callable[[User, str], object]
Pulled = Callable[[], Awaitable[watching.Words | None]]


@pytest.fixture(autouse=True)
def _no_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here waits for one, and none of it may be its merit."""
    monkeypatch.setattr(sockets, "BEAT", 600.0)


@pytest.fixture
def pulled(monkeypatch: pytest.MonkeyPatch) -> Pulled:
    """What the next pull of words found."""
    found: SimpleQueue[watching.Words | None] = SimpleQueue()
    words_of = watching.words

    def told(*asked: Any) -> watching.Words | None:
        got = words_of(*asked)
        found.put(got)
        return got

    monkeypatch.setattr(watching, "words", told)
    return lambda: asyncio.to_thread(found.get, timeout=TIMEOUT)


async def shows(socket: Page, found: Interaction) -> None:
    """The page shows the conversation up to its newest message."""
    await socket.connect()
    await socket.watch(found.topic_group, talk=found.topic_group, last=found.last_seq)


async def until_pong(socket: Page) -> list[str]:
    """The kinds of all that was said before the answer to a ping."""
    await socket.say(t="ping")
    kinds: list[str] = []
    while "pong" not in kinds:
        kinds.append((await socket.hear())["t"])
    return kinds


async def test_new_words_of_what_is_shown_come_at_once_as_they_stand_in_the_conversation(
    write: Write, anna: User
) -> None:
    found = await sync_to_async(write)("Buongiorno")
    async with page(await session_of(anna)) as socket:
        await shows(socket, found)
        found = await sync_to_async(write)("Ho pagato <b>due</b> volte")
        frame = await socket.hear("words")
        told = {"topic": found.topic_group, "last": found.last_seq, "version": found.version}
        assert {name: frame[name] for name in told} == told
        assert f'data-seq="{found.last_seq}"' in frame["html"]
        assert "Ho pagato &lt;b&gt;due&lt;/b&gt; volte" in frame["html"]
        assert "Buongiorno" not in frame["html"]


async def test_each_word_comes_once_and_in_order(write: Write, anna: User) -> None:
    found = await sync_to_async(write)("Buongiorno")
    async with page(await session_of(anna)) as socket:
        await shows(socket, found)
        html = ""
        for text in ("Uno", "Due", "Tre"):
            await sync_to_async(write)(text)
        while "Tre" not in html:
            html += (await socket.hear("words"))["html"]
        assert [html.count(text) for text in ("Buongiorno", "Uno", "Due", "Tre")] == [0, 1, 1, 1]
        assert html.index("Uno") < html.index("Due") < html.index("Tre")


async def test_words_whose_ping_was_lost_come_with_the_heartbeat(
    write: Write, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "BEAT", 0.15)
    monkeypatch.setattr("contactcenter.live.heads.KEPT_FOR", 0.0)
    found = await sync_to_async(write)("Buongiorno")
    async with page(await session_of(anna)) as socket:
        await shows(socket, found)
        monkeypatch.setattr("crm.announce._announce", lambda topics: None)
        await sync_to_async(write)("Siete lì?")
        assert "Siete lì?" in (await socket.hear("words"))["html"]


async def test_what_is_watched_but_not_shown_is_only_pinged(write: Write, anna: User) -> None:
    found = await sync_to_async(write)("Buongiorno")
    async with page(await session_of(anna)) as socket:
        await socket.connect()
        for shown in ("", f"person.{anna.public_id}"):
            await socket.watch(found.topic_group, f"person.{anna.public_id}", talk=shown)
            await sync_to_async(write)("Siete lì?")
            assert (await socket.hear("look", "words"))["t"] == "look"
            assert "words" not in await until_pong(socket)


def _sign_out(user: User, cookie: str) -> object:
    return SessionStore(cookie).delete()


def _take_grants(user: User, cookie: str) -> object:
    return user.grants.all().delete()


def _switch_off(user: User, cookie: str) -> object:
    return User.objects.filter(pk=user.pk).update(is_active=False)


def _change_password(user: User, cookie: str) -> object:
    user.set_password("another one entirely")
    return user.save()


def _move_away(user: User, cookie: str) -> object:
    return Interaction.objects.update(office=Office.objects.get(slug="tributi"), queue="tributi")


@pytest.mark.parametrize("undo", [_sign_out, _take_grants, _switch_off, _change_password, _move_away])
async def test_whoever_may_no_longer_read_gets_not_one_word_even_before_the_next_heartbeat(
    undo: Undo, write: Write, anna: User, pulled: Pulled
) -> None:
    found, cookie = await sync_to_async(write)("Buongiorno"), await session_of(anna)
    async with page(cookie) as socket:
        await shows(socket, found)
        await sync_to_async(write)("Prima")
        assert "Prima" in (await socket.hear("words"))["html"]
        assert await pulled() is not None
        await database_sync_to_async(undo)(anna, cookie)
        await sync_to_async(write)("Segreto")
        assert await pulled() is None
        assert "words" not in await until_pong(socket)


@pytest.mark.parametrize("who, reads", [("anna", True), ("diego", True), ("carla", False), ("ada", False)])
async def test_words_are_for_those_who_may_read_them_whatever_a_page_says_that_it_shows(
    who: str, reads: bool, write: Write, request: pytest.FixtureRequest
) -> None:
    user: User = await sync_to_async(request.getfixturevalue)(who)
    cookie, found = await session_of(user), await sync_to_async(write)("Buongiorno")

    def read() -> watching.Words | None:
        return watching.words(user.pk, cookie, words.after, found.topic_group, 0, "en")

    got = await database_sync_to_async(read)()
    assert (got is not None and "Buongiorno" in got.html) is reads


async def test_a_note_of_a_colleague_comes_too_and_says_what_it_is(write: Write, anna: User, bruno: User) -> None:
    found = await sync_to_async(write)("Buongiorno")
    async with page(await session_of(anna)) as socket:
        await shows(socket, found)
        await database_sync_to_async(interactions.note)(interaction=found, text="Già rimborsata", actor=bruno)
        frame = await socket.hear("words")
        assert "Già rimborsata" in frame["html"]
        assert "internal note" in frame["html"]
        assert "Bruno" in frame["html"]


@pytest.mark.parametrize("language", ["en", "it", "uk"])
async def test_words_are_drawn_in_the_language_of_the_page(language: str, write: Write, anna: User) -> None:
    found = await sync_to_async(write)("Buongiorno")
    async with page(await session_of(anna), language=language) as socket:
        await shows(socket, found)
        found = await sync_to_async(write)("Che ore sono?")
        html = (await socket.hear("words"))["html"]
        message = await database_sync_to_async(found.messages.get)(seq=found.last_seq)
        with translation.override(language):
            assert f'title="{exact(message.created_at)}"' in html


async def test_whoever_reads_by_the_socket_alone_is_recorded_as_well(write: Write, anna: User) -> None:
    found = await sync_to_async(write)("Buongiorno")
    async with page(await session_of(anna)) as socket:
        await shows(socket, found)
        for _once_is_enough in range(2):
            await sync_to_async(write)("Siete lì?")
            await socket.hear("words")
    looks = AuditEntry.objects.filter(action="interaction.read", actor=anna)
    assert await database_sync_to_async(looks.count)() == 1


def test_so_many_at_once_come_with_the_whole_conversation_instead(write: Write, anna: User) -> None:
    for number in range(words.MOST + 1):
        found = write(f"Riga {number}")
    reader = watching.Reader(anna.pk, frozenset((one.role, one.office_id, one.queue) for one in anna.grants.all()))
    assert words.after(reader, str(found.public_id), found.last_seq - words.MOST - 1) is None
    newer = words.after(reader, str(found.public_id), found.last_seq - words.MOST)
    assert newer is not None
    assert newer.html.count("<article") == words.MOST


def test_it_asks_three_short_things_and_builds_none_of_them_anew(write: Write, anna: User) -> None:
    from django.db import connection

    found, cookie = write("Buongiorno"), asyncio.run(session_of(anna))
    for _the_second_time in range(2):
        with CaptureQueriesContext(connection) as asked:
            assert watching.words(anna.pk, cookie, words.after, found.topic_group, 0, "en") is not None
    assert len(asked) == 3


async def test_a_slow_page_piles_up_nothing() -> None:
    """One pull runs, one waits, and the waiting one stands for all that was asked meanwhile."""
    read, ran = asyncio.Event(), 0

    async def pull() -> None:
        nonlocal ran
        ran += 1
        await read.wait()

    line = pulls.OneAtATime(pull)
    for _frame in range(50):
        line.ask()
        await asyncio.sleep(0)
    assert ran == 1
    read.set()
    for _turn in range(10):
        await asyncio.sleep(0)
    assert ran == 2
    line.ask()
    await asyncio.sleep(0)
    assert ran == 3
