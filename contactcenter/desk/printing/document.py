"""What is printed, apart from how: titles, labelled values, and lines in their order. Its hash stands on every page."""

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum

Labelled = tuple[tuple[str, str], ...]  # label, value


class Shape(StrEnum):
    DAY = "day"
    IN = "in"  # the citizen's words
    OUT = "out"  # the office's words
    NOTE = "note"  # internal
    FACT = "fact"  # what the house did


@dataclass(frozen=True)
class Line:
    shape: Shape
    heading: str = ""  # who and when
    text: str = ""
    below: tuple[str, ...] = ()  # files, remarks, states: one sentence each


@dataclass(frozen=True)
class Part:
    title: str
    about: Labelled = ()
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Document:
    title: str
    about: Labelled
    parts: tuple[Part, ...]

    @property
    def seal(self) -> str:
        """SHA-256, 64 hexadecimal digits, over all that is printed but for who printed it and when: the same contents in
        the same language always have the same."""
        content = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
