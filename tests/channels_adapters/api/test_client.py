"""docs/api-client.py against the served webhook door and the real adapter: written in, answered, printed once."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings as DjangoSettings

from channels_adapters.api.adapter import Adapter
from channels_adapters.contract import Address, InboundMessage, OutboundMessage, RawRequest, SendError
from tests.channels_adapters.api.conftest import SECRET
from tests.channels_adapters.loopback import Loopback, free_port, http_server

CLIENT = Path(__file__).resolve().parents[3] / "docs" / "api-client.py"
Build = Callable[..., Adapter]


@pytest.fixture
def door() -> Iterator[Loopback]:
    """Stands for /hooks/modulo-web/: keeps what the client posts."""
    with http_server() as loopback:
        loopback.replies["/hooks/modulo-web/"] = (200, {}, b'{"outcomes": []}')
        yield loopback


@pytest.fixture
def client(door: Loopback, settings: DjangoSettings) -> Iterator[tuple[subprocess.Popen[str], int]]:
    settings.PRIVATE_HOSTS_ALLOWED = ["127.0.0.1"]
    port = free_port()
    command = [sys.executable, str(CLIENT), door.url("/hooks/modulo-web/"), "Quando apre l'anagrafe?"]
    environment = {**os.environ, "SECRET": SECRET, "PORT": str(port)}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == '{"outcomes": []}'
        yield process, port
        process.kill()


def test_the_client_of_the_documentation_is_understood_and_understands(
    client: tuple[subprocess.Popen[str], int], door: Loopback, adapter: Build
) -> None:
    process, port = client
    ours = adapter(callback_url=f"http://127.0.0.1:{port}/")
    [posted] = door.seen
    raw = RawRequest("webhook", headers=posted.headers, body=posted.body)
    ours.verify(raw)
    [event] = ours.parse(raw)
    assert isinstance(event, InboundMessage)
    assert (event.text, event.sender) == (
        "Quando apre l'anagrafe?",
        Address("external.modulo-web", "u-17", "Giulia Ferri"),
    )
    answers: list[dict[str, Any]] = [{"key": "k-1", "text": "Alle 9."}] * 2 + [{"key": "k-2", "text": "A lei."}]
    for answer in answers:
        ours.send(OutboundMessage(author="Anna", to=(event.sender,), **answer))
    assert process.stdout is not None
    assert [process.stdout.readline().strip() for _line in range(2)] == ["Anna: Alle 9.", "Anna: A lei."]


def test_the_client_refuses_a_wrong_signature(client: tuple[subprocess.Popen[str], int], adapter: Build) -> None:
    _process, port = client
    stranger = adapter(callback_url=f"http://127.0.0.1:{port}/", secret="somebody else's secret altogether")
    with pytest.raises(SendError, match="403"):
        stranger.send(OutboundMessage(key="k-1", text="x"))


def test_the_client_stays_about_thirty_lines() -> None:
    code = [line for line in CLIENT.read_text(encoding="utf-8").split('"""', 2)[2].splitlines() if line.strip()]
    statements = [line for line in code if not line.startswith(("import", "from"))]
    assert len(statements) <= 30
