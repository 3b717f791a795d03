"""The one fetcher: what may have arrived, whose certificate counts, and what exactly is sent."""

import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from channels_adapters import http
from channels_adapters.http import FetchFailed, fetch
from tests.channels_adapters.http.conftest import Names, tls_server
from tests.channels_adapters.loopback import Loopback, raw_server

Talk = Callable[[socket.socket, threading.Event], None]


def test_a_closed_port_means_certainly_not_sent(names: Names, inside: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(FetchFailed, match="No connection") as failure:
        fetch("POST", f"http://127.0.0.1:{port}/", body=b"words", allow_private=True)
    assert not failure.value.ambiguous


def test_an_unknown_name_means_certainly_not_sent(names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FetchFailed) as failure:
        fetch("POST", "https://nowhere.example/", body=b"words")
    assert not failure.value.ambiguous


def _hang_up(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(65536)


def _say_nothing(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(65536)
    over.wait(10)


def _stop_halfway(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhalf")


def _talk_nonsense(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(65536)
    connection.sendall(b"\x00\x01\x02 not http\r\n\r\n")


@pytest.mark.parametrize("talk", [_hang_up, _say_nothing, _stop_halfway, _talk_nonsense])
def test_sent_without_a_whole_answer_is_ambiguous(names: Names, inside: None, talk: Talk) -> None:
    with raw_server(talk) as port, pytest.raises(FetchFailed) as failure:
        fetch("POST", f"http://127.0.0.1:{port}/", body=b"words", timeout=0.5, allow_private=True)
    assert failure.value.ambiguous


def test_endless_headers_end(names: Names, inside: None) -> None:
    def talk(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for _n in range(20_000):
            connection.sendall(b"X-Filler: " + b"y" * 1000 + b"\r\n")

    with raw_server(talk) as port, pytest.raises(FetchFailed):
        fetch("GET", f"http://127.0.0.1:{port}/", timeout=10, allow_private=True)


def test_a_second_address_is_tried_when_the_first_is_dead(server: Loopback, names: Names, inside: None) -> None:
    names.book["program.comune.example"] = [["::1", "127.0.0.1"]]
    assert fetch("GET", server.url(host="program.comune.example"), allow_private=True).status == 200


def test_the_certificate_must_be_that_of_the_name_not_of_the_pinned_address(
    tmp_path: Path, names: Names, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PRIVATE_HOSTS_ALLOWED = ["town.example", "impostor.example"]
    names.book.update({"town.example": [["127.0.0.1"]], "impostor.example": [["127.0.0.1"]]})
    with tls_server(tmp_path, "town.example", monkeypatch) as server:
        server.replies["/"] = (200, {}, b"sealed")
        answer = fetch("GET", server.url(host="town.example", scheme="https"), allow_private=True)
        assert answer.body == b"sealed"
        with pytest.raises(FetchFailed, match="certificate") as failure:
            fetch("POST", server.url(host="impostor.example", scheme="https"), body=b"words", allow_private=True)
    assert not failure.value.ambiguous
    assert len(server.seen) == 1


def test_a_certificate_nobody_vouches_for_is_refused(
    tmp_path: Path, names: Names, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PRIVATE_HOSTS_ALLOWED = ["town.example"]
    names.book["town.example"] = [["127.0.0.1"]]
    with tls_server(tmp_path, "town.example", monkeypatch) as server:
        monkeypatch.setattr(http, "tls", ssl.create_default_context)
        with pytest.raises(FetchFailed, match="certificate"):
            fetch("GET", server.url(host="town.example", scheme="https"), allow_private=True)


def test_no_proxy_comes_from_the_environment(server: Loopback, inside: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert fetch("GET", server.url(), allow_private=True).status == 200


def test_what_is_sent_is_what_was_asked_and_no_more(server: Loopback, inside: None) -> None:
    server.replies["/post"] = (201, {}, b"made")
    answer = fetch("POST", server.url("/post?a=1"), body=b'{"a": 1}', headers={"Content-Type": "application/json"},
                   allow_private=True)  # fmt: skip
    assert (answer.status, answer.body) == (201, b"made")
    seen = server.seen[0]
    assert (seen.method, seen.path, seen.body) == ("POST", "/post?a=1", b'{"a": 1}')
    assert set(seen.headers) == {
        "user-agent", "accept", "content-type", "host", "accept-encoding", "connection", "content-length",
    }  # fmt: skip


def test_our_signature_is_the_documented_one() -> None:
    # printf '1700000000.{}' | openssl dgst -sha256 -hmac 'forty-two'
    expected = "b6eca0527797d982924b47196eb4951e45d466f5af594b1bfad313c85a1540b6"
    headers = http.signed_headers("forty-two", b"{}", timestamp="1700000000")
    assert headers == {"Sportello-Timestamp": "1700000000", "Sportello-Signature": f"v1={expected}"}
