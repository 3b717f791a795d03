"""Contacts that really came, from a CSV file: one line each."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from contactcenter.management.staffing.hours import Days
from contactcenter.management.staffing.toml_table import WrongPlan
from contactcenter.routing import expression, matching
from contactcenter.routing.simulation.plan import NEVER, Arrival, Chance

COLUMNS = ("at", "queue", "family", "handling", "patience", "language", "requirements", "priority", "citizen")
MOST_ROWS = 2_000_000


def replayed(
    path: Path,
    days: Days,
    queues: Mapping[str, int],
    *,
    queue: str = "",
    family: str = "",
    handling: Chance | None = None,
) -> list[Arrival]:
    """What stands in the file and falls into these days. `queue`, `family` and `handling` are for lines that don't say.

    Raises `WrongPlan` with the number of the line.
    """
    # Drawn lengths are the same in every run: it is always the same contact.
    random = Random(str(path.name))  # nosec B311
    usual = {"queue": queue, "family": family}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(_rows(csv.DictReader(file), str(path), days, queues, usual, handling, random))
    except OSError as error:
        raise WrongPlan(
            str(path),
            _("The file can't be read: %(why)s. Check its name and rights.") % {"why": error.strerror or error},
        ) from None
    except (UnicodeDecodeError, csv.Error):
        raise WrongPlan(str(path), _("The file isn't CSV in UTF-8. Save it so.")) from None


def _rows(
    table: csv.DictReader[str], path: str, days: Days, queues: Mapping[str, int], usual: Mapping[str, str],
    handling: Chance | None, random: Random,
) -> Iterator[Arrival]:  # fmt: skip
    unknown = [str(name) for name in table.fieldnames or [] if name not in COLUMNS]
    if unknown or "at" not in (table.fieldnames or []):
        sentence = _("The first line names the columns: “at” at least, and of these: %(known)s.")
        raise WrongPlan(path, sentence % {"known": ", ".join(COLUMNS)})
    for number, row in enumerate(table):
        if number >= MOST_ROWS:
            raise WrongPlan(path, _("There are more than two million lines. Replay a part of them."))
        told = {name: (row.get(name) or "").strip() for name in COLUMNS}
        told |= {name: value for name, value in usual.items() if not told[name]}
        drawn = handling.draw(random) if handling else None
        arrival = _Line(told, f"{path}:{table.line_num}").arrival(days, queues, drawn)
        if 0 <= arrival.at < days.seconds:
            yield arrival


class _Line:
    def __init__(self, told: Mapping[str, str], place: str) -> None:
        self.told, self.place = told, place

    def arrival(self, days: Days, queues: Mapping[str, int], handling: float | None) -> Arrival:
        return Arrival(
            at=days.since(self._moment(days.zone)),
            queue=queues[self._one_of("queue", tuple(queues))],
            family=self._one_of("family", matching.FAMILIES),
            handling=self._seconds("handling", handling),
            patience=self._seconds("patience", NEVER),
            language=self.told["language"][:2].lower(),
            requirements=self._requirements(),
            priority=int(self._number("priority", 0.0)),
            citizen=self.told["citizen"],
        )

    def _moment(self, zone: str) -> datetime:
        """Local time of the plan's zone, unless it names an offset."""
        try:
            found = datetime.fromisoformat(self.told["at"])
        except ValueError:
            sentence = _("“%(text)s” is not a moment. Write it as 2026-11-23T08:31:05.")
            raise WrongPlan(self.place, sentence % {"text": self.told["at"][:40]}) from None
        return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)

    def _one_of(self, name: str, known: tuple[str, ...]) -> str:
        found = self.told[name]
        if found not in known:
            sentence = _("“%(found)s” is not known here. Write one of: %(known)s.")
            raise WrongPlan(f"{self.place} · {name}", sentence % {"found": found[:40], "known": ", ".join(known)})
        return found

    def _number(self, name: str, default: float | None) -> float:
        text = self.told[name]
        if not text and default is not None:
            return default
        try:
            found = float(text)
        except ValueError:
            found = math.nan
        if not math.isfinite(found):
            raise WrongPlan(
                f"{self.place} · {name}",
                _("“%(text)s” is not a number. Write digits, with a point for decimals.") % {"text": text[:40]},
            )
        return found

    def _seconds(self, name: str, default: float | None) -> float:
        found = self._number(name, default)
        if found < 0:
            raise WrongPlan(f"{self.place} · {name}", _("A time can't be less than nothing. Correct it."))
        return found

    def _requirements(self) -> str:
        try:
            return str(expression.read(self.told["requirements"])) if self.told["requirements"] else ""
        except expression.Mistake as mistake:
            raise WrongPlan(f"{self.place} · requirements", f"{mistake.sentence}\n{mistake.marked()}") from None
