"""Matching: sixteen agents who take what is next at once, and what one match costs when the line and the team are long."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from json import loads

from tests.bench.place import BARE_SETTINGS, Place
from tests.bench.table import Row
from tests.crash.house import PYTHON, ROOT

AGENTS, ITEMS, BARE_ITEMS, ROUNDS = 16, 780, 6000, 3


def run(place: Place) -> Iterator[Row]:
    if not place.house.database_url:
        yield Row("match + claim, 16 agents at once", "needs PostgreSQL")
        return
    ours, bare = [], []
    for _round in range(ROUNDS):
        people = place.ask("line_up", str(AGENTS), str(ITEMS), str(BARE_ITEMS))
        bare.append(_rate(place, "bare", people))
        ours.append(_rate(place, "ours", people))
    best, ceiling = max(ours), max(bare)
    yield Row("match + claim, 16 agents at once, /s", f"{best:.0f}", f"{ceiling:.0f}", best / ceiling, "≥ 0.2")
    few, many = place.ask("one_match", "10", "100"), place.ask("one_match", "100", "5000")
    yield Row("time per match, 100 agents, 5,000 waiting", _ms(many), _ms(few), many / few, "≤ 1.5")


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.2f} ms"


def _rate(place: Place, whose: str, people: list[int]) -> float:
    """Taken per second by all together, from the first start to the last end."""
    command = [PYTHON, "-m", "tests.bench.claimer", whose]
    environment = {**place.house.environment, "DJANGO_SETTINGS_MODULE": BARE_SETTINGS, "LOG_LEVEL": "ERROR"}
    claimers = [
        subprocess.Popen(
            [*command, str(user)], cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for user in people
    ]
    for claimer in claimers:
        assert claimer.stdout is not None
        assert claimer.stdout.readline() == "ready\n"
    for claimer in claimers:
        assert claimer.stdin is not None
        claimer.stdin.write("go\n")
        claimer.stdin.flush()
    told = [loads(claimer.communicate(timeout=120)[0]) for claimer in claimers]
    seconds = max(end for _begin, end, _n in told) - min(begin for begin, _end, _n in told)
    return sum(n for _begin, _end, n in told) / seconds
