"""One row per bench: our figure, the ceiling of the same run, their ratio, and what was to be reached."""

from __future__ import annotations

from dataclasses import dataclass

WIDTHS = (46, 16, 16, 8, 9)


@dataclass(frozen=True)
class Row:
    name: str
    ours: str
    ceiling: str = "-"
    ratio: float | None = None
    reach: str = ""  # "≥ 0.25", "≤ 6": empty = a figure to know, nothing to reach

    @property
    def verdict(self) -> str:
        if not self.reach or self.ratio is None:
            return ""
        sign, _, limit = self.reach.partition(" ")
        kept = self.ratio >= float(limit) if sign == "≥" else self.ratio <= float(limit)
        return "ok" if kept else "MISSED"

    def __str__(self) -> str:
        ratio = "-" if self.ratio is None else f"{self.ratio:.2f}"
        cells = (self.name, self.ours, self.ceiling, ratio, self.reach)
        padded = (cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True))
        return f"{' | '.join(padded)} | {self.verdict}".rstrip()


HEAD = " | ".join(
    word.ljust(width) for word, width in zip(("bench", "ours", "ceiling", "ratio", "reach"), WIDTHS, strict=True)
)
