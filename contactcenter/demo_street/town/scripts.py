"""The data files beside this module, read into plain objects."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Person:
    """Somebody who writes to the town."""

    first_name: str
    last_name: str
    gender: str
    language: str
    street: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True)
class Turn:
    who: str  # "in" (citizen), "out" (agent), "note"
    pause: float  # minutes after the turn before
    text: str


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One conversation as the data files tell it."""

    slug: str
    account: str
    turns: tuple[Turn, ...]
    topic: str = ""
    language: str = "it"
    subject: str = ""
    times: int = 1  # how often something like it happened in the week, to different people
    writer: str = ""  # gender of who writes, where the words show it
    outcome: str = ""
    case: str = ""  # status of its case at the end; "" = no case unless the account opens one
    task: str = ""  # what the back office had to do
    mood: str = ""  # for whoever edits the files: calm where nothing stands
    age: int = 0  # minutes since it began, for what is still open
    owner: str = ""  # who has it, for what is still open; "" = it waits

    @property
    def is_open(self) -> bool:
        return self.age > 0


@cache
def canned() -> dict[str, Any]:
    return _read(DATA / "canned.toml")


@cache
def organisation() -> dict[str, Any]:
    return _read(DATA / "organisation.toml")


@cache
def people() -> tuple[Person, ...]:
    return tuple(Person(*row) for row in _read(DATA / "citizens.toml")["people"])


@cache
def exchanges() -> tuple[Exchange, ...]:
    files = sorted((DATA / "exchanges").glob("*.toml"))
    return tuple(_exchange(row) for file in files for row in _read(file)["exchange"])


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _exchange(row: dict[str, Any]) -> Exchange:
    fields = {name: value for name, value in row.items() if name not in {"turns", "with"}}
    return Exchange(**fields, turns=tuple(Turn(*turn) for turn in row["turns"]), owner=row.get("with", ""))
