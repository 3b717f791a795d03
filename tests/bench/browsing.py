"""An agent's browser for a bench with many of them: one kept-alive connection, fragments by ETag, forms with their token."""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode

CSRF = "b" * 32  # what the cookie and the form agree on
PATIENCE = 30.0  # seconds for one answer


class Browser:
    def __init__(self, port: int, session: str) -> None:
        self.port, self.cookie = port, f"sessionid={session}; csrftoken={CSRF}"
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None
        self.tags: dict[str, str] = {}
        self.turn = asyncio.Lock()

    async def get(self, path: str) -> str:
        """The body; "" where nothing changed since it was asked last."""
        known = {"If-None-Match": self.tags[path]} if path in self.tags else {}
        status, headers, body = await self._ask("GET", path, b"", known)
        if status == 304:
            return ""
        assert status == 200, (status, path, body[:200])
        self.tags[path] = headers.get("etag", "")
        return body.decode()

    async def post(self, path: str, **form: str) -> tuple[int, str]:
        kind = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": CSRF}
        status, _headers, body = await self._ask("POST", path, urlencode(form).encode(), kind)
        return status, body.decode()

    async def _ask(
        self, method: str, path: str, body: bytes, more: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        head = {
            "Host": f"127.0.0.1:{self.port}", "Cookie": self.cookie, "HX-Request": "true", "Accept-Language": "en",
            "Content-Length": str(len(body)), **more,
        }  # fmt: skip
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
        asked = ("\r\n".join(lines) + "\r\n\r\n").encode() + body
        async with self.turn, asyncio.timeout(PATIENCE):
            try:
                return await self._sent(asked)
            except (asyncio.IncompleteReadError, ConnectionError):
                self.writer = None  # closed while it was idle: as a browser does, once more on a new one
                return await self._sent(asked)

    async def _sent(self, asked: bytes) -> tuple[int, dict[str, str], bytes]:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        assert self.reader is not None
        self.writer.write(asked)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        lines = head.split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:] if line)}
        body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return int(lines[0].split(" ")[1]), headers, body
