"""The parts of the one process: what happens when one of them breaks off, and which port it may take."""

import socket
import threading

import pytest

from contactcenter.administration import web
from contactcenter.administration.one_process import Background


def test_a_part_that_breaks_off_closes_the_house(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = threading.Event()
    background = Background(on_failure=closed.set)

    def break_off() -> None:
        raise RuntimeError("no such module")

    monkeypatch.setattr(background, "_work", break_off)
    monkeypatch.setattr(background, "_listen", background.stopping.wait)
    background.start()
    assert closed.wait(timeout=10)
    assert background.failed
    background.stop()


def test_what_breaks_while_the_house_closes_is_no_failure() -> None:
    closed = threading.Event()
    background = Background(on_failure=closed.set)
    background.stop()

    def break_off() -> None:
        raise RuntimeError("interrupted")

    background._guarded(break_off)
    assert not background.failed
    assert not closed.is_set()


def test_a_free_port_is_taken_for_us() -> None:
    with web.claim("127.0.0.1", 0) as ours:
        assert ours.getsockname()[1] > 0


def test_a_taken_port_names_the_next_one() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(web.CannotServe, match=f"Port {port} is taken .* make run PORT={port + 1}"):
            web.claim("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "port"), [("127.0.0.1", 99999), ("203.0.113.1", 8000), ("no.such.host.invalid", 8000)]
)
def test_an_address_that_is_not_ours_is_a_sentence(host: str, port: int) -> None:
    with pytest.raises(web.CannotServe, match="No web server can listen on"):
        web.claim(host, port)


def test_the_server_is_set_for_many_open_pages() -> None:
    config = web.server().config
    assert config.backlog == 2048
    assert config.ws_max_size == 64 * 1024
    assert (config.ws_per_message_deflate, config.access_log, config.server_header) == (False, False, False)
    assert config.proxy_headers is False
