"""The product as a process of its own, the way an office runs it: for tests that pull plugs."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STARTS_WITHIN = 60.0  # seconds; a loaded machine migrates slowly
NOT_INHERITED = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "PORT", "BASE_URL")


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    """Nothing of the test run's own services, unless given. The operator reads English."""
    kept = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    return {**kept, "LC_ALL": "en_GB.UTF-8", "DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1", **more}


class Served:
    """One `manage.py serve`. `url` has no trailing slash; `output` grows while it runs."""

    def __init__(self, data_dir: Path, *arguments: str, port: int = 0, more: Mapping[str, str] | None = None) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.output: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", *arguments],
            cwd=ROOT,
            env=environment(data_dir, PORT=str(self.port), **(more or {})),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.output.extend(self.process.stdout)

    def wait_until_ready(self) -> "Served":
        """Until /healthz answers. Fails with what the process said when it ended instead."""
        until = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise AssertionError(f"It ended with {self.process.returncode}:\n{''.join(self.output)}")
            if self._answers():
                return self
        raise AssertionError(f"It did not answer within {STARTS_WITHIN} s:\n{''.join(self.output)}")

    def _answers(self) -> bool:
        try:
            return self.get("/healthz")[0] == 200
        except OSError:
            threading.Event().wait(0.05)
            return False

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Status and text of a page. Raises `OSError` where nobody answers."""
        request = urllib.request.Request(self.url + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send the signal and give the exit code; negative = ended by a signal."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=20)

    def kill(self) -> None:
        """Pull the plug."""
        self.stop(signal.SIGKILL)


@contextmanager
def served(data_dir: Path, *arguments: str, port: int = 0, more: Mapping[str, str] | None = None) -> Iterator[Served]:
    """Set up, ready, and gone at the end."""
    running = Served(data_dir, "--set-up", *arguments, port=port, more=more)
    try:
        yield running.wait_until_ready()
    finally:
        running.kill()
