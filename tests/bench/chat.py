"""What a citizen writes → on the agent's page; two hundred chats are open.

Measured from the citizen's frame until the drawn words are in a frame (or fragment) that the agent's page has received:
by the socket, or, where they don't come that way, by the whole conversation that the page fetches a moment later.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median, quantiles

from tests.bench import load, wire
from tests.bench.place import Place
from tests.bench.table import Row

CHATS, WATCHED, ROUNDS, EACH = 200, 60, 4, 50
STAYS = 10  # messages that the agent follows in one conversation before turning to another
PAGE_FETCHES_AFTER = 0.15  # seconds; at least, as in desk/live.js


@dataclass
class Found:
    """Seconds, one for each message or echo."""

    told: list[float] = field(default_factory=list)  # until the page knows that there is something
    shown: list[float] = field(default_factory=list)  # until it has the words
    whole: list[float] = field(default_factory=list)  # of the whole conversation, asked for after that
    echo: list[float] = field(default_factory=list)
    lean: list[float] = field(default_factory=list)


def run(place: Place) -> Iterator[Row]:
    tokens, session = place.ask("people", "visitors", str(CHATS)), place.ask("people", "agent")
    place.start()
    found = asyncio.run(_measure(place, tokens, session))
    shown, echo, lean = p95(found.shown), p95(found.echo), p95(found.lean)
    middle, whole = median(found.shown), p95(found.whole)
    yield Row("chat → agent's page, p95", _ms(shown), _ms(echo), shown / echo, "≤ 6")
    yield Row("  the same, p50", _ms(middle), _ms(median(found.echo)), middle / median(found.echo))
    yield Row("  until the page is told to look, p95", _ms(p95(found.told)), _ms(echo), p95(found.told) / echo)
    then = [shown - told for shown, told in zip(found.shown, found.told, strict=True)]
    yield Row("  from there until it has the words, p95", _ms(p95(then)), _ms(echo), p95(then) / echo)
    yield Row("  the same, p50", _ms(median(then)), _ms(median(found.echo)), median(then) / median(found.echo))
    yield Row("  against an echo as lean as our sockets, p95", _ms(shown), _ms(lean), shown / lean)
    yield Row("  the whole conversation, fetched then, p95", _ms(whole), _ms(echo), whole / echo)
    yield Row("  the same, p50", _ms(median(found.whole)), _ms(median(found.echo)), None)


def p95(seconds: list[float]) -> float:
    return quantiles(seconds, n=20)[-1]


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"


class Agent:
    """Anna's browser: a socket that brings words and says when to look, and a kept-alive connection to look with."""

    def __init__(self, place: Place, session: str) -> None:
        self.port, self.cookie = place.house.port, f"sessionid={session}"

    async def sit_down(self, conversations: list[str]) -> None:
        self.topics = [f"interaction.{name}" for name in conversations]
        self.live = await wire.opened(self.port, "/ws/live/", Cookie=self.cookie)
        self.http = socket.create_connection(("127.0.0.1", self.port), wire.PATIENCE)
        self.http.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await self.turn_to(conversations[0])

    async def turn_to(self, conversation: str) -> None:
        """Open it, and tell the house what is shown of it."""
        newest = re.search(rb'data-last="(\d+)"', await asyncio.to_thread(self.look, conversation))
        assert newest is not None
        talk = f"interaction.{conversation}"
        watched = {"t": "watch", "topics": self.topics, "talk": talk, "last": int(newest[1])}
        await self.live.send(json.dumps(watched))
        assert len((await wire.heard(self.live, "heads"))["heads"]) == len(self.topics)

    async def is_told(self, conversation: str) -> None:
        while (await wire.heard(self.live, "look"))["topic"] != f"interaction.{conversation}":
            pass

    async def reads(self, conversation: str) -> str:
        """What comes first: words on the socket, or the conversation, as the page fetches it when they don't."""
        try:
            async with asyncio.timeout(PAGE_FETCHES_AFTER):
                while (frame := await wire.heard(self.live, "words"))["topic"] != f"interaction.{conversation}":
                    pass
        except TimeoutError:
            return (await asyncio.to_thread(self.look, conversation)).decode()
        return str(frame["html"])

    def look(self, conversation: str) -> bytes:
        asked = load.request("GET", f"/desk/c/{conversation}/", Cookie=self.cookie, HX_Request="true")
        self.http.sendall(asked)
        status, body = load.answer(self.http)
        assert b" 200 " in status + b" ", status
        return body


async def _measure(place: Place, tokens: list[str], session: str) -> Found:
    """Rounds by turns: messages, and echoes, plain and lean."""
    begun = [await _begun(place.house.port, token) for token in tokens]
    pages, conversations = [page for page, _name in begun], [name for _page, name in begun]
    agent = Agent(place, session)
    await agent.sit_down(conversations[:WATCHED])
    plain = [await wire.opened(place.bare_port, f"/ws/echo/r{number}/") for number in range(CHATS)]
    lean = [await wire.opened(place.bare_port, f"/ws/lean-echo/l{number}/") for number in range(CHATS)]
    found, chance = Found(), random.Random(5)
    for turn in range(ROUNDS):
        for number in range(EACH):
            if number % STAYS == 0:
                which = chance.randrange(WATCHED)
                await agent.turn_to(conversations[which])
            await _one(agent, pages[which], conversations[which], f"parola-{turn}-{number}", found)
        for number in range(EACH):
            found.echo.append(await _echo(plain[chance.randrange(CHATS)], f"{turn}-{number}"))
            found.lean.append(await _echo(lean[chance.randrange(CHATS)], f"{turn}-{number}"))
    return found


async def _begun(port: int, token: str) -> tuple[wire.ClientConnection, str]:
    """A chat whose first word is said: its page, and the conversation's id."""
    page, _none_yet = await wire.visitor(port, token)
    await page.send(json.dumps({"t": "msg", "cid": "first", "text": "Buongiorno"}))
    await wire.heard(page, "sent")
    await page.close()
    return await wire.visitor(port, token)


async def _one(agent: Agent, page: wire.ClientConnection, conversation: str, words: str, found: Found) -> None:
    began = time.perf_counter()
    await page.send(json.dumps({"t": "msg", "cid": words, "text": words}))
    await agent.is_told(conversation)
    found.told.append(time.perf_counter() - began)
    html = await agent.reads(conversation)
    found.shown.append(time.perf_counter() - began)
    assert f">{words}<" in html, "what came was without the words it came for"
    await wire.heard(page, "sent")
    began = time.perf_counter()
    body = await asyncio.to_thread(agent.look, conversation)
    found.whole.append(time.perf_counter() - began)
    assert f">{words}<".encode() in body, "the conversation came without the words it was fetched for"


async def _echo(room: wire.ClientConnection, words: str) -> float:
    began = time.perf_counter()
    await room.send(words)
    assert await room.recv() == words
    return time.perf_counter() - began
