"""The served product with the demo town in it, and a headless Chromium (CHROMIUM, else the one on the path)."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.chromium import find
from tests.served import ROOT, Served, environment, served

# The library's own five seconds are too few for two cores that carry a browser, a server and all that they set off.
expect.set_options(timeout=15_000)

# Whatever hour the tests run at: every queue is open and picked from by hand, the demo agents are there and have room.
EVERYBODY_AT_WORK = """
from datetime import timedelta
from django.utils import timezone
from contactcenter.queues.models import Agent, Presence, Queue
from crm.models import User
Queue.objects.update(calendar=None, mode="pull", wrap_up_seconds=0)
Agent.objects.update(chat_slots=50, written_slots=50)
now = timezone.now()
for user in User.objects.filter(username__in=["anna", "bruno"]):
    Presence.objects.update_or_create(
        user=user, defaults={
            "status": "available", "since": now, "seen_at": now + timedelta(hours=6), "lost": False, "missed": False,
            "routing": "free", "routing_since": now,
        })
"""


@dataclass
class House:
    """A running installation of its own. `run` executes Python inside it, in another process, and gives what it prints."""

    server: Served
    data_dir: Path

    @property
    def url(self) -> str:
        return self.server.url

    def run(self, code: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "-v0", "-c", code],
            cwd=ROOT, env=environment(self.data_dir, PORT=str(self.server.port)), capture_output=True, text=True,
            check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    data_dir = tmp_path_factory.mktemp("house")
    # More citizens come from this one machine than any house lets in within ten minutes.
    with served(data_dir, more={"CAPS_ENABLED": "0"}) as server:
        made = House(server, data_dir)
        made.run(EVERYBODY_AT_WORK)
        yield made


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": find(), "args": ["--no-sandbox"]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "it-IT", "timezone_id": "Europe/Rome"}
