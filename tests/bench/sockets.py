"""Two thousand citizens' pages, open and silent, in one process."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Iterator

from tests.bench import wire
from tests.bench.place import Place
from tests.bench.process_figures import resident_kib
from tests.bench.table import Row

SOCKETS, WARM, AT_ONCE = 2000, 50, 20
FILES = 8192  # one for each socket, and room


def run(place: Place) -> Iterator[Row]:
    tokens = place.ask("people", "visitors", str(SOCKETS + WARM))
    _allow_files()  # children inherit it
    place.house.start()
    held, kib = asyncio.run(_hold(place, tokens))
    yield Row("idle sockets held in one process", str(held), "-", held, f"≥ {SOCKETS}")
    yield Row("memory of each", f"{kib:.0f} KiB", "-", kib, "≤ 60")


def _allow_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _hold(place: Place, tokens: list[str]) -> tuple[int, float]:
    """How many are still open when all are, and KiB of the server for each."""
    port, limit = place.house.port, asyncio.Semaphore(AT_ONCE)

    async def one(token: str) -> wire.ClientConnection:
        async with limit:
            return (await wire.visitor(port, token))[0]

    await asyncio.gather(*(one(token) for token in tokens[:WARM]))  # threads, caches: not the sockets' own
    before = resident_kib(place.pid)
    sockets = await asyncio.gather(*(one(token) for token in tokens[WARM:]))
    after = resident_kib(place.pid)
    held = sum(socket.state.name == "OPEN" for socket in sockets)
    return held, (after - before) / SOCKETS
