"""`make bench`: each bench against a ceiling measured in the same run. `make bench ARGS="mail webhook"` runs some.

On SQLite with everything in one process, or on what DATABASE_URL and REDIS_URL name. Figures are for reading: a ratio
that misses its reach says MISSED and fails nothing.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator

from tests.bench import api, chat, crowd, desk, mail, matching, queue_page, simulation, sockets, webhook
from tests.bench.place import Place, place
from tests.bench.table import HEAD, Row

BENCHES: dict[str, Callable[[Place], Iterator[Row]]] = {
    "webhook": webhook.run,
    "chat": chat.run,
    "mail": mail.run,
    "api": api.run,
    "sockets": sockets.run,
    "queue": queue_page.run,
    "matching": matching.run,
    "simulation": simulation.run,
    "desk": desk.run,
    "crowd": crowd.run,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"There is no bench called {', '.join(unknown)}. Known: {', '.join(BENCHES)}.", file=sys.stderr)
        return 2
    began, missed = time.monotonic(), 0
    for name in names or BENCHES:
        with place() as here:
            if not missed and name == (names or list(BENCHES))[0]:
                print(f"On {here.mode}.\n{HEAD}", flush=True)
            for row in BENCHES[name](here):
                missed += row.verdict == "MISSED"
                print(row, flush=True)
    print(f"{missed} missed. It took {time.monotonic() - began:.0f} seconds.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
