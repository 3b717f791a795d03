"""Asking for a socket's page at once, and never twice at a time for one page."""

import asyncio
from collections.abc import Awaitable, Callable


class OneAtATime:
    """However often it is asked: one pull runs, and at most one more follows it. A slow page piles up nothing."""

    def __init__(self, pull: Callable[[], Awaitable[None]]) -> None:
        self._pull = pull
        self._again = False
        self._running: asyncio.Task[None] | None = None

    def ask(self) -> None:
        self._again = True
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())

    def stop(self) -> None:
        if self._running is not None:
            self._running.cancel()

    async def _run(self) -> None:
        while self._again:
            self._again = False
            await self._pull()
