"""The channel layers of both modes. Besides what Channels asks of one, each can `tell`: from any thread, waiting for nobody."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any

from channels.layers import InMemoryChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer

from contactcenter.live.publishing import Publisher

Message = dict[str, Any]
TIDY_EVERY = 5.0  # seconds between two looks for what expired


class OneProcessLayer(InMemoryChannelLayer):
    """The channel layer of the one-process mode.

    Channels' own in-memory layer is not woken by other threads and loses messages when several send at once. This one
    remembers the event loop its receivers live on and runs every send there.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._home: asyncio.AbstractEventLoop | None = None
        self._tidied_at = 0.0

    def _bind(self) -> None:
        """Receivers decide where home is; a closed loop (tests, restarts) is replaced."""
        loop = asyncio.get_running_loop()
        if self._home is None or self._home.is_closed() or not self._home.is_running():
            self._home = loop

    def _clean_expired(self) -> None:
        """Channels walks every channel and every group at each message; that it expired may be noticed a little later."""
        if time.monotonic() - self._tidied_at > TIDY_EVERY:
            self._tidied_at = time.monotonic()
            super()._clean_expired()

    async def group_add(self, group: str, channel: str) -> None:
        self._bind()
        await super().group_add(group, channel)

    async def receive(self, channel: str) -> Any:
        self._bind()
        return await super().receive(channel)

    async def send(self, channel: str, message: Message) -> None:
        await self._at_home(super().send(channel, message))

    async def group_send(self, group: str, message: Message) -> None:
        await self._at_home(super().group_send(group, message))

    async def _at_home(self, sending: Any) -> None:
        home = self._home
        if home is None or home is asyncio.get_running_loop() or not home.is_running():
            await sending
        else:
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(sending, home))

    def tell(self, messages: Iterable[tuple[str, Message]]) -> None:
        """Say these to these groups. Without a home nobody listens."""
        home = self._home
        if home is not None and home.is_running():
            home.call_soon_threadsafe(self._deliver, list(messages))

    def _deliver(self, messages: list[tuple[str, Message]]) -> None:
        """At home. A receiver who is too slow misses a message, as Channels has it."""
        self._clean_expired()
        for group, message in messages:
            for channel in self.groups.get(group, ()):
                queue = self.channels.setdefault(channel, asyncio.Queue(maxsize=self.get_capacity(channel)))
                if not queue.full():
                    queue.put_nowait((time.time() + self.expiry, dict(message)))


class RedisLayer(RedisPubSubChannelLayer):
    """Channels' own over Redis. What is told goes over a connection of its own, without an event loop."""

    def __init__(self, *args: Any, hosts: list[dict[str, Any]], prefix: str, **kwargs: Any) -> None:
        super().__init__(*args, hosts=hosts, prefix=prefix, **kwargs)
        self._prefix = prefix
        self._publisher = Publisher(hosts[0]["address"])

    def tell(self, messages: Iterable[tuple[str, Message]]) -> None:
        """Say these to these groups. Raises `redis.RedisError` and `OSError`."""
        self._publisher.publish([(f"{self._prefix}__group__{group}", self.serialize(said)) for group, said in messages])
