"""The one fetcher: how much it reads, and how long it waits."""

import gzip
import socket
import threading
import time

import pytest

from channels_adapters import http
from channels_adapters.http import AnswerTooLarge, FetchFailed, FetchRefused, fetch
from tests.channels_adapters.http.conftest import OK, Names
from tests.channels_adapters.loopback import Loopback, raw_server


def test_an_answer_that_announces_too_much_is_not_read(server: Loopback, inside: None) -> None:
    server.replies["/big"] = (200, {}, b"x" * 2000)
    with pytest.raises(AnswerTooLarge) as refusal:
        fetch("GET", server.url("/big"), max_bytes=1999, allow_private=True)
    assert refusal.value.status == 200
    assert len(fetch("GET", server.url("/big"), max_bytes=2000, allow_private=True).body) == 2000


def test_an_answer_without_a_length_is_cut_off_while_it_streams(names: Names, inside: None) -> None:
    sent = 0

    def flood(connection: socket.socket, over: threading.Event) -> None:
        nonlocal sent
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not over.is_set() and sent < 400_000_000:
            sent += connection.send(b"x" * 65536)

    with raw_server(flood) as port, pytest.raises(AnswerTooLarge):
        fetch("GET", f"http://127.0.0.1:{port}/", max_bytes=100_000, allow_private=True)
    assert sent < 50_000_000


def test_a_packed_bomb_stops_at_the_cap(server: Loopback, inside: None) -> None:
    server.replies["/bomb"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"\0" * 50_000_000))
    with pytest.raises(AnswerTooLarge):
        fetch("GET", server.url("/bomb"), max_bytes=1_000_000, allow_private=True)


def test_a_packed_answer_is_unpacked_although_we_never_ask_for_one(server: Loopback, inside: None) -> None:
    server.replies["/gz"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"buongiorno"))
    assert fetch("GET", server.url("/gz"), allow_private=True).body == b"buongiorno"
    assert server.seen[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "encoding, body",
    [("br", b"x"), ("gzip, gzip", b"x"), ("gzip", b"not packed"), ("gzip", gzip.compress(b"cut", mtime=0)[:-6])],
)
def test_a_packed_answer_we_cannot_unpack_is_refused(
    server: Loopback, inside: None, encoding: str, body: bytes
) -> None:
    server.replies["/odd"] = (200, {"Content-Encoding": encoding}, body)
    with pytest.raises(FetchRefused):
        fetch("GET", server.url("/odd"), allow_private=True)


def _drip(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(4096)
    for byte in OK * 100:
        connection.send(bytes([byte]))
        if over.wait(0.02):
            return


def test_a_server_that_drips_is_left_at_the_deadline(names: Names, inside: None) -> None:
    began = time.perf_counter()
    with raw_server(lambda connection, over: _drip(connection, over)) as port:
        with pytest.raises(FetchFailed, match="in time") as failure:
            fetch("GET", f"http://127.0.0.1:{port}/", timeout=0.3, allow_private=True)
        assert time.perf_counter() - began < 3
    assert failure.value.ambiguous


def test_a_resolver_that_hangs_is_left_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(http, "resolve", lambda host, port: [] if over.wait(30) else [])
    with pytest.raises(FetchFailed, match="name could not be found") as failure:
        fetch("GET", "https://slow.example/", timeout=0.1)
    over.set()
    assert not failure.value.ambiguous
