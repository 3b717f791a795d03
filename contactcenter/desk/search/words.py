"""What somebody typed to find something, and where its words stand in a text."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Q

LONGEST = 80  # characters of a question
SHORTEST = 2
MOST_WORDS = 5
AROUND = 50  # characters of an excerpt before the first word found
EXCERPT = 150  # characters
NUMBER = re.compile(r"^\+?[\d\s().\-/]{4,}$")  # a telephone number as people write it


class Piece(NamedTuple):
    text: str
    found: bool


@dataclass(frozen=True)
class Question:
    """`text` as typed, in one line; `words` all have to be found."""

    text: str
    words: tuple[str, ...]
    number: str = ""  # the digits, with a leading plus, where it looks like a telephone number

    def __bool__(self) -> bool:
        return len(self.text) >= SHORTEST


def read(typed: str) -> Question:
    text = " ".join(unicodedata.normalize("NFC", typed[: LONGEST * 2]).replace("\0", "").split())[:LONGEST].strip()
    number = re.sub(r"[^\d+]", "", text) if NUMBER.match(text) else ""
    return Question(text, tuple(dict.fromkeys(text.split()))[:MOST_WORDS], number if len(number) >= 4 else "")


def _spellings(word: str) -> set[str]:
    """SQLite knows capitals of ASCII only."""
    return {word} if word.isascii() else {word, word.lower(), word.capitalize(), word.upper()}


def inside(field: str, word: str) -> Q:
    found = Q()
    for spelling in _spellings(word):
        found |= Q(**{f"{field}__icontains": spelling})
    return found


def begins(field: str, word: str) -> Q:
    """One of the words in `field` begins so."""
    found = Q()
    for spelling in _spellings(word):
        found |= Q(**{f"{field}__istartswith": spelling}) | Q(**{f"{field}__icontains": f" {spelling}"})
    return found


def marked(text: str, words: Sequence[str]) -> list[Piece]:
    """The text in pieces, those found marked. What a template joins is the text again, whole."""
    wanted = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    if not wanted:
        return [Piece(text, False)]
    parts = re.split(f"({wanted})", text, flags=re.IGNORECASE)
    return [Piece(part, place % 2 == 1) for place, part in enumerate(parts) if part]


def excerpt(text: str, words: Sequence[str]) -> str:
    """A line around the first of the words."""
    line = " ".join(text.split())
    found = [place for word in words if (place := line.lower().find(word.lower())) >= 0]
    start = max(0, min(found, default=0) - AROUND)
    if start:
        start = line.find(" ", start) + 1 or start
    cut = line[start : start + EXCERPT]
    return ("… " if start else "") + cut + (" …" if start + EXCERPT < len(line) else "")
