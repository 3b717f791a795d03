"""Citizens' and agents' sockets, as a browser opens them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

PATIENCE = 20.0  # seconds


async def opened(port: int, path: str, **headers: str) -> ClientConnection:
    return await connect(
        f"ws://127.0.0.1:{port}{path}", origin=Origin(f"http://127.0.0.1:{port}"), additional_headers=headers,
        compression=None, open_timeout=PATIENCE, ping_interval=None, max_queue=64,
    )  # fmt: skip


async def visitor(port: int, token: str) -> tuple[ClientConnection, str]:
    """A citizen's open page, and the id of its conversation ("" before the first word)."""
    socket = await opened(port, "/ws/chat/comune/")
    await socket.send(json.dumps({"t": "hello", "token": token, "last_seq": 0, "v": 1}))
    return socket, str((await heard(socket, "welcome"))["conv"])


async def heard(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """The next frame of that kind."""
    async with asyncio.timeout(PATIENCE):
        while True:
            frame: dict[str, Any] = json.loads(await socket.recv())
            if frame.get("t") == kind:
                return frame
