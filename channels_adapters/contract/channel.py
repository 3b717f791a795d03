"""The adapter itself: one channel, whole."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from channels_adapters.contract.abilities import Abilities, AccountFacts, NoSettings, reaches_scheme
from channels_adapters.contract.arriving import Event, RawRequest, RawResponse
from channels_adapters.contract.errors import Unsupported
from channels_adapters.contract.leaving import Outbound, Receipt
from channels_adapters.contract.notices import Notice
from channels_adapters.contract.outcomes import Outcome


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
    callback_template: ClassVar[str] = ""  # asks for a telephone number, or says which one is called; "" = it can't

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
