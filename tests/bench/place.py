"""Where a bench runs: a house on data of its own, and beside it the bare server on the same database."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.crash.house import PYTHON, ROOT, House, Program
from tests.crash.own_database import OwnDatabase
from tests.crash.waiting import until
from tests.services import free_port

BARE_SETTINGS = "tests.bench.bare.settings"


class Place:
    def __init__(self, folder: Path, database_url: str, redis_url: str) -> None:
        self.house = House(folder, database_url=database_url, redis_url=redis_url, smtp_port=free_port())
        self.bare_port = free_port()
        self.bare: Program = self.house.asgi("bare", self.bare_port, "tests.bench.bare.asgi:application")

    @property
    def mode(self) -> str:
        books = "PostgreSQL" if self.house.database_url else "SQLite"
        return f"{books}, {'Redis and Celery' if self.house.redis_url else 'everything in one process'}"

    def start(self) -> None:
        """Both servers; returns when both answer."""
        self.house.start()
        self.bare.start()
        until(lambda: self.house.answers(self.bare_port), 60, f"the bare server answered\n{self.bare.last_words()}")

    @property
    def pid(self) -> int:
        """Of the product's web process."""
        return _pid(self.house.programs["web"])

    @property
    def bare_pid(self) -> int:
        return _pid(self.bare)

    def stop(self) -> None:
        self.bare.kill()
        self.house.kill()

    def ask(self, module: str, *words: str) -> Any:
        """Run a module in a process of its own on this data, with the bare tables; its last line is JSON."""
        environment = {**self.house.environment, "DJANGO_SETTINGS_MODULE": BARE_SETTINGS, "LOG_LEVEL": "ERROR"}
        command = [PYTHON, "-m", f"tests.bench.{module}", *words]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=240, check=False)
        if done.returncode:
            raise SystemExit(f"{module} failed:\n{done.stderr.decode()[-3000:]}")
        return json.loads(done.stdout.decode().splitlines()[-1])


def _pid(program: Program) -> int:
    assert program.process is not None, f"{program.name} was not started"
    return program.process.pid


@contextmanager
def place() -> Iterator[Place]:
    """On the services named in DATABASE_URL and REDIS_URL, else embedded. Nothing of it stays."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sportello-bench-")))
        server = os.environ.get("DATABASE_URL", "")
        database_url = stack.enter_context(OwnDatabase(server)) if server else ""
        made = Place(folder, database_url, os.environ.get("REDIS_URL", ""))
        stack.callback(made.stop)
        made.ask("furnish")
        yield made
