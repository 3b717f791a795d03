"""Publishing over Redis without waiting for it: one connection per process, on which the broker never answers.

A ping is a hint. One that is lost with a broken connection is healed by the screens' heartbeat, so nobody waits for the
broker's count of listeners, which is all that it would answer. https://redis.io/docs/latest/commands/client-reply/
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Sequence
from typing import Any

import redis

LONGEST = 0.25  # seconds that whoever publishes waits for a broker that takes nothing
PAUSE = 1.0  # seconds after a failure in which it isn't asked again


class Publisher:
    def __init__(self, address: str) -> None:
        self._address = address
        self._lock = threading.Lock()
        self._connection: Any = None
        self._process = 0
        self._failed_at = -PAUSE

    def publish(self, letters: Sequence[tuple[str, bytes]]) -> None:
        """All in one go, in order. Raises `redis.RedisError` and `OSError`; within the pause after that, says nothing."""
        with self._lock:
            if time.monotonic() - self._failed_at < PAUSE:
                return
            try:
                self._send(letters)
            except (redis.RedisError, OSError):
                self._failed_at = time.monotonic()
                self._forget()
                raise

    def _send(self, letters: Sequence[tuple[str, bytes]]) -> None:
        if self._process != os.getpid():  # a fork shares the socket with its parent: it must not be closed, only left
            self._connection, self._process = None, os.getpid()
        if self._connection is not None and self._is_gone(self._connection):
            self._forget()
        connection = self._connection or self._opened()
        packed = [piece for letter in letters for piece in connection.pack_command("PUBLISH", *letter)]
        connection.send_packed_command([b"".join(packed)], check_health=False)

    def _opened(self) -> Any:
        pool = redis.ConnectionPool.from_url(
            self._address, socket_timeout=LONGEST, socket_connect_timeout=LONGEST, protocol=2
        )
        connection = self._connection = pool.make_connection()
        connection.connect()
        connection.send_command("CLIENT", "REPLY", "OFF", check_health=False)
        return connection

    @staticmethod
    def _is_gone(connection: Any) -> bool:
        """The broker says nothing here but that it hangs up."""
        look = select.poll()
        look.register(connection._sock, select.POLLIN)
        return bool(look.poll(0))

    def _forget(self) -> None:
        if self._connection is not None:
            self._connection.disconnect()
        self._connection = None
