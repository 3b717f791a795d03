"""What arrives: a raw item as a door took it, and the events that an adapter reads out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Door = Literal["webhook", "poll", "socket", "form", "hand"]
AutomaticKind = Literal["", "auto-reply", "auto-generated", "list", "bounce", "own"]
DeliveryState = Literal["sent", "delivered", "read", "failed"]


@dataclass(frozen=True)
class Address:
    """Where somebody can be reached. `scheme` is the identity space: two equal values in two schemes are two people."""

    scheme: str  # "mailto", "tel", "visitor", "external.<account>" …
    value: str  # already in the scheme's own normal form (lower-case mail address, E.164 number …)
    name: str = ""  # what they call themselves; never proof of anything


@dataclass(frozen=True)
class RawRequest:
    """One thing as it arrived, before anybody understood it. Header names are lower-case."""

    door: Door
    method: str = "POST"
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, Sequence[str]] = field(default_factory=dict)
    body: bytes = b""
    sender: Address | None = None  # whom the door itself recognised (a visitor's session); never taken from the body


@dataclass(frozen=True)
class RawResponse:
    status: int = 200
    content_type: str = "text/plain; charset=utf-8"
    body: bytes = b""


@dataclass(frozen=True)
class InboundFile:
    """A file of a message: its bytes, or the id of a file that the same sender uploaded before."""

    name: str
    content_type: str = "application/octet-stream"  # as declared; the true type is sniffed when stored
    body: bytes = b""
    upload: str = ""  # public id of a file this sender uploaded before
    content_id: str = ""  # for images shown inside the HTML, without <>
    inline: bool = False


@dataclass(frozen=True, kw_only=True)
class InboundMessage:
    """Somebody said something. `text` + `quoted` is the whole of it: nothing is thrown away."""

    external_id: str  # the provider's id of this message, unique in the account; made from a hash where it has none
    sender: Address
    text: str  # the new words
    quoted: str = ""  # repeated history below them, folded in the view
    html: str = ""  # as received, hostile; sanitised when stored
    subject: str = ""
    thread: str = ""  # the provider's id of the conversation, where it has one
    tags: tuple[str, ...] = ()  # candidates for our signed thread tag, as found in the recipients
    references: tuple[str, ...] = ()  # external ids this message answers, nearest first
    client_id: str = ""  # chosen by the sender's program, unique in the conversation: a repeat is the same message
    recipients: tuple[Address, ...] = ()
    reply_to: Address | None = None  # where an answer should go, when it isn't the sender
    files: tuple[InboundFile, ...] = ()
    sent_at: datetime | None = None  # by the sender's clock; shown, never trusted for order
    language: str = ""  # as the sender chose it (BCP 47), "" = unknown
    topic: str = ""  # slug of a topic the sender chose
    automatic: AutomaticKind = ""  # anything but "" is never answered by itself and reopens nothing
    sender_proof: str = ""  # e.g. "dmarc=pass" from our own border server; "" = a claim and no more
    remarks: tuple[str, ...] = ()  # oddities the agent should know: ("reply-to-differs", "encrypted" …)


@dataclass(frozen=True, kw_only=True)
class MessageEdited:
    external_id: str
    text: str


@dataclass(frozen=True, kw_only=True)
class DeliveryUpdate:
    """The provider tells what became of a message of ours, by its external id or by our own key."""

    state: DeliveryState
    external_id: str = ""
    key: str = ""  # our own message key (`OutboundMessage.key`), where the provider gives it back
    reason: str = ""  # for failed: a sentence for the agent
    address_dead: bool = False


# Live channels only: what a citizen's open page tells besides messages. None of these is stored as a delivery.
@dataclass(frozen=True)
class Hello:
    token: str
    last_seq: int = 0
    version: int = 1
    conversation: str = ""  # public id that `last_seq` counts in; "" = whichever is open


@dataclass(frozen=True)
class Typing:
    on: bool = True


@dataclass(frozen=True)
class Arrived:
    """Everything up to `seq` has reached the citizen's page."""

    seq: int


@dataclass(frozen=True)
class Seen:
    """Everything up to `seq` was on a visible, focused page."""

    seq: int


@dataclass(frozen=True)
class FetchRange:
    first: int
    last: int


@dataclass(frozen=True)
class Ping:
    n: int = 0


@dataclass(frozen=True)
class Ended:
    """The citizen ended the conversation."""


Event = InboundMessage | MessageEdited | DeliveryUpdate | Hello | Typing | Arrived | Seen | FetchRange | Ping | Ended
