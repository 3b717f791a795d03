"""Logs carry names of events, never words of people."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator

import pytest
import structlog
import uvicorn.config

from config import logs

CANARY = "Giulia Ferri giulia@example.org"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers, root.level
    before = structlog.get_config()
    monkeypatch.setattr("sys.stderr", stream)
    logs.configure(level="INFO", as_json=True)
    yield stream
    root.handlers, root.level = handlers, level
    structlog.configure(**before)


def fail() -> None:
    secret_of_a_citizen = CANARY
    try:
        raise ValueError(secret_of_a_citizen)
    except ValueError as error:
        raise KeyError(secret_of_a_citizen) from error


def test_an_event_is_one_line_of_json(written: io.StringIO) -> None:
    structlog.get_logger("crm").info("case.closed", case="2026-000123")
    line = json.loads(written.getvalue())
    assert (line["event"], line["case"], line["level"]) == ("case.closed", "2026-000123", "info")


def test_personal_fields_are_dropped(written: io.StringIO) -> None:
    structlog.get_logger("crm").info("login.failed", username=CANARY, email=CANARY, text=CANARY, body=CANARY)
    assert "Giulia" not in written.getvalue()


@pytest.mark.parametrize("logger", [logging.getLogger("django.core"), structlog.get_logger("crm")])
def test_an_exception_leaves_its_kind_and_place_but_not_its_words(written: io.StringIO, logger: logging.Logger) -> None:
    try:
        fail()
    except KeyError:
        logger.exception("it.broke")
    line = json.loads(written.getvalue())
    assert "Giulia" not in written.getvalue()
    assert line["exception"].startswith("builtins.KeyError\n")
    assert "builtins.ValueError" in line["exception"]
    assert "test_logs.py" in line["exception"]


def test_celerys_own_words_about_failures_are_silenced(written: io.StringIO) -> None:
    logging.getLogger("celery.app.trace").error("Task failed: %s", CANARY)
    assert written.getvalue() == ""


@pytest.fixture
def uvicorn_by_its_own_command(written: io.StringIO) -> Iterator[io.StringIO]:
    """The server sets its logging up first and loads our settings afterwards."""
    stream = io.StringIO()
    names = ("uvicorn", "uvicorn.error", "uvicorn.access")
    before = {name: (logging.getLogger(name).handlers, logging.getLogger(name).propagate) for name in names}
    logging.config.dictConfig(uvicorn.config.LOGGING_CONFIG | {"disable_existing_loggers": False})
    for handler in logging.getLogger("uvicorn").handlers:
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(stream)
    logs.configure(level="INFO", as_json=True)
    yield stream
    for name, (handlers, propagate) in before.items():
        logging.getLogger(name).handlers, logging.getLogger(name).propagate = handlers, propagate


def test_a_server_with_logging_of_its_own_writes_no_words_and_no_addresses(
    uvicorn_by_its_own_command: io.StringIO, written: io.StringIO
) -> None:
    log = logging.getLogger("uvicorn.error")
    log.info('%s - "WebSocket %s" [accepted]', "203.0.113.9:5123", "/ws/chat/comune/")
    try:
        fail()
    except KeyError:
        log.exception("Exception in ASGI application")
    everything = uvicorn_by_its_own_command.getvalue() + written.getvalue()
    assert "builtins.KeyError" in everything
    assert "Giulia" not in everything
    assert "203.0.113.9" not in everything
