"""A chat of the town's front office, open and staffed, and citizens with their browsers."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.test import Client
from django.utils import timezone

from config.asgi import application
from contactcenter.accounts import accounts
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake.visitors import sessions
from contactcenter.intake.visitors.models import VisitorSession
from contactcenter.queues import presence, rulebook
from contactcenter.queues.models import Queue
from contactcenter.sla.models import OfficeCalendar
from crm import announce
from crm.models import User
from tests.people import Town

TOWN_SITE = "https://www.roccaverde.example"
ELSEWHERE = "https://www.altrove.example"
HOST = "testserver"
OURS = f"http://{HOST}"
PATIENCE = 10.0  # seconds; a loaded machine is slow


@pytest.fixture(autouse=True)
def _our_host(settings: Any) -> None:
    settings.ALLOWED_HOSTS = [HOST, "127.0.0.1"]


@pytest.fixture
def chat(chat_account: ChannelAccount, anna: User, town: Town) -> ChannelAccount:
    """Open, and Anna is there."""
    accounts.change(account=chat_account, actor=None, settings={"allowed_origins": [TOWN_SITE]})
    presence.change(user=anna, status="available")
    return accounts.find("comune")


@dataclass
class Browser:
    """A citizen's browser, over HTTP."""

    client: Client
    session: VisitorSession
    token: str

    def _headers(self, origin: str | None) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}", **({"origin": origin} if origin else {})}

    def get(self, path: str, origin: str | None = None) -> Any:
        return self.client.get(f"/chat/comune/{path}", headers=self._headers(origin))

    def post(self, path: str, body: object, origin: str | None = None) -> Any:
        return self.client.post(
            f"/chat/comune/{path}", json.dumps(body), content_type="application/json", headers=self._headers(origin)
        )

    def upload(self, file: Any) -> Any:
        return self.client.post("/chat/comune/uploads/", {"file": file}, headers=self._headers(None))

    def say(self, text: str, cid: str = "c1", **more: Any) -> Any:
        return self.post("messages/", {"t": "msg", "cid": cid, "text": text, **more})


def browser(account: ChannelAccount) -> Browser:
    session, token = sessions.begin(account=account, language="it")
    return Browser(Client(), session, token)


@pytest.fixture
def giulia(chat: ChannelAccount) -> Browser:
    return browser(chat)


@pytest.fixture
def marco(chat: ChannelAccount) -> Browser:
    return browser(chat)


def frames(answer: Any) -> list[dict[str, Any]]:
    return [json.loads(frame) for frame in answer.json()["frames"]]


class Page:
    """An open page: one socket."""

    def __init__(self, token: str, *, origin: str = OURS, account: str = "comune") -> None:
        headers = [(b"host", HOST.encode()), *([(b"origin", origin.encode())] if origin else [])]
        path = f"/ws/chat/{account}/"
        scope = {
            "type": "websocket", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers,
            "client": ("127.0.0.1", 50_000), "subprotocols": [],
        }  # fmt: skip
        self.token = token
        self.socket = ApplicationCommunicator(application, scope)

    async def connect(self) -> int:
        """0 = accepted, else the code it was closed with before it was."""
        await self.socket.send_input({"type": "websocket.connect"})
        answer = await self.socket.receive_output(timeout=PATIENCE)
        return 0 if answer["type"] == "websocket.accept" else int(answer["code"])

    async def open(self, last_seq: int = 0, conv: str = "") -> dict[str, Any]:
        """Connect, say hello, and give the welcome."""
        assert await self.connect() == 0
        await self.say(t="hello", token=self.token, last_seq=last_seq, v=1, conv=conv)
        return await self.hear("welcome")

    async def say(self, **frame: Any) -> None:
        await self.send(json.dumps(frame))

    async def send(self, text: str) -> None:
        await self.socket.send_input({"type": "websocket.receive", "text": text})

    async def next(self) -> dict[str, Any]:
        output = await self.socket.receive_output(timeout=PATIENCE)
        assert output["type"] == "websocket.send", output
        frame: dict[str, Any] = json.loads(output["text"])
        return frame

    async def hear(self, kind: str) -> dict[str, Any]:
        """The next frame of that kind; others are passed over."""
        while (frame := await self.next())["t"] != kind:
            continue
        return frame

    async def hear_many(self, kind: str, count: int) -> list[dict[str, Any]]:
        return [await self.hear(kind) for _number in range(count)]

    async def closed(self) -> int:
        """The code it is closed with; frames before that are passed over."""
        while True:
            output = await self.socket.receive_output(timeout=PATIENCE)
            if output["type"] == "websocket.close":
                return int(output["code"])

    async def answered_up_to_here(self) -> list[str]:
        """Kinds of all frames until the answer to a ping sent now: nothing else is on the way."""
        await self.say(t="ping", n=77)
        kinds = []
        while (frame := await self.next())["t"] != "pong":
            kinds.append(frame["t"])
        return kinds

    async def leave(self) -> None:
        """The browser is gone, without a word."""
        await self.socket.send_input({"type": "websocket.disconnect", "code": 1006})
        await self.socket.wait(timeout=PATIENCE)


@pytest.fixture
def deaf_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that loses everything."""
    monkeypatch.setattr(announce, "_announce", lambda topics: None)


def keeps(queue: Queue, week: dict[str, list[list[str]]]) -> None:
    """The queue is open in these hours only."""
    queue.calendar = OfficeCalendar.objects.create(slug="ore", name="Ore", zone="Europe/Rome", week=week)
    queue.save()
    rulebook.forget()


def seen_now(session: VisitorSession) -> None:
    VisitorSession.objects.filter(pk=session.pk).update(seen_at=timezone.now())
