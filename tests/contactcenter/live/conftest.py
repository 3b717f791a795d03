"""Citizens who write while somebody watches."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from channels_adapters.contract import Address, InboundMessage, Recorded
from config.asgi import application
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake import receive
from crm.models import Interaction, User

TIMEOUT = 10
Write = Callable[[str], Interaction]


@pytest.fixture
def write(letters: ChannelAccount) -> Write:
    """Giulia writes one more line of her one conversation."""
    count = iter(range(1, 100_000))

    def write(text: str) -> Interaction:
        event = InboundMessage(
            external_id=f"live-{next(count)}", sender=Address("paper", "giulia@example.it", "Giulia Ferri"), text=text,
            thread="giulia",
        )  # fmt: skip
        outcome = receive.receive(account=letters, event=event, at=timezone.now())
        assert isinstance(outcome, Recorded)
        return Interaction.objects.get(public_id=outcome.interaction)

    return write


class Page(ApplicationCommunicator):
    """An open desk, as the server sees it: one socket. (Channels' own helper needs a web server we don't have.)"""

    def __init__(self, cookie: str = "", origin: str = "http://127.0.0.1:8000", language: str = "en") -> None:
        headers = [(b"host", b"127.0.0.1:8000"), (b"origin", origin.encode()), (b"accept-language", language.encode())]
        if cookie:
            headers.append((b"cookie", f"sessionid={cookie}".encode()))
        scope = {"type": "websocket", "path": "/ws/live/", "query_string": b"", "headers": headers, "subprotocols": []}
        super().__init__(application, scope)

    async def connect(self) -> bool:
        await self.send_input({"type": "websocket.connect"})
        return bool((await self.receive_output(timeout=TIMEOUT))["type"] == "websocket.accept")

    async def say(self, **frame: Any) -> None:
        await self.send_text(json.dumps(frame))

    async def send_text(self, text: str) -> None:
        await self.send_input({"type": "websocket.receive", "text": text})

    async def hear(self, *wanted: str) -> dict[str, Any]:
        """The next frame (of a kind, when named); heartbeats in between are read away."""
        while True:
            event = await self.receive_output(timeout=TIMEOUT)
            assert event["type"] == "websocket.send", event
            frame: dict[str, Any] = json.loads(event["text"])
            if not wanted or frame["t"] in wanted:
                return frame

    async def closed(self) -> int:
        """The code it ends with."""
        while True:
            event = await self.receive_output(timeout=TIMEOUT)
            if event["type"] == "websocket.close":
                return int(event["code"])

    async def watch(self, *topics: str, talk: str = "", last: int = 0) -> dict[str, Any]:
        """The first heads that speak of exactly these topics. `talk`: the one that is shown, up to message `last`."""
        await self.say(t="watch", topics=list(topics), **({"talk": talk, "last": last} if talk else {}))
        while True:
            frame = await self.hear("heads")
            if set(frame["heads"]) | set(frame["gone"]) == set(topics):
                return frame


async def session_of(user: User) -> str:
    """The cookie of somebody who signed in."""

    def make() -> str:
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "contactcenter.desk.look.SignedIn"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        return str(session.session_key)

    return await database_sync_to_async(make)()


@asynccontextmanager
async def page(cookie: str = "", **more: str) -> AsyncIterator[Page]:
    opened = Page(cookie, **more)
    try:
        yield opened
    finally:
        if not opened.future.done():
            await opened.send_input({"type": "websocket.disconnect", "code": 1000})
            await opened.wait(timeout=TIMEOUT)
