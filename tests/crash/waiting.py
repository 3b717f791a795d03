"""Waiting for something to become true, never for time to pass."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
GLANCE = 0.03  # seconds between two looks


def until(condition: Callable[[], T], seconds: float, what: str) -> T:
    """The first truthy value of `condition`. Fails in words when it stays falsy that long."""
    deadline = time.monotonic() + seconds
    while True:
        if found := condition():
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"Within {seconds:g} seconds it did not happen that {what}.")
        pause(GLANCE)


def pause(seconds: float) -> None:
    """For the moments at which plugs are pulled: they come from a seed, and from nothing else."""
    threading.Event().wait(seconds)
