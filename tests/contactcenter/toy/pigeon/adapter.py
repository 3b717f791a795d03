"""Carrier pigeons: a note on a ring in, a note on a ring out. A whole channel, dropped into a copy of the house."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy

from channels_adapters import contract
from channels_adapters.contract import (
    Abilities,
    Address,
    Event,
    InboundMessage,
    Outbound,
    RawRequest,
    Receipt,
    SendError,
    Unparseable,
    Untrusted,
    setting,
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    loft: str = setting(label=gettext_lazy("Folder that pigeons leave from"), default="")
    secret: str = setting(label=gettext_lazy("Stamp on our rings"), default="", secret=True)


class Adapter(contract.Adapter):
    kind = "pigeon"
    label = gettext_lazy("Carrier pigeon")
    abilities = Abilities(
        family="written", doors=frozenset({"webhook", "hand"}), reaches=frozenset({"loft"}), max_length=300
    )
    Settings = Settings

    def verify(self, raw: RawRequest) -> None:
        stamp = raw.headers.get("stamp", "")
        if raw.door == "webhook" and (not self.settings.secret or stamp != self.settings.secret):
            raise Untrusted(_("This ring isn't stamped."))

    def parse(self, raw: RawRequest) -> list[Event]:
        note = read(raw.body)
        return [
            InboundMessage(
                external_id=text(note, "ring"),
                sender=Address("loft", text(note, "loft"), note.get("name", "")),
                text=text(note, "note"),
            )
        ]

    def assign_id(self, key: str) -> str:
        return f"ring-{key}"

    def send(self, outbound: Outbound) -> Receipt:
        if not self.settings.loft:
            raise SendError(_("There is no loft to fly from. Name its folder."), permanent=True)
        flown = {"ring": outbound.external_id, "to": outbound.to[0].value, "note": outbound.text}
        with (Path(self.settings.loft) / "flown.jsonl").open("a", encoding="utf-8") as book:
            book.write(json.dumps(flown) + "\n")
        return Receipt(external_id=outbound.external_id)


def read(body: bytes) -> dict[str, Any]:
    try:
        note = json.loads(body)
    except (ValueError, RecursionError):
        note = None
    if not isinstance(note, dict):
        raise Unparseable(_("The note can't be read."))
    return note


def text(note: dict[str, Any], name: str) -> str:
    value = note.get(name)
    clean = value.replace("\x00", "").encode("utf-8", "ignore").decode().strip() if isinstance(value, str) else ""
    if not clean:
        raise Unparseable(_("The note can't be read."))
    return clean
