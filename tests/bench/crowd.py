"""A full office for a minute: a hundred agents, five hundred open chats, twenty messages a second, two web processes.

Half of the messages are citizens' words in the conversation that its agent has in front, half are agents' answers. Every
page does what ours does: it hears its socket, answers with a heartbeat when that is silent, and fetches what it is told
has changed. Beside them, a citizen a second arrives. The ceiling, an echo through the same Redis, is measured meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import re
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from websockets.exceptions import ConnectionClosed

from tests.bench import wire
from tests.bench.browsing import Browser
from tests.bench.chat import p95
from tests.bench.place import Place
from tests.bench.table import Row
from tests.crash.waiting import until

AGENTS, EACH, RATE, SECONDS, ECHOES = 100, 5, 20, 60, 5
AT_ONCE, QUIET = 20, 1.3  # openings at a time; seconds without a word before a page asks, as in desk/live.js
IDLE = """
SELECT count(*) FROM contactcenter_presence p
WHERE p.status = 'available' AND NOT p.lost AND EXISTS (
    SELECT 1 FROM contactcenter_workitem w WHERE w.state = 'waiting' AND w.family = 'chat')
AND (SELECT count(*) FROM contactcenter_workitem o WHERE o.owner_id = p.user_id AND o.state IN ('claimed', 'wrapping'))
  + (SELECT count(*) FROM contactcenter_offer f WHERE f.agent_id = p.user_id AND f.state = 'pending') < 6
"""


@dataclass
class Found:
    """Seconds, one for each message or echo."""

    to_agent: list[float] = field(default_factory=list)
    to_citizen: list[float] = field(default_factory=list)
    echo: list[float] = field(default_factory=list)
    lost: int = 0
    idle: int = 0  # moments at which somebody with room sat beside somebody who waited, twice in a row
    accepted: int = 0


def run(place: Place) -> Iterator[Row]:
    if not place.house.redis_url or not place.house.database_url:
        yield Row("100 agents, 500 chats, 20 messages/s", "needs PostgreSQL and Redis")
        return
    place.start()
    second = place.house.asgi("second", _free())
    second.start()
    try:
        port = int(second.command[second.command.index("--port") + 1])
        until(lambda: place.house.answers(port), 60, "the second web process answered")
        people = place.ask("crowd_people", str(AGENTS), str(EACH + 1))
        tokens = place.ask("people", "visitors", str(AGENTS * EACH))
        later = place.ask("people", "visitors", str(SECONDS))
        found = asyncio.run(_minute(place, (place.house.port, port), people, tokens, later))
    finally:
        second.kill()
    both = [*found.to_agent, *found.to_citizen]
    yield Row("100 agents, 500 chats: message → other side, p95", _ms(p95(both)), _ms(p95(found.echo)),
              p95(both) / p95(found.echo), "≤ 6")  # fmt: skip
    yield Row("  citizen → agent, p95", _ms(p95(found.to_agent)), _ms(p95(found.echo)), None)
    yield Row("  agent → citizen, p95", _ms(p95(found.to_citizen)), _ms(p95(found.echo)), None)
    yield Row("  messages", str(len(both)), "-", None)
    yield Row("  lost", str(found.lost), "-", float(found.lost), "≤ 0")
    yield Row("  offers accepted meanwhile", str(found.accepted), "-", None)
    yield Row("  agents idle while a chat waited", str(found.idle), "-", float(found.idle), "≤ 0")


def _free() -> int:
    from tests.services import free_port

    return free_port()


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"


class Citizen:
    def __init__(self, socket: wire.ClientConnection, conversation: str) -> None:
        self.socket, self.conversation = socket, conversation
        self.expected: dict[str, asyncio.Future[float]] = {}

    async def listen(self) -> None:
        with suppress(ConnectionClosed):
            async for raw in self.socket:
                frame = json.loads(raw)
                waiting = self.expected.get(str(frame.get("text", ""))) if frame.get("t") == "msg" else None
                if waiting is not None and not waiting.done():
                    waiting.set_result(time.perf_counter())


class Turns:
    """As in house/page.js: pings that come together are one request, never two at once, and what can wait is asked for
    an eighth of the time at most."""

    def __init__(self, run: Callable[[], Coroutine[None, None, None]], pause: float) -> None:
        self.run, self.pause, self.took = run, pause, 0.0
        self.timer: asyncio.TimerHandle | None = None
        self.busy, self.again = False, math.inf

    def ask(self, wait: float) -> None:
        loop = asyncio.get_running_loop()
        if self.busy:
            self.again = min(self.again, wait)
        elif self.timer is None or loop.time() + wait < self.timer.when() - 0.09:
            if self.timer is not None:
                self.timer.cancel()
            self.timer = loop.call_later(
                wait + random.random() * 0.09, lambda: _keep(asyncio.create_task(self._turn()))
            )

    async def _turn(self) -> None:
        began = time.perf_counter()
        self.timer, self.busy = None, True
        await self.run()
        self.took, self.busy = time.perf_counter() - began, False
        wait, self.again = self.again, math.inf
        if wait < math.inf:
            self.ask(max(wait, self.pause))

    def calmly(self, least: float) -> float:
        return min(5.0, max(least, 8 * self.took))


class Page:
    """One agent's screen: a conversation in front, the list beside it."""

    def __init__(self, port: int, session: str, topic: str, found: Found) -> None:
        self.browser, self.port, self.session, self.person, self.found = (
            Browser(port, session),
            port,
            session,
            topic,
            found,
        )
        self.front, self.last, self.version = "", 0, "0"
        self.talk, self.mine = Turns(self._fetch_talk, 0.15), Turns(self._fetch_mine, 0.6)
        self.expected: dict[str, asyncio.Future[float]] = {}

    async def sit_down(self, front: str) -> None:
        self.front = front
        self.socket = await wire.opened(self.port, "/ws/live/", Cookie=f"sessionid={self.session}")
        self._read(await self.browser.get(f"/desk/c/{front}/"))
        await self._watch()

    async def _watch(self) -> None:
        talk = f"interaction.{self.front}"
        topics = [self.person, "queue.accoglienza", talk]
        await self.socket.send(json.dumps({"t": "watch", "topics": topics, "talk": talk, "last": self.last}))

    def _read(self, html: str) -> None:
        if not html:
            return
        if (newest := re.search(r'data-last="(\d+)"', html)) is not None:
            self.last = max(self.last, int(newest[1]))
        if (version := re.search(r'name="version" value="(\d+)"', html)) is not None:
            self.version = version[1]
        self._see(html)

    def _see(self, html: str) -> None:
        now = time.perf_counter()
        for words, waiting in list(self.expected.items()):
            if not waiting.done() and f">{words}<" in html:
                waiting.set_result(now)

    async def listen(self) -> None:
        with suppress(ConnectionClosed):
            while True:
                try:
                    async with asyncio.timeout(QUIET):
                        frame = json.loads(await self.socket.recv())
                except TimeoutError:
                    await self.socket.send('{"t": "ping"}')
                    continue
                self._hear(frame)

    def _hear(self, frame: dict[str, object]) -> None:
        if frame["t"] == "words":
            self._see(str(frame["html"]))
        elif frame["t"] == "look":
            if frame["topic"] == f"interaction.{self.front}":
                self.talk.ask(self.talk.calmly(0.7) if frame.get("quiet") else 0.15)
            else:
                self.mine.ask(self.mine.calmly(0.03) if str(frame["topic"]).startswith("queue.") else 0.03)

    async def _fetch_talk(self) -> None:
        self._read(await self.browser.get(f"/desk/c/{self.front}/"))
        await self._watch()

    async def _fetch_mine(self) -> None:
        await self._accept(await self.browser.get(f"/desk/mine/?open={self.front}&after="))

    async def _accept(self, html: str) -> None:
        if (offer := re.search(r'action="(/desk/offers/\d+/accept/)"', html)) is not None:
            status, _body = await self.browser.post(offer[1])
            self.found.accepted += status == 200


_running: set[asyncio.Task[None]] = set()


def _keep(task: asyncio.Task[None]) -> None:
    _running.add(task)
    task.add_done_callback(_running.discard)


async def _minute(
    place: Place, ports: tuple[int, int], people: list[dict[str, str]], tokens: list[str], later: list[str]
) -> Found:
    found, limit = Found(), asyncio.Semaphore(AT_ONCE)

    async def arrive(number: int, token: str) -> Citizen:
        async with limit:
            socket, _none = await wire.visitor(ports[number % 2], token)
            await socket.send(json.dumps({"t": "msg", "cid": "first", "text": "Buongiorno"}))
            await wire.heard(socket, "sent")
            return Citizen(socket, "")

    citizens = await asyncio.gather(*(arrive(number, token) for number, token in enumerate(tokens)))
    await asyncio.to_thread(place.ask, "crowd_people", "take")
    owners = await asyncio.to_thread(_owners, place)
    pages = [Page(ports[n % 2], one["session"], one["topic"], found) for n, one in enumerate(people)]
    by_id = await _conversations(ports, tokens, citizens)
    fronts = {person: owners[person][0] for person in owners}
    await asyncio.gather(*(page.sit_down(fronts[page.person]) for page in pages))
    for heard in [*(page.listen() for page in pages), *(citizen.listen() for citizen in citizens)]:
        _keep(asyncio.create_task(heard))
    pairs = [(page, by_id[page.front]) for page in pages]
    everything = [_talk(pairs, found), _echoes(place, found), _arrivals(ports, later), _watch_idle(place, found)]
    await asyncio.gather(*everything)
    for task in list(_running):
        task.cancel()
    return found


def _owners(place: Place) -> dict[str, list[str]]:
    """Conversations by their owner's topic."""
    found: dict[str, list[str]] = {}
    rows = place.house.rows(
        "SELECT u.public_id, i.public_id FROM contactcenter_workitem w JOIN crm_user u ON u.id = w.owner_id "
        "JOIN crm_interaction i ON i.id = w.interaction_id WHERE w.state = 'claimed'"
    )
    for person, conversation in rows:
        found.setdefault(f"person.{person}", []).append(str(conversation))
    return found


async def _conversations(ports: tuple[int, int], tokens: list[str], citizens: list[Citizen]) -> dict[str, Citizen]:
    """Every citizen's page comes once more, as after a reload, and so learns which conversation it is in."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def again(number: int) -> None:
        async with limit:
            await citizens[number].socket.close()
            citizens[number].socket, citizens[number].conversation = await wire.visitor(
                ports[number % 2], tokens[number]
            )

    await asyncio.gather(*(again(number) for number in range(len(tokens))))
    return {citizen.conversation: citizen for citizen in citizens}


async def _talk(pairs: list[tuple[Page, Citizen]], found: Found) -> None:
    """Twenty a second, half of each, never two at once in one conversation."""
    chance, busy, begun = random.Random(7), set[int](), time.perf_counter()
    for number in range(RATE * SECONDS):
        await asyncio.sleep(max(0.0, begun + number / RATE - time.perf_counter()))
        while not (free := [n for n in range(len(pairs)) if n not in busy]):
            await asyncio.sleep(0.02)
        which = chance.choice(free)
        busy.add(which)
        _keep(asyncio.create_task(_one(pairs[which], number, busy, which, found)))
    async with asyncio.timeout(wire.PATIENCE + 10):
        while busy:
            await asyncio.sleep(0.05)


async def _one(pair: tuple[Page, Citizen], number: int, busy: set[int], which: int, found: Found) -> None:
    page, citizen = pair
    words, comes, to_agent = f"parola-{number}", asyncio.get_running_loop().create_future(), number % 2 == 0
    side: Page | Citizen = page if to_agent else citizen
    side.expected[words] = comes
    began = time.perf_counter()
    try:
        if to_agent:
            await citizen.socket.send(json.dumps({"t": "msg", "cid": words, "text": words}))
        else:
            await _answer(page, words)
        async with asyncio.timeout(wire.PATIENCE):
            (found.to_agent if to_agent else found.to_citizen).append(await comes - began)
    except TimeoutError:
        found.lost += 1
    finally:
        del side.expected[words]
        busy.discard(which)


async def _answer(page: Page, words: str) -> None:
    form = {"as": "reply", "text": words, "client_id": words}
    path = f"/desk/c/{page.front}/answer/"
    status, html = await page.browser.post(path, version=page.version, **form)
    page._read(html)
    if status == 409:  # something came in: the page has read it now, and the agent sends again
        status, html = await page.browser.post(path, version=page.version, **form)
        page._read(html)
    assert status == 200, (status, html[:300])


async def _echoes(place: Place, found: Found) -> None:
    rooms = [await wire.opened(place.bare_port, f"/ws/echo/c{number}/") for number in range(10)]
    for number in range(ECHOES * SECONDS):
        began = time.perf_counter()
        room = rooms[number % len(rooms)]
        await room.send(str(number))
        await room.recv()
        found.echo.append(time.perf_counter() - began)
        await asyncio.sleep(1 / ECHOES)


async def _arrivals(ports: tuple[int, int], tokens: list[str]) -> None:
    """Every second one citizen more writes; agents, who have room for one more each, are asked."""
    open_ = []  # their pages stay open: who left is nobody to wait for
    for number, token in enumerate(tokens):
        socket, _none = await wire.visitor(ports[number % 2], token)
        await socket.send(json.dumps({"t": "msg", "cid": "first", "text": "Una domanda"}))
        await wire.heard(socket, "sent")
        open_.append(socket)
        await asyncio.sleep(1)


async def _watch_idle(place: Place, found: Found) -> None:
    before = 0
    for _second in range(SECONDS):
        now = await asyncio.to_thread(place.house.number, IDLE)
        found.idle += bool(now and before)
        before = now
        await asyncio.sleep(1)
