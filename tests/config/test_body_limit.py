"""A body without end is cut off before it fills the disk."""

from collections.abc import MutableMapping
from typing import Any

from config.body_limit import limited

Event = MutableMapping[str, Any]


async def talk(chunks: list[bytes], headers: list[tuple[bytes, bytes]] | None = None) -> tuple[int, int]:
    """Post the chunks to an application that reads everything; gives the status and how many chunks were read."""
    sent: list[Event] = []
    waiting = list(chunks)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Event:
        body = waiting.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(waiting)}

    async def send(event: Event) -> None:
        sent.append(event)

    await limited(application, 10)({"type": "http", "headers": headers or []}, receive, send)
    return sent[0]["status"], len(chunks) - len(waiting)


async def test_a_body_within_the_limit_passes() -> None:
    assert await talk([b"12345", b"67890"]) == (200, 2)


async def test_a_body_that_never_said_its_length_is_cut_off() -> None:
    assert await talk([b"123456"] * 1000) == (413, 2)


async def test_an_announced_giant_is_not_read_at_all() -> None:
    assert await talk([b"x"], [(b"content-length", b"11")]) == (413, 0)
    assert await talk([b"x"], [(b"content-length", b"nonsense")]) == (200, 1)
