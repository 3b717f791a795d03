"""Telling every open screen to look again. A hint only: what is lost here is healed by the screens' heartbeat."""

from collections.abc import Iterable
from functools import partial
from typing import Any

import structlog
from channels.layers import get_channel_layer
from django.db import transaction

log = structlog.get_logger(__name__)
Message = dict[str, Any]


def _announce(messages: list[tuple[str, Message]]) -> None:
    """All at once, to a layer that takes it from any thread and lets nobody wait."""
    try:
        get_channel_layer().tell(messages)
    except Exception as error:  # noqa: BLE001  (a broker of any kind may fail in any way; a ping is only a hint)
        log.warning("announce.lost", topic=messages[0][0].split(".")[0], error=type(error).__name__)


def look_again(topics: Iterable[tuple[str, int]], *, quiet: Iterable[tuple[str, int]] = ()) -> None:
    """On commit, tell everyone who watches a topic that it is at that version now. `quiet`: where nothing but words and
    their states changed; screens that get those by another way needn't hurry."""
    loud = {topic: version for topic, version in topics if topic}
    newest = {**{topic: version for topic, version in quiet if topic}, **loud}
    messages = [
        (topic, {"type": "look", "topic": topic, "version": version, **({} if topic in loud else {"quiet": True})})
        for topic, version in newest.items()
    ]
    if messages:
        transaction.on_commit(partial(_announce, messages))


def say(topic: str, message: Message) -> None:
    """Something that is true for seconds only (typing): sent now, stored nowhere. `message["type"]` names the handler."""
    _announce([(topic, message)])
