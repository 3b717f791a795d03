"""The line between Sportello and the world outside. Standard library only: no Django model crosses it.

A door turns what a citizen or a provider sent into a `RawRequest`; an adapter translates it into events;
the contact centre decides; what must leave goes back through the same adapter as an `Outbound`.
"""

from __future__ import annotations

import dataclasses
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal

Door = Literal["webhook", "poll", "socket", "form", "hand"]
Family = Literal["call", "chat", "written"]
AutomaticKind = Literal["", "auto-reply", "auto-generated", "list", "bounce", "own"]
DeliveryState = Literal["sent", "delivered", "read", "failed"]


# --- what arrives -------------------------------------------------------------------------------------------------


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


# --- what leaves --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OutboundFile:
    name: str
    content_type: str
    body: bytes


@dataclass(frozen=True, kw_only=True)
class OutboundMessage:
    key: str  # ours, unguessable, the same at every attempt: the provider's idempotency key where it takes one
    external_id: str = ""  # what `assign_id(key)` gave before the first attempt
    to: tuple[Address, ...] = ()
    text: str = ""
    html: str = ""  # ours, already safe
    subject: str = ""
    thread: str = ""
    tag: str = ""  # signed thread tag, [a-z0-9.] only; goes wherever the channel can carry it back to us
    references: tuple[str, ...] = ()  # external ids of the exchange, oldest first; the last is the one answered
    files: tuple[OutboundFile, ...] = ()
    automatic: bool = False  # an acknowledgement or notice, not a person's answer
    language: str = ""
    author: str = ""  # display name of who answers


Outbound = OutboundMessage


@dataclass(frozen=True)
class Receipt:
    """The provider took it. `external_id` wins over the assigned one."""

    external_id: str = ""
    state: DeliveryState = "sent"


# --- what became of an event; the adapter finds the words ----------------------------------------------------------


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


# --- live channels: what the citizen's open page is told. `LiveAdapter.frame` puts it on the wire -------------------


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
    """Place in the queue, from 1; the wait is an honest range in seconds, None where nothing can be said."""

    position: int
    wait_from: int | None = None
    wait_to: int | None = None


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


# --- errors ---------------------------------------------------------------------------------------------------------


class Untrusted(Exception):
    """The signature, token or secret is wrong or missing. Nothing is stored; the caller gets 403."""


class Unparseable(Exception):
    """The item can't be understood. It is kept as undeliverable, readable and replayable."""

    client_id: str = ""  # of the message it concerns, where that much was understood: a live page marks it as failed


class Unsupported(Exception):
    """This channel can't do that."""


class SendError(Exception):
    """Sending failed. `permanent`: no retry helps. `ambiguous`: the provider may have taken it all the same."""

    def __init__(self, reason: str, *, permanent: bool = False, ambiguous: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason  # a sentence for the agent, free of secrets and personal data
        self.permanent = permanent
        self.ambiguous = ambiguous


# --- settings of an account -------------------------------------------------------------------------------------------


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
    html: bool = False
    files: bool = False
    live: bool = False  # the citizen keeps a socket open to us; the adapter is a LiveAdapter
    typing: bool = False
    read_receipts: bool = False
    acknowledges: bool = False  # an automatic acknowledgement is customary here
    listens: bool = False  # `listen` can wait for news
    continuous: bool = False  # all words of one sender are one conversation until it is closed (chat, SMS)
    repeatable: bool = False  # sending the same key again after a crash is harmless: the far side folds the two
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


class Adapter(ABC):
    """One channel. Pure translation: parse has no I/O, no clock and no database; send and poll talk to the provider."""

    kind: ClassVar[str]  # = folder name
    label: ClassVar[Any]  # shown to administrators: text, or lazily translated text
    abilities: ClassVar[Abilities]
    Settings: ClassVar[type] = NoSettings

    def __init__(self, settings: Any, account: AccountFacts) -> None:
        self.settings = settings
        self.account = account

    def handshake(self, raw: RawRequest) -> RawResponse | None:
        """Answer a provider's set-up question (GET challenge), or None when this is an ordinary delivery."""
        return None

    @abstractmethod
    def verify(self, raw: RawRequest) -> None:
        """Raise `Untrusted` unless the item is genuine. A missing secret refuses, never admits."""

    def delivery_key(self, raw: RawRequest) -> str:
        """The provider's id of this delivery, else a hash of the body: the same thing twice has the same key."""
        return hashlib.sha256(raw.body).hexdigest()

    @abstractmethod
    def parse(self, raw: RawRequest) -> list[Event]:
        """Translate. Raise `Unparseable` with a sentence when it can't be understood."""

    def acknowledge(self, outcomes: Sequence[Outcome]) -> RawResponse:
        """The answer the provider gets once the item is safe."""
        return RawResponse()

    def poll(self, cursor: str) -> tuple[list[RawRequest], str]:
        """Fetch at most about 50 items after `cursor` ("" = from the beginning). An empty list = up to date.

        The new cursor is stored only after all items are. Raise `SendError` where the provider can't be reached.
        """
        raise Unsupported(f"{self.kind} has nothing to fetch.")

    def listen(self, seconds: float) -> bool:
        """Wait up to `seconds` for the provider to say that there is news; True = poll now."""
        raise Unsupported(f"{self.kind} can't wait for news.")

    def assign_id(self, key: str) -> str:
        """The external id our message will have, fixed before the first attempt; "" when the provider gives it."""
        return ""

    def can_reach(self, scheme: str) -> bool:
        """Can this account, as it is set up, send to an address of that scheme?"""
        return reaches_scheme(self.abilities, scheme)

    @abstractmethod
    def send(self, outbound: Outbound) -> Receipt:
        """Hand over to the provider. Raise `SendError` or `Unsupported`; never drop silently."""

    def find(self, outbound: Outbound) -> Receipt | None:
        """After an ambiguous send: did the provider take it? None = certainly not. Raise `Unsupported` if unknowable."""
        raise Unsupported(f"{self.kind} can't look up what it sent.")

    def check(self) -> list[str]:
        """What is wrong with this account, one whole sentence each; may talk to the provider. Used by `doctor`."""
        return []


@dataclass(frozen=True)
class Patience:
    """With a citizen who says nothing while an agent waits for their word. Minutes; 0 = never."""

    ask_after: int = 0  # then a notice asks whether they are still there
    end_after: int = 0  # after that the conversation ends for them; writing takes it up again


class LiveAdapter(Adapter):
    """A channel whose citizens keep a page of ours open: it owns that page and the frames on the socket."""

    page_template: ClassVar[str]  # the hosted page and the content of the embedded frame
    loader: ClassVar[str]  # static path of the script a town puts into its own site

    def allowed_origins(self) -> tuple[str, ...]:
        """Origins that may frame the page, open its socket and call its doors, besides our own."""
        return ()

    def patience(self) -> Patience:
        """How long an agent waits for a silent citizen."""
        return Patience()

    def requires_topic(self) -> bool:
        """Must the first words of a conversation name a public topic?"""
        return False

    @abstractmethod
    def frame(self, notice: Notice) -> str:
        """Put a notice on the wire."""
