"""No body larger than the largest that any door takes, even one that never says its length.

Django writes a body to disk in full before a view sees it; whoever sends without end would fill that disk.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]

SENTENCE = b"This is larger than this installation takes. Send it in parts.\n"


class TooLarge(Exception):
    """The body passed the limit while it was read."""


def limited(application: Application, limit: int) -> Application:
    """`application` behind a limit in bytes: 413 with a sentence, and the rest isn't read."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if _announced(scope) > limit:
            await _refuse(send)
            return
        taken = answered = 0

        async def counted() -> Event:
            nonlocal taken
            event = await receive()
            taken += len(event.get("body", b""))
            if taken > limit:
                raise TooLarge
            return event

        async def watched(event: Event) -> None:
            nonlocal answered
            answered += 1
            await send(event)

        try:
            await application(scope, counted, watched)
        except TooLarge:
            if not answered:
                await _refuse(send)

    return guarded


def _announced(scope: Scope) -> int:
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(lengths[0]) if lengths and lengths[0].isdigit() else 0


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": SENTENCE})
