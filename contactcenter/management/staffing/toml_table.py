"""A table of a TOML file that knows where it stands: every complaint names the place, and nothing is read past."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

LONGEST_TEXT = 500


class WrongPlan(ValueError):
    """A plan that can't be run: a whole sentence, and where."""

    def __init__(self, place: str, sentence: str) -> None:
        super().__init__(f"{place}: {sentence}" if place else sentence)


class TomlTable:
    """`taken` remembers which names somebody asked for: the others are mistakes."""

    def __init__(self, values: dict[str, Any], place: str = "") -> None:
        self.values, self.place = values, place
        self.taken: set[str] = set()

    def at(self, name: str) -> str:
        return f"{self.place} · {name}" if self.place else name

    def wrong(self, name: str, sentence: str) -> WrongPlan:
        return WrongPlan(self.at(name), sentence)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def _take(self, name: str, default: Any) -> Any:
        self.taken.add(name)
        if name in self.values:
            return self.values[name]
        if default is None:
            raise self.wrong(name, _("This is missing. Add it."))
        return default

    def text(self, name: str, default: str | None = None) -> str:
        found = self._take(name, default)
        if not isinstance(found, str) or len(found) > LONGEST_TEXT:
            raise self.wrong(name, _("Write a text in quotes here, of 500 characters at most."))
        return found

    def choice(self, name: str, known: tuple[str, ...], default: str | None = None) -> str:
        found = self.text(name, default)
        if found not in known:
            raise self.wrong(
                name,
                _("“%(found)s” is not known here. Write one of: %(known)s.")
                % {"found": found[:40], "known": ", ".join(known)},
            )
        return found

    def number(self, name: str, default: float | None = None, *, least: float = 0.0, most: float = 1e9) -> float:
        return checked_number(self._take(name, default), self.at(name), least, most)

    def whole(self, name: str, default: int | None = None, *, least: int = 0, most: int = 1_000_000) -> int:
        found = self._take(name, default)
        if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
            raise self.wrong(
                name, _("Write a whole number from %(least)d to %(most)d here.") % {"least": least, "most": most}
            )
        return found

    def day(self, name: str) -> date:
        found = self._take(name, None)
        if not isinstance(found, date) or isinstance(found, datetime) or not 2000 <= found.year <= 2200:
            raise self.wrong(name, _("Write a day such as 2026-11-23 here, without quotes."))
        return found

    def texts(self, name: str, default: list[str] | None = None) -> list[str]:
        found = self._take(name, default)
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise self.wrong(name, _('Write a list of texts here, such as ["one", "two"].'))
        return found

    def numbers(self, name: str, *, least: float = 0.0, most: float = 1e9) -> dict[str, float]:
        """A table of numbers by name; none = empty."""
        table = self.table(name)
        return {key: table.number(key, least=least, most=most) for key in table.values}

    def table(self, name: str) -> TomlTable:
        found = self._take(name, {})
        if not isinstance(found, dict):
            raise self.wrong(name, _("Write a table here, such as { call = 20 }."))
        return TomlTable(found, self.at(name))

    def tables(self, name: str, title: Callable[[dict[str, Any]], str] = lambda _values: "") -> list[TomlTable]:
        """A list of tables, each under its number and, where it has one, its name."""
        found = self._take(name, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise self.wrong(name, _("Write a list of tables here."))
        return [
            TomlTable(values, " ".join(filter(None, (self.at(name), str(number), title(values)))))
            for number, values in enumerate(found, start=1)
        ]

    def raw(self, name: str) -> Any:
        """Whatever stands there; the caller checks it. None = nothing."""
        self.taken.add(name)
        return self.values.get(name)

    def done(self) -> None:
        """Raises `WrongPlan` for a name that nobody asked for."""
        for name in self._unknown():
            known = ", ".join(sorted(self.taken))
            raise self.wrong(name, _("Nothing is called so here. Known: %(known)s.") % {"known": known})

    def _unknown(self) -> Iterator[str]:
        return (name for name in self.values if name not in self.taken)


def checked_number(found: Any, place: str, least: float, most: float) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float) or math.isnan(found):
        raise WrongPlan(place, _("Write a number here, without quotes."))
    if not least <= found <= most:
        raise WrongPlan(
            place, _("Write a number from %(least)s to %(most)s here.") % {"least": f"{least:g}", "most": f"{most:g}"}
        )
    return float(found)
