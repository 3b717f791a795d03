"""A provider on loopback, and a resolver that knows what a test tells it."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from django.utils import translation
from pytest_django import Settings

from channels_adapters import http
from tests.channels_adapters.loopback import Loopback, certificate, http_server

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture(autouse=True)
def english(settings: Settings) -> Iterator[None]:
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


class Names:
    """A resolver: names and what they resolve to at each question; an address is itself."""

    def __init__(self) -> None:
        self.book: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        answers = self.book.get(host)
        if answers is None:
            return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST)]
        return answers.pop(0) if len(answers) > 1 else answers[0]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    names = Names()
    monkeypatch.setattr(http, "resolve", names)
    return names


@pytest.fixture
def server(names: Names) -> Iterator[Loopback]:
    with http_server() as loopback:
        loopback.replies["/"] = (200, {"X-Town": "Montefiore"}, b"good morning")
        yield loopback


@pytest.fixture
def inside(settings: Settings) -> None:
    """The administrator allowed three hosts inside the network."""
    settings.PRIVATE_HOSTS_ALLOWED = ["127.0.0.1", "program.comune.example", "other.comune.example"]


def tls_server(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> AbstractContextManager[Loopback]:
    file = certificate(folder, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    trust = ssl.create_default_context()
    for known in folder.glob("*.pem"):
        trust.load_verify_locations(known)
    monkeypatch.setattr(http, "tls", lambda: trust)
    return http_server(context)
