"""What every test stands on: a data folder of its own, a quick password hasher, a clock that can be stopped."""

import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import hypothesis
import pytest
import time_machine
from django.conf import settings

from tests import emptying

pytest_plugins = ["tests.people"]
ROME = ZoneInfo("Europe/Rome")
# A Monday morning in office hours.
MONDAY_MORNING = dt.datetime(2026, 11, 23, 10, 0, tzinfo=ROME)
# The same cases on every machine, however slow it is today.
hypothesis.settings.register_profile("house", deadline=None, derandomize=True)
hypothesis.settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    """Runs in every worker before anything reads these settings: no test may touch a real data folder."""
    folder = Path(tempfile.mkdtemp(prefix="sportello-tests-"))
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    settings.DATA_DIR = folder
    settings.ATTACHMENTS_DIR = folder / "attachments"
    settings.STATIC_ROOT = folder / "static"
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    database: dict[str, Any] = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        # A real file: the in-memory one answers other threads with "table is locked" whatever the busy timeout.
        database["TEST"] = {**database.get("TEST", {}), "NAME": str(folder / "test.sqlite3")}
    _keep_workers_apart(folder.name)
    emptying.be_patient()


def _keep_workers_apart(name: str) -> None:
    """On one Redis, two workers would hear each other's pings and empty each other's cache."""
    if settings.REDIS_URL:
        layer: Any = settings.CHANNEL_LAYERS["default"]["CONFIG"]
        layer["prefix"] = name  # channels know no database numbers
        settings.CACHES["default"]["LOCATION"] = _database_of_this_worker(settings.REDIS_URL)


def _database_of_this_worker(url: str) -> str:
    """Counted down from the URL's own: clearing Django's cache empties the whole database."""
    server, _, number = url.rpartition("/")
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return f"{server}/{(int(number) - worker) % 16}" if number.isdecimal() else url


@pytest.fixture
def now() -> Iterator[dt.datetime]:
    """Stops the clock on Monday 23 November 2026, 10:00 in Rome. Gives that moment."""
    with time_machine.travel(MONDAY_MORNING, tick=False):
        yield MONDAY_MORNING
