"""Telling every open screen to look again. A hint only: what is lost here is healed by the screens' heartbeat."""

import asyncio
import atexit
import os
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from functools import partial
from typing import Any

import structlog
from channels.layers import get_channel_layer
from django.db import transaction

log = structlog.get_logger(__name__)
_lock = threading.Lock()
_loops: dict[int, asyncio.AbstractEventLoop] = {}
_last: dict[int, Future[None]] = {}


def _loop() -> asyncio.AbstractEventLoop:
    """One background loop per process: no request waits for a broker, and no connection is opened per ping."""
    with _lock:
        loop = _loops.get(os.getpid())
        if loop is None:
            loop = _loops[os.getpid()] = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="announce", daemon=True).start()
        return loop


async def _send(topics: dict[str, dict[str, Any]]) -> None:
    layer = get_channel_layer()
    for topic, message in topics.items():
        try:
            await layer.group_send(topic, message)
        except Exception as error:  # noqa: BLE001  (a broker of any kind may fail in any way; a ping is only a hint)
            log.warning("announce.lost", topic=topic.split(".")[0], error=type(error).__name__)


def _announce(topics: dict[str, dict[str, Any]]) -> None:
    _last[os.getpid()] = asyncio.run_coroutine_threadsafe(_send(topics), _loop())


@atexit.register
def _flush() -> None:
    pending = _last.get(os.getpid())
    if pending is not None and not pending.done():
        try:
            pending.result(timeout=1)
        except Exception as error:  # noqa: BLE001  (the process ends: nobody is left to raise to)
            log.warning("announce.lost", error=type(error).__name__)


def look_again(topics: Iterable[tuple[str, int]]) -> None:
    """On commit, tell everyone who watches a topic that it is at that version now."""
    messages = {topic: {"type": "look", "topic": topic, "version": version} for topic, version in topics if topic}
    if messages:
        transaction.on_commit(partial(_announce, messages))


def say(topic: str, message: dict[str, Any]) -> None:
    """Something that is true for seconds only (typing): sent now, stored nowhere. `message["type"]` names the handler."""
    _announce({topic: message})
