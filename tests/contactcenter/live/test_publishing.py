"""Pings over Redis: all at once, waiting for no answer, and over a new connection when the old one is gone."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis import exceptions as redis_errors

from contactcenter.live import publishing
from contactcenter.live.publishing import Publisher


class Broker:
    """Says OK to every greeting, keeps what comes after, and can hang up."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"redis://127.0.0.1:{self.listener.getsockname()[1]}/0"
        self.heard = b""
        self.came = threading.Condition()
        self.callers: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _where = self.listener.accept()
            except OSError:
                return
            self.callers.append(caller)
            threading.Thread(target=self._listen, args=(caller,), daemon=True).start()

    def _listen(self, caller: socket.socket) -> None:
        while said := caller.recv(65536):
            with self.came:
                self.heard += said
                self.came.notify_all()
            if b"REPLY" not in said and b"PUBLISH" not in said:
                caller.sendall(b"+OK\r\n" * said.count(b"*"))

    def until(self, words: bytes) -> bool:
        with self.came:
            return self.came.wait_for(lambda: words in self.heard, timeout=10)

    def hang_up(self) -> None:
        for caller in self.callers:
            caller.shutdown(socket.SHUT_RDWR)
        self.callers.clear()


@contextmanager
def broker() -> Iterator[Broker]:
    made = Broker()
    try:
        yield made
    finally:
        made.listener.close()


def test_what_is_said_at_once_goes_at_once_and_in_order() -> None:
    with broker() as redis:
        Publisher(redis.address).publish([("queue.tributi", b"one"), ("person.anna", b"two")])
        assert redis.until(b"two")
        said = redis.heard[redis.heard.index(b"PUBLISH") :]
        assert [said.index(part) for part in (b"queue.tributi", b"one", b"person.anna", b"two")] == sorted(
            said.index(part) for part in (b"queue.tributi", b"one", b"person.anna", b"two")
        )


def test_a_broker_that_hung_up_is_called_again() -> None:
    with broker() as redis:
        publisher = Publisher(redis.address)
        publisher.publish([("queue.tributi", b"before")])
        assert redis.until(b"before")
        redis.hang_up()
        publisher.publish([("queue.tributi", b"afterwards")])
        assert redis.until(b"afterwards")


def test_a_broker_that_is_away_is_not_asked_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever writes pays for a broken broker once a second at most, not with every message."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        publisher = Publisher(f"redis://127.0.0.1:{taken.getsockname()[1]}/0")
        with pytest.raises(redis_errors.ConnectionError):
            publisher.publish([("queue.tributi", b"lost")])
        publisher.publish([("queue.tributi", b"lost as well, and nobody was asked")])
        monkeypatch.setattr(publishing, "PAUSE", 0.0)
        with pytest.raises(redis_errors.ConnectionError):
            publisher.publish([("queue.tributi", b"asked again")])
