"""Takes the same mails with the product and with the minimum, by turns, in one process on one database."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import django

from tests.bench.mail_samples import mails

ROUNDS, EACH = 5, 40
Take = Callable[[bytes], None]


def product() -> Take:
    """As the poll does it: the account is loaded once, each mail goes through the whole way in."""
    from channels_adapters.contract import RawRequest
    from contactcenter.accounts import accounts
    from contactcenter.intake.accept import accept

    account = accounts.find("mail")

    def take(raw: bytes) -> None:
        accept(account, RawRequest(door="poll", body=raw))

    return take


def timed(take: Take, folder: list[bytes]) -> tuple[float, float]:
    """Mails per second, and milliseconds of CPU for each."""
    wall, cpu = time.perf_counter(), time.process_time()
    for raw in folder:
        take(raw)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return len(folder) / wall, 1000 * cpu / len(folder)


def stored() -> dict[str, int]:
    from contactcenter.outbox.models import OutboxItem
    from contactcenter.queues.models import WorkItem
    from crm.models import Message

    return {
        "messages": Message.objects.filter(direction="in").count(),
        "acknowledged": OutboxItem.objects.count(),
        "queued": WorkItem.objects.filter(state="waiting").count(),
    }


def main(folder: Path) -> dict[str, object]:
    from tests.bench.bare import mail as bare

    ours, minimum = product(), lambda raw: bare.take(raw, folder)
    every: list[bytes] = []
    ours_figures, bare_figures = [], []
    for turn in range(ROUNDS + 1):  # the first warms up
        sample = mails(EACH, first=turn * EACH)
        every += sample
        ours_figures.append(timed(ours, sample))
        bare_figures.append(timed(minimum, sample))
    before = stored()
    assert before == dict.fromkeys(before, len(every)), f"of {len(every)} mails: {before}"
    again = timed(ours, every)
    return {
        "ours": _medians(ours_figures[1:]),
        "bare": _medians(bare_figures[1:]),
        "again": again[0],
        "stored_again": stored()["messages"] - before["messages"],
    }


def _medians(figures: list[tuple[float, float]]) -> tuple[float, float]:
    return median(rate for rate, _cpu in figures), median(cpu for _rate, cpu in figures)


if __name__ == "__main__":
    django.setup()
    with tempfile.TemporaryDirectory() as place:
        print(json.dumps(main(Path(place))))
