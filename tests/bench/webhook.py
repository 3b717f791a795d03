"""A signed webhook: accepted, stored, routed, announced, eight at a time."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from itertools import count, islice
from statistics import median, quantiles

from tests.bench import load
from tests.bench.place import Place
from tests.bench.process_figures import cpu_seconds
from tests.bench.table import Row
from tests.crash.furnish import SECRET

ROUNDS, EACH = 5, 160
STATEMENTS = {"follow-up": 12, "stranger": 22}
Deliveries = Callable[[str], list[bytes]]


def signed(path: str, message: dict[str, object]) -> bytes:
    body, timestamp = json.dumps({"messages": [message]}).encode(), str(int(time.time()))
    seal = hmac.new(SECRET.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return load.request(
        "POST", path, body=body, Content_Type="application/json", Sportello_Timestamp=timestamp,
        Sportello_Signature=f"v1={seal}",
    )  # fmt: skip


def strangers(numbers: Iterator[int]) -> Deliveries:
    """First messages of people nobody knows yet."""

    def make(path: str) -> list[bytes]:
        return [signed(path, message(number, f"u-{number}")) for number in islice(numbers, EACH)]

    return make


def follow_ups(numbers: Iterator[int]) -> Deliveries:
    """Further messages in sixty conversations that are open already."""

    def make(path: str) -> list[bytes]:
        return [signed(path, message(number, f"k-{number % 60}")) for number in islice(numbers, EACH)]

    return make


def message(number: int, who: str) -> dict[str, object]:
    return {
        "id": f"m-{number}", "thread": who, "from": {"id": who, "name": "Giulia Ferri"}, "subject": "Orari",
        "text": "Buongiorno, quando apre l'anagrafe il sabato? Vorrei rinnovare la carta d'identità.", "language": "it",
    }  # fmt: skip


def run(place: Place) -> Iterator[Row]:
    place.start()
    numbers = count()
    yield from _measured(place, "webhook, stranger", strangers(numbers))
    yield from _measured(place, "webhook, follow-up", follow_ups(numbers))
    place.stop()
    told = place.ask("statements")
    for name, most in STATEMENTS.items():
        asking, every = told[name]
        yield Row(f"SQL statements, {name}", f"{asking} (+{every - asking} BEGIN…)", "-", asking, f"≤ {most}")


def _measured(place: Place, name: str, make: Deliveries) -> Iterator[Row]:
    """Alternating rounds, medians of their rates; a first round of each warms both up."""
    ours, bare = (
        Server(place.house.port, "/hooks/program/", place.pid),
        Server(place.bare_port, "/hook/", place.bare_pid),
    )
    for server in (ours, bare):
        load.send(server.port, make(server.path))
    for _round in range(ROUNDS):
        for server in (ours, bare):
            server.take(make(server.path))
    rate, ceiling = median(ours.rates), median(bare.rates)
    yield Row(f"{name}, /s", f"{rate:.0f}", f"{ceiling:.0f}", rate / ceiling, "≥ 0.25")
    yield Row("  CPU of the server for each", f"{ours.cpu:.1f} ms", f"{bare.cpu:.1f} ms", ours.cpu / bare.cpu)
    yield Row("  answered within, p99", f"{ours.p99:.0f} ms", f"{bare.p99:.0f} ms", ours.p99 / bare.p99)


class Server:
    """One of the two that are compared, and what it showed."""

    def __init__(self, port: int, path: str, pid: int) -> None:
        self.port, self.path, self.pid = port, path, pid
        self.rates: list[float] = []
        self.latencies: list[float] = []
        self.spent = 0.0

    def take(self, requests: list[bytes]) -> None:
        before = cpu_seconds(self.pid)
        sent = load.send(self.port, requests)
        self.spent += cpu_seconds(self.pid) - before
        self.rates.append(sent.rate)
        self.latencies += sent.latencies

    @property
    def cpu(self) -> float:
        """Milliseconds for each request."""
        return 1000 * self.spent / len(self.latencies)

    @property
    def p99(self) -> float:
        """Milliseconds."""
        return 1000 * quantiles(self.latencies, n=100)[-1]
