"""The visitor's socket. A ping of the broker only says "look": what is told comes from the database, always."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import structlog
from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError
from django.utils import translation

from channels_adapters.contract import (
    AgentTyping,
    Goodbye,
    Hello,
    LiveAdapter,
    Notice,
    Ping,
    RawRequest,
    Refused,
    StateChanged,
    Typing,
    Unparseable,
)  # fmt: skip
from channels_adapters.registry import UnknownKind
from contactcenter.accounts import accounts
from contactcenter.accounts.models import ChannelAccount
from contactcenter.accounts.secrets import Unreadable
from contactcenter.intake import caps
from contactcenter.intake.visitors import away, hearing, limits, news, origins, sessions
from contactcenter.intake.visitors.models import VisitorSession
from contactcenter.live import pulls
from contactcenter.live.threads import for_visitor

log = structlog.get_logger(__name__)
HELLO_WITHIN = 5.0  # seconds
READ_WITHIN = 10.0  # seconds that a page may take to read what it is told
BURST, PER_SECOND = 40, 10  # frames
PATIENCE = 100  # frames refused before the socket is closed
TYPING_EVERY = 3.0  # seconds
AFTER_OWN_WORDS = 0.1  # seconds

NEW_TOKEN_FIRST, FORBIDDEN, NOBODY_HERE, SLOW_DOWN, TOO_BIG, TRY_LATER = 4401, 4403, 4404, 4429, 1009, 1013


class VisitorSocket(AsyncWebsocketConsumer):
    account: ChannelAccount
    adapter: LiveAdapter
    session: VisitorSession | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.told = news.Told()
        self.group = ""
        self.source = ""
        self.hello_timer: asyncio.TimerHandle | None = None
        self.allowance, self.counted_at, self.refused = float(BURST), time.monotonic(), 0
        self.sign_at = self.typed_at = self.spoke_at = 0.0
        self.looks_soon: asyncio.TimerHandle | None = None
        self.looks = pulls.OneAtATime(self._look_beside)
        self.looking = asyncio.Lock()  # what is told follows from what was told before

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """However the connection ends, nothing of it goes on."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.looks.stop()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Straight to the handler: Channels would close database connections first, for every event, in one thread."""
        handler = getattr(self, get_handler_name(message), None)
        if handler is not None:
            await handler(message)

    # --- coming and going ---

    async def connect(self) -> None:
        """Origin and account are checked before the socket is accepted: a foreign page gets 403, not a socket."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in self.scope["headers"]}
        self.source = caps.source_of((self.scope.get("client") or ("", 0))[0], headers.get("x-forwarded-for", ""))
        try:
            await for_visitor(self._enter)(self.scope["url_route"]["kwargs"]["account"])
            caps.cap(f"socket:{self.source}", *limits.SOCKETS_PER_SOURCE)
        except (accounts.Disabled, UnknownKind, Unreadable):
            await self.close(NOBODY_HERE)
        except caps.TooMany:
            await self.close(SLOW_DOWN)
        else:
            await self._admit(headers.get("origin", ""), headers.get("host", ""))

    async def _admit(self, origin: str, host: str) -> None:
        if not origins.may_call(self.adapter, origin, host):
            await self.close(FORBIDDEN)
            return
        await self.accept()
        self.hello_timer = asyncio.get_running_loop().call_later(HELLO_WITHIN, self._no_hello)

    def _enter(self, slug: str) -> None:
        self.account, self.adapter = origins.live_account(slug)

    def _no_hello(self) -> None:
        self._closing = asyncio.ensure_future(self.close(NEW_TOKEN_FIRST))

    async def disconnect(self, code: int) -> None:
        if self.hello_timer:
            self.hello_timer.cancel()
        if self.looks_soon:
            self.looks_soon.cancel()
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)
        if self.session and self.told.conversation:
            await for_visitor(away.gone)(self.session)

    # --- what the page says ---

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        body = bytes_data if bytes_data is not None else (text_data or "").encode("utf-8", "surrogatepass")
        if len(body) > limits.FRAME:
            await self.close(TOO_BIG)
        elif not self._in_time():
            await self._too_fast()
        else:
            await self._take(body)

    async def _take(self, body: bytes) -> None:
        raw = RawRequest(door="socket", body=body, sender=self.session.address if self.session else None)
        with translation.override(self._language()):
            if self.session is None:
                await self._greet(raw)
            else:
                await self._hear(raw, self.session)

    def _language(self) -> str:
        return (self.session.language if self.session else "") or self.account.language

    def _in_time(self) -> bool:
        """A bucket of frames that refills by the second."""
        now = time.monotonic()
        self.allowance = min(BURST, self.allowance + (now - self.counted_at) * PER_SECOND)
        self.counted_at = now
        if self.allowance < 1:
            return False
        self.allowance -= 1
        return True

    async def _too_fast(self) -> None:
        self.refused += 1
        if self.refused > PATIENCE:
            await self.close(SLOW_DOWN)
        elif self.refused % 10 == 1:
            await self._tell([Refused("too-fast", "", 2)])

    async def _greet(self, raw: RawRequest) -> None:
        """Nothing counts before hello."""
        hello = next((event for event in self._parsed(raw) if isinstance(event, Hello)), None)
        if (
            self.hello_timer
        ):  # it is about the page; how long we take, when everybody comes back at once, isn't its fault
            self.hello_timer.cancel()
        try:
            told, notices = await for_visitor(self._recognise)(hello)
        except sessions.NoSession:
            await self.close(NEW_TOKEN_FIRST)
            return
        await self._follow(told)
        await self._tell(notices)
        await self._sign()

    def _recognise(self, hello: Hello | None) -> tuple[news.Told, list[Notice]]:
        """Raises `NoSession`."""
        session = sessions.find(account=self.account, token=hello.token if hello else "")
        told = news.resumed(session, last_seq=hello.last_seq if hello else 0, of=hello.conversation if hello else "")
        self.session = session
        return told

    def _parsed(self, raw: RawRequest) -> list[Any]:
        try:
            return list(self.adapter.parse(raw))
        except Unparseable:
            return []

    async def _hear(self, raw: RawRequest, session: VisitorSession) -> None:
        events = self._parsed(raw)
        if any(isinstance(event, Typing) for event in events) and not self._may_type():
            return
        speaker = hearing.Speaker(self.account, self.adapter, session, self.source, raw)
        notices = await for_visitor(hearing.hear)(speaker)
        changed = [notice for notice in notices if isinstance(notice, StateChanged)]
        await self._tell([notice for notice in notices if notice not in changed])
        self.spoke_at = time.monotonic()
        if changed or any(isinstance(event, Ping) for event in events) or not self.told.conversation:
            await self._look()
            await self._sign()

    def _may_type(self) -> bool:
        now = time.monotonic()
        if now - self.typed_at < TYPING_EVERY:
            return False
        self.typed_at = now
        return True

    async def _sign(self) -> None:
        """Note now and then that this page is open, while it has a conversation that somebody may miss it in."""
        if self.session is None or not self.told.conversation or time.monotonic() - self.sign_at < away.SIGN_EVERY:
            return
        self.sign_at = time.monotonic()
        await for_visitor(away.here)(self.session)

    # --- what the page is told ---

    async def look(self, event: dict[str, Any]) -> None:
        """Mostly what this page has said itself, which was confirmed to it: whoever reads it comes first."""
        if self.looks_soon is not None:
            return
        if time.monotonic() - self.spoke_at < AFTER_OWN_WORDS:
            self.looks_soon = asyncio.get_running_loop().call_later(AFTER_OWN_WORDS, self._look_now)
        else:
            self.looks.ask()

    def _look_now(self) -> None:
        self.looks_soon = None
        self.looks.ask()

    async def seen(self, event: dict[str, Any]) -> None:
        """An agent has read further."""
        self.looks.ask()

    async def typing(self, event: dict[str, Any]) -> None:
        if event.get("who") == "agent":
            await self._tell([AgentTyping(str(event.get("name", "")))])

    async def _look_beside(self) -> None:
        """While the page goes on talking. Where it fails, the page's own ping finds the same."""
        try:
            await self._look()
        except DatabaseError as error:
            log.warning("visitor.look_failed", error=type(error).__name__)
        except StopConsumer:  # the page doesn't read, and is being closed
            pass

    async def _look(self) -> None:
        async with self.looking:
            await self._tell_news()

    async def _tell_news(self) -> None:
        if self.session is None:
            return
        try:
            told, notices = await self._news(self.session)
        except sessions.NoSession:
            await self._tell([Goodbye("revoked", retry=False)])
            await self.close(NEW_TOKEN_FIRST)
            return
        await self._follow(told)
        await self._tell(notices)

    async def _news(self, session: VisitorSession) -> tuple[news.Told, list[Notice]]:
        with translation.override(self._language()):
            return await for_visitor(news.since)(session, self.told)

    async def _follow(self, told: news.Told) -> None:
        """Be woken for the conversation that is told about."""
        self.told = told
        group = f"interaction.{told.conversation}" if told.conversation else ""
        if group == self.group:
            return
        try:
            if self.group:
                await self.channel_layer.group_discard(self.group, self.channel_name)
            if group:
                await self.channel_layer.group_add(group, self.channel_name)
        except Exception as error:  # noqa: BLE001 - any broker, any failure: the page's own ping heals it
            log.warning("visitor.broker_unreachable", error=type(error).__name__)
            return
        self.group = group

    async def _tell(self, notices: list[Notice]) -> None:
        """A page that doesn't read is let go; it resumes where it was."""
        try:
            async with asyncio.timeout(READ_WITHIN):
                for notice in notices:
                    await self.send(text_data=self.adapter.frame(notice))
        except TimeoutError:
            log.info("visitor.too_slow", account=self.account.slug)
            self._closing = asyncio.ensure_future(self.close(TRY_LATER))
            raise StopConsumer from None
