"""What a channel can do, and the settings of an account. Core code asks for abilities, never for which channel it is."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from channels_adapters.contract.arriving import Door

Family = Literal["call", "chat", "written"]


def setting(
    *, label: Any, help: Any = "", default: Any = dataclasses.MISSING, secret: bool = False, choices: Sequence[str] = ()
) -> Any:
    """A field of an adapter's `Settings`. The form is drawn from it; a secret is encrypted at rest and never shown.

    Types the form knows: str, int, bool, tuple[str, ...] (one per line).
    """
    metadata = {"label": label, "help": help, "secret": secret, "choices": tuple(choices)}
    if default is dataclasses.MISSING:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class NoSettings:
    """For channels with nothing to set."""


@dataclass(frozen=True, kw_only=True)
class Abilities:
    """What a channel can do. Core code asks these and never which channel it is."""

    family: Family  # which capacity of an agent it takes
    doors: frozenset[Door]
    reaches: frozenset[str]  # address schemes `send` can reach
    icon: str = "message"  # name in the desk's icon sprite: chat, mail, phone, message, program, public, counter
    subject: bool = False
    html: bool = False  # an answer may be formatted: `OutboundMessage.html` goes beside its text
    files: bool = False
    live: bool = False  # the citizen keeps a socket open to us; the adapter is a LiveAdapter
    typing: bool = False
    read_receipts: bool = False
    acknowledges: bool = False  # an automatic acknowledgement is customary here
    listens: bool = False  # `listen` can wait for news
    continuous: bool = False  # all words of one sender are one conversation until it is closed (chat, SMS)
    repeatable: bool = False  # sending the same key again after a crash is harmless: the far side folds the two
    starts: bool = False  # may write first to an address, without having been written to
    segments: bool = False  # a text leaves, and is paid for, as short messages: see `segments`
    reply_within: timedelta | None = None  # an answer is taken only so long after the citizen's last words
    max_length: int = 8000  # characters of one message out
    max_files: int = 5
    max_file_size: int = 10 * 1024 * 1024  # bytes


def reaches_scheme(abilities: Abilities, scheme: str) -> bool:
    """Can the channel send to an address of that scheme? "external" covers every "external.<account>"."""
    return scheme in abilities.reaches or scheme.partition(".")[0] in abilities.reaches


@dataclass(frozen=True)
class AccountFacts:
    """What an adapter may know about the account it works for."""

    slug: str
    name: str
    language: str = "it"
    base_url: str = "http://127.0.0.1:8000"  # our own public address, without trailing slash
