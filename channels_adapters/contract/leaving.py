"""What leaves, and the receipt for it."""

from __future__ import annotations

from dataclasses import dataclass

from channels_adapters.contract.arriving import Address, DeliveryState


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
