"""What became of an event; the adapter finds the words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recorded:
    interaction: str  # public id
    seq: int = 0
    client_id: str = ""


@dataclass(frozen=True)
class Duplicate:
    interaction: str = ""
    seq: int = 0
    client_id: str = ""


@dataclass(frozen=True)
class Ignored:
    reason: str


@dataclass(frozen=True)
class Stored:
    """Safe, but not understood yet: it will be retried."""


@dataclass(frozen=True)
class Undeliverable:
    """Safe, but it can't be understood as it is; `reason` is a sentence. Kept, shown to the administrator, replayable."""

    reason: str


Outcome = Recorded | Duplicate | Ignored | Stored | Undeliverable
