"""Houses of real processes. Each test gets its own data, and leaves no process behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.crash.catcher import MailServer
from tests.crash.house import House
from tests.crash.own_database import OwnDatabase
from tests.services import free_port, postgresql, redis_by_pip


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the town in it, made once and copied for each house."""
    folder = tmp_path_factory.mktemp("town")
    House(folder).furnish("town")
    return folder


@pytest.fixture(scope="session")
def servers() -> Iterator[tuple[str, str]]:
    """Addresses of a PostgreSQL where databases may be made, and of a Redis that is ours alone."""
    with ExitStack() as stack:
        yield stack.enter_context(postgresql()), stack.enter_context(redis_by_pip())


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer(free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["embedded", pytest.param("services", marks=pytest.mark.services)])
def house(request: pytest.FixtureRequest, tmp_path: Path, mail_server: MailServer) -> Iterator[House]:
    """Furnished, not started yet."""
    with ExitStack() as stack:
        make = embedded if request.param == "embedded" else in_services
        made: House = make(request, tmp_path, mail_server.port, stack)
        stack.callback(made.kill)
        yield made


def embedded(request: pytest.FixtureRequest, folder: Path, smtp_port: int, stack: ExitStack) -> House:
    shutil.copytree(request.getfixturevalue("furnished"), folder, dirs_exist_ok=True)
    return House(folder, smtp_port=smtp_port)


def in_services(request: pytest.FixtureRequest, folder: Path, smtp_port: int, stack: ExitStack) -> House:
    server, redis_url = request.getfixturevalue("servers")
    database_url = stack.enter_context(OwnDatabase(server))
    made = House(folder, database_url=database_url, redis_url=redis_url, smtp_port=smtp_port)
    made.furnish("town")
    return made
