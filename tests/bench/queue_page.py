"""The desk's page of what waits: with two hundred, with twenty thousand."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from statistics import median

from tests.bench import load
from tests.bench.place import Place
from tests.bench.table import Row

FEW, MANY, ROUNDS, EACH = 200, 20_000, 6, 12


def run(place: Place) -> Iterator[Row]:
    cookie = f"sessionid={place.ask('people', 'agent')}"
    place.ask("waiting_line", str(FEW))
    place.start()
    few, _bare = _measured(place, cookie)
    place.ask("waiting_line", str(MANY - FEW))
    many, bare = _measured(place, cookie)
    yield Row(f"queue page, {FEW} → {MANY} waiting", _ms(many), _ms(few), many / few, "≤ 1.2")
    yield Row("queue page against a bare 50-row page", _ms(many), _ms(bare), many / bare, "≤ 5")


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"


def _measured(place: Place, cookie: str) -> tuple[float, float]:
    """Medians of ours and of the bare page, by turns."""
    ours, bare = Reader(place.house.port, "/desk/", cookie), Reader(place.bare_port, "/rows/", "")
    assert ours.read().count(b"Giulia Ferri") >= 50, "the page must show a full page of people"
    found: tuple[list[float], list[float]] = ([], [])
    for _round in range(ROUNDS):
        for reader, seconds in zip((ours, bare), found, strict=True):
            reader.read()
            seconds += [reader.timed() for _time in range(EACH)]
    return median(found[0]), median(found[1])


class Reader:
    """One browser that loads one page again and again."""

    def __init__(self, port: int, path: str, cookie: str) -> None:
        self.asked = load.request("GET", path, Cookie=cookie)
        self.http = socket.create_connection(("127.0.0.1", port), 30)
        self.http.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read(self) -> bytes:
        self.http.sendall(self.asked)
        status, body = load.answer(self.http)
        assert status.split(b" ")[1] == b"200", status
        return body

    def timed(self) -> float:
        began = time.perf_counter()
        self.read()
        return time.perf_counter() - began
