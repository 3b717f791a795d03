"""Raw bytes of a mail → queued, acknowledgement composed; and the same folder once more."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench.place import Place
from tests.bench.table import Row


def run(place: Place) -> Iterator[Row]:
    told = place.ask("mail_rounds")
    (ours, our_cpu), (bare, bare_cpu) = told["ours"], told["bare"]
    yield Row("mail → queued and acknowledged, /s", f"{ours:.0f}", f"{bare:.0f}", ours / bare, "≥ 0.5")
    yield Row("mail, CPU each", f"{our_cpu:.1f} ms", f"{bare_cpu:.1f} ms", our_cpu / bare_cpu)
    yield Row(
        f"the same folder again ({told['again']:.0f}/s), stored",
        str(told["stored_again"]),
        "-",
        told["stored_again"],
        "≤ 0",
    )
