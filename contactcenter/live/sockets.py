"""The desk's socket: topics and versions, and the newest words of what the page shows. README.md has the frames."""

import asyncio
import json
import random
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import structlog
from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import get_language_from_request

from contactcenter.live import company, pulls, topics, watching
from contactcenter.live.threads import for_desk

log = structlog.get_logger(__name__)
BEAT = 4.0  # seconds between heartbeats
PRESENT_EVERY = 20.0  # seconds between two notes that the person's browser is there
TYPING_EVERY = 3.0
LARGEST = 16 * 1024  # characters of one frame
MOST_FRAMES = 40  # in ten seconds; a page of ours sends a few
SIGNED_OUT, TOO_FAST = 4401, 4429
Company = list[tuple[str, bool]]


class Shown(NamedTuple):
    """The conversation on the page, and the newest of its messages there. "" = none, or not its end."""

    topic: str = ""
    last: int = 0


class DeskSocket(AsyncWebsocketConsumer):
    """One open desk. Groups are joined only for topics that the access gateway allows, and left when it no longer does."""

    def __init__(self, *args: Any, draw: watching.Draw, **kwargs: Any) -> None:
        """`draw`: how the words of a conversation look on the page; a room above this one knows."""
        super().__init__(*args, **kwargs)
        self.draw = draw
        self.language = ""
        self.shown, self.head = Shown(), ""
        self.company_at = ""  # the topic of the conversation that one looks at
        self.with_me: Company = []  # and who else does
        self.pulls = pulls.OneAtATime(self._pull)
        self.watched: frozenset[str] = frozenset()
        self.wanted: frozenset[str] = frozenset()
        self.beating: asyncio.Task[None] | None = None
        self.typed_at: dict[str, float] = {}
        self.present_at = 0.0
        self.frames = (0.0, 0)
        self.over = False
        self.looking = asyncio.Lock()  # a heartbeat and a new wish must not overtake one another

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """However the connection ends, its heart stops with it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.pulls.stop()
            if self.beating is not None:
                self.beating.cancel()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """As Channels does it, without closing database connections through one shared thread at every event."""
        handler = getattr(self, get_handler_name(message), None)
        if handler is not None:  # what is said on a topic for somebody else (the visitor's page) is none of ours
            await handler(message)

    async def connect(self) -> None:
        await self.accept()
        if not self.scope["user"].is_authenticated:
            await self.close(SIGNED_OUT)
            return
        self.language = _language(self.scope)
        self.beating = asyncio.create_task(self._beat())

    async def disconnect(self, code: int) -> None:
        for topic in self.watched:
            await self.channel_layer.group_discard(topic, self.channel_name)
        if self.company_at:
            await for_desk(company.leave)(self._user_id, self.company_at)

    # --- from the page ---

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self._too_fast():
            self.over = True
            await self.close(TOO_FAST)
            return
        frame = _understood(text_data)
        handler = {
            "watch": self._watch,
            "typing": self._typing,
            "seen": self._seen,
            "ping": self._pong,
        }.get(frame.get("t", ""))
        if handler is not None:
            await handler(frame)

    def _too_fast(self) -> bool:
        began, count = self.frames
        now = time.monotonic()
        self.frames = (now, 1) if now - began > 10 else (began, count + 1)
        return self.frames[1] > MOST_FRAMES

    async def _watch(self, frame: dict[str, Any]) -> None:
        wanted = frame.get("topics")
        if isinstance(wanted, list):
            self.wanted = frozenset(topic for topic in wanted[: topics.MOST] if isinstance(topic, str))
            before, self.shown = self.shown, _shown(frame)
            self.head = self.head if before.topic == self.shown.topic else ""
            await self._look_now()

    async def _typing(self, frame: dict[str, Any]) -> None:
        topic = _topic(frame)
        if topic not in self.watched or time.monotonic() - self.typed_at.get(topic, 0.0) < TYPING_EVERY:
            return
        self.typed_at[topic] = time.monotonic()
        await for_desk(company.writes if frame.get("aside") else watching.typing)(self._user_id, topic)

    async def _seen(self, frame: dict[str, Any]) -> None:
        topic, seq = _topic(frame), frame.get("seq")
        if topic in self.watched and isinstance(seq, int) and 0 < seq < 2**31:
            await for_desk(watching.seen)(self._user_id, topic, seq)

    async def _pong(self, frame: dict[str, Any]) -> None:
        await self._say(t="pong")

    # --- from the house ---

    async def look(self, event: dict[str, Any]) -> None:
        """A fact was recorded about a topic."""
        if event["topic"] not in self.watched:
            return
        if event["topic"] == self.shown.topic:
            self.pulls.ask()
        quiet = {"quiet": True} if event.get("quiet") else {}
        await self._say(t="look", topic=event["topic"], version=event["version"], **quiet)

    async def typing(self, event: dict[str, Any]) -> None:
        if event.get("topic") in self.watched:
            await self._say(t="typing", topic=event["topic"], who=event.get("who", ""), name=event.get("name", ""))

    async def colleague(self, event: dict[str, Any]) -> None:
        """Somebody writes for colleagues alone."""
        if event["topic"] in self.watched and event["who"] != self._user_id:
            await self._say(t="typing", topic=event["topic"], who="colleague", name=event["name"])

    async def company(self, event: dict[str, Any]) -> None:
        """Somebody came to what is shown here, or left it."""
        if event["topic"] == self.company_at:
            await self._keep_company(company.others)

    async def _pull(self) -> None:
        """The newest words of what is shown. Where this fails, the whole conversation is pulled a moment later anyway."""
        topic, last = self.shown
        session_key = self.scope["session"].session_key or ""
        try:
            found = await for_desk(watching.words)(self._user_id, session_key, self.draw, topic, last, self.language)
        except DatabaseError as error:
            log.warning("desk.pull_failed", error=type(error).__name__)
            return
        if found is not None and self.shown.topic == topic:
            self.shown = Shown(topic, max(found.last, self.shown.last))
            await self._say(t="words", topic=topic, html=found.html, last=found.last, version=found.version)

    # --- heartbeat ---

    async def _beat(self) -> None:
        """Says every few seconds where things stand, so that a lost ping heals; a failing database ends nothing."""
        while not self.over:
            # Not all at once; it guards nothing.
            await asyncio.sleep(BEAT * random.uniform(0.85, 1.15))  # nosec B311
            try:
                await self._look_now()
            except DatabaseError as error:
                log.warning("desk.heartbeat_failed", error=type(error).__name__)

    async def _look_now(self) -> None:
        async with self.looking:
            await self._look()

    async def _look(self) -> None:
        beat = time.monotonic() - self.present_at > PRESENT_EVERY
        if beat:
            self.present_at = time.monotonic()
        session_key = self.scope["session"].session_key or ""
        seen = await for_desk(watching.look)(self._user_id, session_key, self.wanted, beat=beat)
        if not seen.here:
            self.over = True
            await self.close(SIGNED_OUT)
            return
        await self._join(seen.allowed)
        heads = dict(seen.heads)
        before, self.head = self.head, heads.get(self.shown.topic, "")
        if before not in {"", self.head}:  # its ping may have been lost
            self.pulls.ask()
        await self._say(t="heads", heads=heads, gone=sorted(self.wanted - seen.allowed))
        await self._be_there()

    async def _be_there(self) -> None:
        """Beside whoever else looks at the conversation on the page."""
        topic = self.shown.topic if self.shown.topic in self.watched else ""
        before, self.company_at = self.company_at, topic
        if before not in {"", topic}:
            await for_desk(company.leave)(self._user_id, before)
        if before != topic:
            self.with_me = []
        if topic:
            await self._keep_company(company.look)

    async def _keep_company(self, ask: Callable[[int, str], Company]) -> None:
        topic = self.company_at
        found = await for_desk(_in_language)(self.language, ask, self._user_id, topic)
        if found != self.with_me and topic == self.company_at:
            self.with_me = found
            await self._say(t="company", topic=topic, people=found)

    async def _join(self, allowed: frozenset[str]) -> None:
        joined, left = allowed - self.watched, self.watched - allowed
        self.watched = allowed
        for topic in joined:
            await self.channel_layer.group_add(topic, self.channel_name)
        for topic in left:
            await self.channel_layer.group_discard(topic, self.channel_name)

    async def _say(self, **frame: Any) -> None:
        await self.send(text_data=json.dumps(frame))

    @property
    def _user_id(self) -> int:
        return int(self.scope["user"].pk)


def _in_language(language: str, ask: Callable[[int, str], Company], user_id: int, topic: str) -> Company:
    with translation.override(language):
        return ask(user_id, topic)


def _topic(frame: dict[str, Any]) -> str:
    topic = frame.get("topic")
    return topic if isinstance(topic, str) else ""


def _shown(frame: dict[str, Any]) -> Shown:
    topic, last = frame.get("talk"), frame.get("last")
    known = isinstance(topic, str) and isinstance(last, int) and 0 <= last < 2**31
    return Shown(str(topic), int(last or 0)) if known else Shown()


def _language(scope: dict[str, Any]) -> str:
    """As it is found for pages: by the cookie, else by what the browser asks for."""
    request = HttpRequest()
    request.COOKIES = scope["cookies"]
    request.META["HTTP_ACCEPT_LANGUAGE"] = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
    return get_language_from_request(request)


def _understood(text: str | None) -> dict[str, Any]:
    """A frame of ours; anything else is an empty one."""
    if not text or len(text) > LARGEST:
        return {}
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return frame if isinstance(frame, dict) and isinstance(frame.get("t"), str) else {}
