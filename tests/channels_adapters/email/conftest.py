"""The office's mailbox on real IMAP servers, and a real SMTP server that remembers."""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import translation

from channels_adapters.contract import AccountFacts
from channels_adapters.email.adapter import Adapter
from channels_adapters.email.settings import Settings
from tests.channels_adapters.email import imap_servers
from tests.channels_adapters.email.imap_servers import PASSWORD, USER, Server
from tests.channels_adapters.email.smtp_server import PostOffice, post_office

ADDRESS = "urp@comune.example"
SERVERS = ["pymap", "dovecot"] if imap_servers.dovecot_program() else ["pymap"]
_numbers = itertools.count(1)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Says which servers stood behind the tests: without Dovecot's program they ran, but against one server only."""
    missing = "" if "dovecot" in SERVERS else " (Dovecot is not installed here)"
    terminalreporter.write_line(f"E-mail was tested against these IMAP servers: {', '.join(SERVERS)}{missing}.")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def account() -> AccountFacts:
    return AccountFacts(slug="posta", name="Comune di Borgo", language="en")


@pytest.fixture
def build(account: AccountFacts) -> Callable[..., Adapter]:
    def adapter(**values: Any) -> Adapter:
        return Adapter(Settings(**{"address": ADDRESS, **values}), account)

    return adapter


@pytest.fixture(scope="session", params=SERVERS)
def imap(request: pytest.FixtureRequest) -> Iterator[Server]:
    with getattr(imap_servers, request.param)() as server:
        yield server


@pytest.fixture
def folder(imap: Server) -> str:
    """A folder of this test's own."""
    name = f"Posta{next(_numbers)}"
    imap.make(name)
    return name


@pytest.fixture
def office(imap: Server, folder: str, build: Callable[..., Adapter]) -> Callable[..., Adapter]:
    """The office's adapter on that folder."""

    def adapter(**values: Any) -> Adapter:
        return build(**{**mailbox_settings(imap, folder), **values})

    return adapter


def mailbox_settings(imap: Server, folder: str) -> dict[str, Any]:
    return {
        "imap_host": "127.0.0.1",
        "imap_port": imap.port,
        "imap_security": "none",
        "imap_user": USER,
        "imap_password": PASSWORD,
        "imap_folder": folder,
    }


@pytest.fixture
def smtp() -> Iterator[PostOffice]:
    with contextlib.closing(post_office()) as office:
        yield office


@pytest.fixture
def unused_port() -> int:
    return imap_servers.free_port()
