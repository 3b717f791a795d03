"""A case opened over the API by a program with its token, eight at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from statistics import median

from tests.bench import load
from tests.bench.place import Place
from tests.bench.process_figures import cpu_seconds
from tests.bench.table import Row

ROUNDS, EACH = 5, 160


def run(place: Place) -> Iterator[Row]:
    key = place.ask("people", "program")
    place.start()
    body = json.dumps({"subject": "Rimborso TARI", "office": "accoglienza"}).encode()
    ours = load.request(
        "POST", "/api/v1/cases/", body=body, Content_Type="application/json", Authorization=f"Bearer {key}"
    )
    bare = load.request("POST", "/cases/", body=body, Content_Type="application/json")
    rates: tuple[list[float], list[float]] = ([], [])
    load.send(place.house.port, [ours] * 40)
    load.send(place.bare_port, [bare] * 40)
    spent = cpu_seconds(place.pid)
    for _round in range(ROUNDS):
        rates[0].append(load.send(place.house.port, [ours] * EACH).rate)
        rates[1].append(load.send(place.bare_port, [bare] * EACH).rate)
    cpu = 1000 * (cpu_seconds(place.pid) - spent) / (ROUNDS * EACH)
    rate, ceiling = median(rates[0]), median(rates[1])
    yield Row(f"API, open a case, /s ({cpu:.1f} ms CPU)", f"{rate:.0f}", f"{ceiling:.0f}", rate / ceiling, "≥ 0.4")
