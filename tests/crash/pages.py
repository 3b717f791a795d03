"""A citizen's page and an agent's, as far as the wire goes."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidMessage
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.crash.house import House

ANSWER_WITHIN = 3.0  # seconds that a page waits for an answer before it asks again


class Page:
    """The citizen's page, as far as the wire goes: it repeats an unconfirmed message with the same client id."""

    def __init__(self, house: House) -> None:
        self.house = house
        door = f"http://127.0.0.1:{house.port}/chat/comune/session/"
        request = urllib.request.Request(door, data=b"{}", headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            self.token = json.loads(answer.read())["token"]

    @contextmanager
    def open(self) -> Iterator[ClientConnection]:
        base = f"http://127.0.0.1:{self.house.port}"
        with connect(f"ws{base[4:]}/ws/chat/comune/", origin=Origin(base), open_timeout=10, close_timeout=1) as socket:
            socket.send(json.dumps({"t": "hello", "token": self.token, "last_seq": 0, "v": 1}))
            assert heard(socket, "welcome")["t"] == "welcome"
            yield socket

    def is_confirmed(self, client_id: str) -> bool:
        """Say it (again) on a fresh socket; True when the answer came back."""
        try:
            with self.open() as socket:
                socket.send(said(client_id))
                return bool(heard(socket, "sent")["cid"] == client_id)
        except (OSError, TimeoutError, ConnectionClosed, InvalidMessage):  # also cut in the middle of the handshake
            return False


def said(client_id: str) -> str:
    return json.dumps({"t": "msg", "cid": client_id, "text": f"Buongiorno da {client_id}"})


def heard(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """The next frame of that kind. Raises `TimeoutError`, `ConnectionClosed`."""
    while True:
        frame: dict[str, Any] = json.loads(socket.recv(timeout=ANSWER_WITHIN))
        if frame["t"] == kind:
            return frame


@contextmanager
def desk(port: int, session: str, topic: str) -> Iterator[ClientConnection]:
    """The live socket of an agent's desk that shows `topic`; it is watched when this returns."""
    base = f"127.0.0.1:{port}"
    cookie = {"Cookie": f"sessionid={session}"}
    with connect(f"ws://{base}/ws/live/", origin=Origin(f"http://{base}"), additional_headers=cookie) as socket:
        socket.send(json.dumps({"t": "watch", "topics": [topic]}))
        assert topic in heard(socket, "heads")["heads"]
        yield socket
