"""The product as an office runs it: real processes on their own data, in either mode, to be killed at any moment."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from tests.crash.waiting import until
from tests.services import free_port

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
NOT_INHERITED = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "PORT", "BASE_URL")
STARTS_WITHIN = 60.0  # seconds, on a machine that is busy with other tests
WRITTEN_DOWN = 4000  # characters of a program's last words


class Program:
    """One process and its children, in a group of their own."""

    def __init__(self, name: str, command: Sequence[str], environment: dict[str, str], folder: Path) -> None:
        self.name, self.command, self.environment = name, list(command), environment
        self.log = folder / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self.process is not None and self.process.poll() is None:
            return
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        """Pull the plug: no handler runs, nothing is tidied up."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it is gone, and so are its children
        self.process.wait(timeout=20)

    def last_words(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-WRITTEN_DOWN:] if self.log.exists() else ""


class House:
    """`database_url` and `redis_url` empty: everything in one process."""

    def __init__(self, folder: Path, *, database_url: str = "", redis_url: str = "", smtp_port: int = 25) -> None:
        self.folder, self.database_url, self.redis_url = folder, database_url, redis_url
        self.port = free_port()
        self.environment = self._environment(smtp_port)
        self.programs = self._programs()

    def _environment(self, smtp_port: int) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        services = {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}
        return {
            **kept, **services, "DATA_DIR": str(self.folder), "PORT": str(self.port), "LANGUAGE_CODE": "en",
            "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(smtp_port), "CAPS_ENABLED": "0", "PYTHONUNBUFFERED": "1",
        }  # fmt: skip

    def _programs(self) -> dict[str, Program]:
        if not self.redis_url:
            return {"web": self._program("web", PYTHON, "manage.py", "serve")}
        celery = (PYTHON, "-m", "celery", "-A", "config")
        return {
            "web": self.asgi("web", self.port),
            "worker": self._program("worker", *celery, "worker", "--concurrency", "2", "--loglevel", "warning"),
            "beat": self._program("beat", *celery, "beat", "--loglevel", "warning", "--pidfile="),
        }

    def _program(self, name: str, *command: str) -> Program:
        return Program(name, command, self.environment, self.folder)

    def asgi(self, name: str, port: int, application: str = "config.asgi:application") -> Program:
        """A web process, as the systemd unit starts it."""
        return self._program(
            name, PYTHON, "-m", "uvicorn", application, "--port", str(port), "--lifespan", "off",
            "--log-level", "warning", "--no-access-log", "--backlog", "2048", "--ws-max-size", "65536",
            "--ws-per-message-deflate", "false",
        )  # fmt: skip

    # --- running ---

    def furnish(self, *words: str) -> str:
        """Run `tests.crash.furnish` on this house's data; gives what it printed."""
        command = [PYTHON, "-m", "tests.crash.furnish", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    def start(self) -> None:
        """Whatever doesn't run is started; returns when pages are served."""
        for program in self.programs.values():
            program.start()
        until(lambda: self.answers(self.port), STARTS_WITHIN, f"the house answered\n{self.last_words()}")

    def answers(self, port: int) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.HTTPError):
            return False

    def kill(self, *names: str) -> None:
        for name in names or tuple(self.programs):
            self.programs[name].kill()

    def last_words(self) -> str:
        return "\n".join(f"--- {name} ---\n{program.last_words()}" for name, program in self.programs.items())

    # --- looking into the books, past the product ---

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        if not self.database_url:
            with closing(sqlite3.connect(self.folder / "sportello.sqlite3", timeout=20)) as books:
                return books.execute(question).fetchall()
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(question.encode()).fetchall()

    def number(self, question: str) -> int:
        return int(self.rows(question)[0][0])

    def let_deadlines_pass(self) -> None:
        """Half a minute goes by for what was stored and not understood, three for what was taken to be sent."""
        past = "'2026-01-01 00:00:00'" if not self.database_url else "'2026-01-01 00:00:00+00'"
        for order in (
            f"UPDATE contactcenter_rawdelivery SET next_attempt_at = {past} WHERE state IN ('stored', 'failed')",
            f"UPDATE contactcenter_outboxitem SET leased_until = {past} WHERE state = 'leased'",
        ):
            self._order(order)

    def let_offers_run_out(self) -> None:
        self._order("UPDATE contactcenter_offer SET expires_at = made_at WHERE state = 'pending'")

    def _order(self, order: str) -> None:
        if not self.database_url:
            with closing(sqlite3.connect(self.folder / "sportello.sqlite3", timeout=20)) as books, books:
                books.execute(order)
        else:
            with psycopg.connect(self.database_url) as connection:
                connection.execute(order.encode())
