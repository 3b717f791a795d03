"""A channel made of paper: JSON in, a list out. Its provider does what a test tells it to."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.test import Client

from channels_adapters import contract
from channels_adapters.contract import (
    Abilities,
    Address,
    DeliveryUpdate,
    Event,
    InboundFile,
    InboundMessage,
    MessageEdited,
    OutboundMessage,
    Outcome,
    RawRequest,
    RawResponse,
    Receipt,
    SendError,
    Unparseable,
    Unsupported,
    Untrusted,
    setting,
)  # fmt: skip

GIULIA = {
    "id": "g-1",
    "from": "giulia",
    "name": "Giulia Ferri",
    "text": "Ho pagato due volte la TARI.",
    "subject": "TARI",
}

posted: list[OutboundMessage] = []  # what the provider has
trouble: list[BaseException] = []  # what happens at the next attempts, first one first
lost_answers: list[str] = []  # taken by the provider, but the answer got lost: one entry per attempt
can_look_up = [False]


def reset() -> None:
    posted.clear()
    trouble.clear()
    lost_answers.clear()
    can_look_up[0] = False


@dataclass(frozen=True, kw_only=True)
class Settings:
    secret: str = setting(label="Secret", secret=True, default="")


class Adapter(contract.Adapter):
    kind = "paper"
    label = "Paper"
    abilities = Abilities(
        family="written", doors=frozenset({"webhook", "hand", "poll"}), reaches=frozenset({"paper", "mailto"}), subject=True,
        files=True, acknowledges=True, max_length=2000,
    )  # fmt: skip
    Settings = Settings

    def verify(self, raw: RawRequest) -> None:
        if raw.door == "webhook" and (not self.settings.secret or raw.headers.get("x-ink") != self.settings.secret):
            raise Untrusted

    def delivery_key(self, raw: RawRequest) -> str:
        return raw.headers.get("x-delivery") or super().delivery_key(raw)

    def parse(self, raw: RawRequest) -> list[Event]:
        try:
            sheets = json.loads(raw.body)
        except ValueError:
            raise Unparseable("The sheet can't be read.") from None
        return [self._event(sheet) for sheet in (sheets if isinstance(sheets, list) else [sheets])]

    def _event(self, sheet: dict[str, Any]) -> Event:
        if "state" in sheet:
            return DeliveryUpdate(
                state=sheet["state"],
                external_id=sheet.get("id", ""),
                key=sheet.get("key", ""),
                reason=sheet.get("reason", ""),
            )
        if "edit" in sheet:
            return MessageEdited(external_id=sheet["edit"], text=sheet["text"])
        if sheet.get("explode"):
            raise RuntimeError("the translator tripped")
        return InboundMessage(
            external_id=sheet.get("id", ""), sender=Address("paper", sheet["from"], sheet.get("name", "")),
            text=sheet["text"], html=sheet.get("html", ""), subject=sheet.get("subject", ""), topic=sheet.get("topic", ""),
            tags=tuple(sheet.get("tags", ())), references=tuple(sheet.get("references", ())), thread=sheet.get("thread", ""),
            reply_to=Address("paper", sheet["reply_to"]) if "reply_to" in sheet else None,
            client_id=sheet.get("client_id", ""), automatic=sheet.get("automatic", ""), language=sheet.get("language", ""),
            files=tuple(InboundFile(name=name, body=text.encode()) for name, text in sheet.get("files", {}).items()),
        )  # fmt: skip

    def acknowledge(self, outcomes: Sequence[Outcome]) -> RawResponse:
        return RawResponse(body=",".join(type(outcome).__name__ for outcome in outcomes).encode())

    def assign_id(self, key: str) -> str:
        return f"sheet-{key}"

    def send(self, outbound: OutboundMessage) -> Receipt:
        if trouble:
            raise trouble.pop(0)
        posted.append(outbound)
        if lost_answers:
            raise SendError(lost_answers.pop(0), ambiguous=True)
        return Receipt(external_id=outbound.external_id)

    def find(self, outbound: OutboundMessage) -> Receipt | None:
        if not can_look_up[0]:
            raise Unsupported("Paper keeps no list.")
        return next((Receipt(external_id=sheet.external_id) for sheet in posted if sheet.key == outbound.key), None)


def post(client: Client, sheet: object, *, ink: str = "inchiostro", delivery: str = "") -> Any:
    """Hand a sheet in at the door of the account `carta`, signed in its ink."""
    headers = {"x-ink": ink, **({"x-delivery": delivery} if delivery else {})}
    body = sheet if isinstance(sheet, str) else json.dumps(sheet)
    return client.post("/hooks/carta/", body, content_type="application/json", headers=headers)
