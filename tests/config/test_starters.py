"""The starters behind `make test-services` and `make test-browser`: they say what they use, and never skip silently."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests import chromium, services


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What would have been started, instead of starting it."""
    calls: list[dict[str, Any]] = []

    def run(command: list[str], env: dict[str, str], check: bool) -> subprocess.CompletedProcess[str]:
        calls.append({"command": command, "env": env})
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    return calls


def test_services_that_are_named_are_taken(
    ran: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u@db.example/x")
    monkeypatch.setenv("REDIS_URL", "redis://redis.example:6379/3")
    assert services.main(["-q"]) == 0
    assert ran[0]["env"]["DATABASE_URL"] == "postgresql://u@db.example/x"
    assert ran[0]["env"]["REDIS_URL"] == "redis://redis.example:6379/3"
    assert ran[0]["command"][-1] == "-q"
    assert capsys.readouterr().out == "PostgreSQL: the one in DATABASE_URL.\nRedis: the one in REDIS_URL.\n"


def test_services_of_this_machine_are_taken_with_a_database_of_our_own(
    ran: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("REDIS_URL", "redis://redis.example:6379/3")
    monkeypatch.setattr(services, "local_postgresql", lambda: "postgresql://postgres@127.0.0.1:5432/postgres")
    services.main([])
    assert ran[0]["env"]["DATABASE_URL"].startswith("postgresql://postgres@127.0.0.1:5432/sportello_")
    assert "PostgreSQL: the one on this machine." in capsys.readouterr().out


def test_where_there_is_no_service_one_is_brought(
    ran: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextmanager
    def brought(url: str) -> Iterator[str]:
        yield url

    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(services, "local_postgresql", str)
    monkeypatch.setattr(services, "empty_database", lambda url: None)
    monkeypatch.setattr(services, "postgresql_by_pip", lambda: brought("postgresql://postgres@/postgres?host=/tmp/x"))
    monkeypatch.setattr(services, "redis_by_pip", lambda: brought("redis://127.0.0.1:7777/0"))
    services.main([])
    assert ran[0]["env"]["DATABASE_URL"].endswith("?host=/tmp/x")
    assert ran[0]["env"]["REDIS_URL"] == "redis://127.0.0.1:7777/0"
    assert capsys.readouterr().out.count("starting one brought by pip") == 2


def test_a_server_that_does_not_answer_is_no_server() -> None:
    assert services.may_make_databases("postgresql://nobody@127.0.0.1:1/postgres") is False
    assert services.empty_database("redis://127.0.0.1:1") is None


def test_a_missing_chromium_is_said_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    assert chromium.main([]) == 1
    assert "apt install chromium" in capsys.readouterr().err


def test_the_chromium_that_is_named_is_used_and_no_services_leak_in(
    ran: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMIUM", "/opt/chromium")
    monkeypatch.setenv("REDIS_URL", "redis://redis.example:6379/3")
    assert chromium.main(["-x"]) == 0
    assert ran[0]["env"]["CHROMIUM"] == "/opt/chromium"
    assert "REDIS_URL" not in ran[0]["env"]
