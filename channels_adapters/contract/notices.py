"""Live channels: what the citizen's open page is told. `LiveAdapter.frame` puts it on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True)
class SharedFile:
    id: str
    name: str
    size: int  # bytes
    content_type: str
    url: str  # short-lived, signed


@dataclass(frozen=True, kw_only=True)
class Said:
    """One message as the citizen may see it. `previous` is the seq of the visible one before: a hole shows."""

    seq: int
    previous: int
    mine: bool  # said by the citizen
    author: str
    text: str
    at: datetime
    client_id: str = ""
    automatic: bool = False
    files: tuple[SharedFile, ...] = ()


@dataclass(frozen=True)
class Place:
    """Place in the queue, from 1; the wait is an honest range in seconds, None where nothing can be said.

    `text` is what the office says meanwhile. `in_writing`: nobody will come into this conversation soon, the answer is
    written later; then there is no place. `title` stands above it where that isn't plain. `call`: the citizen may ask to
    be called back, or was promised it.
    """

    position: int
    wait_from: int | None = None
    wait_to: int | None = None
    text: str = ""
    in_writing: bool = False
    title: str = ""
    call: Literal["", "ask", "promised"] = ""


@dataclass(frozen=True, kw_only=True)
class Welcome:
    conversation: str  # public id, "" before the first message
    seq: int  # newest visible one
    state: Literal["new", "waiting", "talking", "closed"]
    agent: str = ""
    may_resume: bool = False  # closed, but the next word takes it up again
    place: Place | None = None
    delivered: int = 0  # how far the citizen's words reached an agent's page
    read: int = 0  # how far an agent has read
    limits: Mapping[str, Any] = field(default_factory=dict)  # max_length, max_files, max_file_size


@dataclass(frozen=True)
class Accepted:
    client_id: str
    seq: int
    at: datetime


@dataclass(frozen=True)
class StateChanged:
    state: Literal["new", "waiting", "talking", "closed"]
    agent: str = ""
    may_resume: bool = False  # as in `Welcome`


@dataclass(frozen=True)
class AgentTyping:
    name: str
    seconds: int = 6


@dataclass(frozen=True)
class AgentHas:
    """Everything the citizen said up to `seq` is on a page that an agent has open; whether it was read is another matter."""

    seq: int


@dataclass(frozen=True)
class AgentSeen:
    seq: int


@dataclass(frozen=True)
class Gap:
    """More was missed than a socket replays: fetch first…last over HTTP."""

    first: int
    last: int


@dataclass(frozen=True)
class Pong:
    n: int


@dataclass(frozen=True)
class Refused:
    code: str  # "too-long", "too-fast", "unreadable", "forbidden" …
    text: str  # a sentence in the visitor's language
    retry_after: int = 0  # seconds
    client_id: str = ""


@dataclass(frozen=True)
class Goodbye:
    reason: str
    retry: bool = True


Notice = (
    Welcome
    | Accepted
    | Said
    | Place
    | StateChanged
    | AgentTyping
    | AgentHas
    | AgentSeen
    | Gap
    | Pong
    | Refused
    | Goodbye
)
