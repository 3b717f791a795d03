"""The virtual clock against theory: the two plans of docs/simulation that do what the formulas assume.

A plan is run with seed after seed, 1, 2, 3 …, until its means are known to 3 % (19 times in 20), so the ratio is of the
two figures and not of chance. A ratio says how far apart they are, whichever is the larger.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django

from tests.bench.place import Place
from tests.bench.table import Row

PLANS = Path(__file__).resolve().parents[2] / "docs" / "simulation"
FEWEST, MOST = 10, 400
REACH = "≤ 1.10"


def run(place: Place) -> Iterator[Row]:
    told = place.ask("simulation")
    for name, figures, shown in (
        ("3 days, 1,866 calls", told["three-days"], (("wait", "mean wait"), ("abandonment", "abandonment"))),
        ("30 days, 15,000 messages", told["a-month"], (("wait", "mean wait"),)),
    ):
        for key, words in shown:
            ours, half, theory = (figures[key][part] for part in ("mean", "half", "theory"))
            unit, factor = ("s", 1) if key == "wait" else ("%", 100)
            yield Row(
                f"{name}: {words}, {figures['runs']} runs",
                f"{factor * ours:.1f} ± {factor * half:.1f} {unit}",
                f"{figures['model']}: {factor * theory:.1f} {unit}",
                max(ours, theory) / min(ours, theory),
                REACH,
            )
        yield Row("  one run of it", f"{figures['seconds']:.2f} s")


def rounds(name: str) -> dict[str, Any]:
    """Runs of a plan until the interval is narrow, beside the formula for the same load."""
    from contactcenter.management.staffing.plan_file import read_plan
    from contactcenter.management.staffing.theory import theory
    from contactcenter.routing.simulation import engine, results

    plan = read_plan(PLANS / f"{name}.toml")
    (key,) = results.of_queues(engine.run(plan))
    formula = theory(plan, plan.queues[0], key[1])
    assert not formula.why_not, f"{name}: {formula.why_not}"
    assert not formula.about, f"{name}: {formula.about}"
    found: list[results.QueueFigures] = []
    began, done = time.perf_counter(), False
    while not done:
        found.append(results.of_queues(engine.run(plan, seed=len(found) + 1))[key])
        wait = results.interval(figures.wait for figures in found)
        gone = results.interval(figures.abandonment for figures in found)
        assert wait is not None
        assert gone is not None
        enough = wait.is_narrow and (gone.is_narrow or not formula.abandonment)
        done = len(found) >= MOST or (enough and len(found) >= FEWEST)
    return {
        "runs": len(found),
        "seconds": (time.perf_counter() - began) / len(found),
        "model": f"Erlang {formula.name}",
        "wait": {"mean": wait.mean, "half": wait.half, "theory": formula.wait},
        "abandonment": {"mean": gone.mean, "half": gone.half, "theory": formula.abandonment},
    }


if __name__ == "__main__":
    django.setup()
    print(json.dumps({name: rounds(name) for name in ("three-days", "a-month")}))
