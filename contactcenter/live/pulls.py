"""Going to the database for a socket's page at once: in threads of their own, and never twice at a time for one page."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
T = TypeVar("T")
# Not Channels' one shared thread: a citizen's message that is being stored there would have to be waited for.
_threads = ThreadPoolExecutor(4, thread_name_prefix="words")


async def visit(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`work` with its own database connection, outside the event loop."""

    def there() -> T:
        close_old_connections()
        try:
            return work(*args, **kwargs)
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(_threads, there)


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
