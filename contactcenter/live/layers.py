"""The channel layer of the one-process mode.

Channels' own in-memory layer is not woken by other threads and loses messages when several send at once. This one
remembers the event loop its receivers live on and runs every send there.
"""

import asyncio
from typing import Any

from channels.layers import InMemoryChannelLayer


class OneProcessLayer(InMemoryChannelLayer):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._home: asyncio.AbstractEventLoop | None = None

    def _bind(self) -> None:
        """Receivers decide where home is; a closed loop (tests, restarts) is replaced."""
        loop = asyncio.get_running_loop()
        if self._home is None or self._home.is_closed() or not self._home.is_running():
            self._home = loop

    async def group_add(self, group: str, channel: str) -> None:
        self._bind()
        await super().group_add(group, channel)

    async def receive(self, channel: str) -> Any:
        self._bind()
        return await super().receive(channel)

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        await self._at_home(super().send(channel, message))

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        await self._at_home(super().group_send(group, message))

    async def _at_home(self, sending: Any) -> None:
        home = self._home
        if home is None or home is asyncio.get_running_loop() or not home.is_running():
            await sending
        else:
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(sending, home))
