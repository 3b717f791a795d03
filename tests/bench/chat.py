"""What a citizen writes → on the agent's page: frame, ping, fragment; two hundred chats are open."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import time
from collections.abc import Iterator
from statistics import median, quantiles

from tests.bench import load, wire
from tests.bench.place import Place
from tests.bench.table import Row

CHATS, WATCHED, ROUNDS, EACH = 200, 60, 4, 50


def run(place: Place) -> Iterator[Row]:
    tokens, session = place.ask("people", "visitors", str(CHATS)), place.ask("people", "agent")
    place.start()
    pinged, shown, echo, lean = asyncio.run(_measure(place, tokens, session))
    yield Row("chat → agent's page, p95", _ms(p95(shown)), _ms(p95(echo)), p95(shown) / p95(echo), "≤ 6")
    yield Row("  the same, p50", _ms(median(shown)), _ms(median(echo)), median(shown) / median(echo))
    yield Row("  until the page is told to look, p95", _ms(p95(pinged)), _ms(p95(echo)), p95(pinged) / p95(echo))
    yield Row("  against an echo as lean as our sockets, p95", _ms(p95(shown)), _ms(p95(lean)), p95(shown) / p95(lean))


def p95(seconds: list[float]) -> float:
    return quantiles(seconds, n=20)[-1]


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"


class Agent:
    """Anna's browser: a socket that says when to look, and a kept-alive connection to look with."""

    def __init__(self, place: Place, session: str) -> None:
        self.port, self.cookie = place.house.port, f"sessionid={session}"

    async def sit_down(self, conversations: list[str]) -> None:
        self.live = await wire.opened(self.port, "/ws/live/", Cookie=self.cookie)
        topics = [f"interaction.{name}" for name in conversations]
        await self.live.send(json.dumps({"t": "watch", "topics": topics}))
        assert len((await wire.heard(self.live, "heads"))["heads"]) == len(topics)
        self.http = socket.create_connection(("127.0.0.1", self.port), wire.PATIENCE)
        self.http.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    async def is_told(self, conversation: str) -> None:
        while (await wire.heard(self.live, "look"))["topic"] != f"interaction.{conversation}":
            pass

    def look(self, conversation: str) -> bytes:
        asked = load.request("GET", f"/desk/c/{conversation}/", Cookie=self.cookie, HX_Request="true")
        self.http.sendall(asked)
        status, body = load.answer(self.http)
        assert b" 200 " in status + b" ", status
        return body


async def _measure(place: Place, tokens: list[str], session: str) -> tuple[list[float], ...]:
    """Rounds by turns: seconds to the ping, to the words on the page, of a plain echo, of a lean one."""
    begun = [await _begun(place.house.port, token) for token in tokens]
    pages, conversations = [page for page, _name in begun], [name for _page, name in begun]
    agent = Agent(place, session)
    await agent.sit_down(conversations[:WATCHED])
    plain = [await wire.opened(place.bare_port, f"/ws/echo/r{number}/") for number in range(CHATS)]
    lean = [await wire.opened(place.bare_port, f"/ws/lean-echo/l{number}/") for number in range(CHATS)]
    found: tuple[list[float], ...] = ([], [], [], [])
    chance = random.Random(5)
    for turn in range(ROUNDS):
        for number in range(EACH):
            which = chance.randrange(WATCHED)
            told, shown = await _one(agent, pages[which], conversations[which], f"parola-{turn}-{number}")
            found[0].append(told)
            found[1].append(shown)
        for number in range(EACH):
            found[2].append(await _echo(plain[chance.randrange(CHATS)], f"{turn}-{number}"))
            found[3].append(await _echo(lean[chance.randrange(CHATS)], f"{turn}-{number}"))
    return found


async def _begun(port: int, token: str) -> tuple[wire.ClientConnection, str]:
    """A chat whose first word is said: its page, and the conversation's id."""
    page, _none_yet = await wire.visitor(port, token)
    await page.send(json.dumps({"t": "msg", "cid": "first", "text": "Buongiorno"}))
    await wire.heard(page, "sent")
    await page.close()
    return await wire.visitor(port, token)


async def _one(agent: Agent, page: wire.ClientConnection, conversation: str, words: str) -> tuple[float, float]:
    began = time.perf_counter()
    await page.send(json.dumps({"t": "msg", "cid": words, "text": words}))
    await agent.is_told(conversation)
    told = time.perf_counter() - began
    body = await asyncio.to_thread(agent.look, conversation)
    shown = time.perf_counter() - began
    assert words.encode() in body, "the fragment came without the words it was fetched for"
    await wire.heard(page, "sent")
    return told, shown


async def _echo(room: wire.ClientConnection, words: str) -> float:
    began = time.perf_counter()
    await room.send(words)
    assert await room.recv() == words
    return time.perf_counter() - began
