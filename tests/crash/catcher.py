"""A mail server on this machine that keeps what it is given and delivers nothing."""

import asyncio
import email
import threading
from collections import Counter
from typing import Any

from aiosmtpd.controller import Controller

DELIBERATION = 0.02  # seconds it thinks about each mail: long enough that a kill finds some of them half sent


class Catcher:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await asyncio.sleep(DELIBERATION)
        with self._lock:
            self._ids.append(str(email.message_from_bytes(envelope.content)["Message-ID"]))
        return "250 OK"

    def counted(self) -> Counter[str]:
        """How often each Message-ID came."""
        with self._lock:
            return Counter(self._ids)


class MailServer(Controller):
    """Start and stop it; what came in is in `catcher`."""

    def __init__(self, port: int) -> None:
        self.catcher = Catcher()
        super().__init__(self.catcher, hostname="127.0.0.1", port=port)
