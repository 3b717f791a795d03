"""What stands for something in a prepared text: `{{citizen}}`, `{{case}}` … A name between braces and nothing else:
nothing is computed, so a text from anywhere can do no harm.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

NAMES = ("citizen", "agent", "office", "case", "today")
_MARK = re.compile(r"\{\{[ \t]*([^{}\n]{0,40}?)[ \t]*\}\}")


@dataclass(frozen=True)
class Unknown:
    """A placeholder that nothing is known for. `line` counts from 1, `column` from 0; `source` is that line."""

    name: str
    line: int
    column: int
    source: str

    def marked(self) -> str:
        """The line, and carets under the placeholder."""
        return f"{self.source}\n{' ' * self.column}{'^' * max(1, len(self.name) + 4)}"


def unknown(text: str) -> list[Unknown]:
    """Placeholders of a text that don't exist, in order."""
    return [
        Unknown(found[1], number, found.start(), line)
        for number, line in enumerate(text.split("\n"), 1)
        for found in _MARK.finditer(line)
        if found[1] not in NAMES
    ]


def left(text: str) -> list[str]:
    """Known placeholders that are still in a text, each once: something is to be filled in by hand."""
    return list(dict.fromkeys(found[1] for found in _MARK.finditer(text) if found[1] in NAMES))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with what is known; the rest stays as it is."""
    return _MARK.sub(lambda found: values.get(found[1]) or found[0], text)
