"""What a program is told: our messages out, and what became of its own."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from channels_adapters.contract import (
    Address,
    Duplicate,
    Ignored,
    Outbound,
    Outcome,
    RawResponse,
    Recorded,
    Undeliverable,
)


def message(outbound: Outbound) -> bytes:
    """One message of ours. `key` is the same at every attempt: whoever has seen it has the message."""
    return _json(
        {
            "type": "message",
            "key": outbound.key,
            "to": [_address(address) for address in outbound.to],
            "text": outbound.text,
            "subject": outbound.subject,
            "thread": outbound.thread,
            "tag": outbound.tag,
            "answers": outbound.references[-1] if outbound.references else "",
            "files": [
                {"name": file.name, "content_type": file.content_type, "base64": base64.b64encode(file.body).decode()}
                for file in outbound.files
            ],
            "automatic": outbound.automatic,
            "language": outbound.language,
            "author": outbound.author,
        }
    )


def _address(address: Address) -> dict[str, str]:
    kind = {"mailto": "email", "tel": "phone"}.get(address.scheme, "id")
    return {kind: address.value, "name": address.name}


def acknowledgement(outcomes: Sequence[Outcome]) -> RawResponse:
    """One outcome per message and state, in their order.

    422 where the delivery can't be understood (it is kept all the same), 202 where it is safe but not done yet.
    """
    told = [_outcome(outcome) for outcome in outcomes]
    names = {each["outcome"] for each in told}
    status = 422 if "undeliverable" in names else 202 if "stored" in names else 200
    return RawResponse(status, "application/json", _json({"outcomes": told}))


def _outcome(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Recorded | Duplicate):
        name = "recorded" if isinstance(outcome, Recorded) else "duplicate"
        return {"outcome": name, "interaction": outcome.interaction, "seq": outcome.seq}
    if isinstance(outcome, Ignored):
        return {"outcome": "ignored", "reason": outcome.reason}
    if isinstance(outcome, Undeliverable):
        return {"outcome": "undeliverable", "reason": outcome.reason}
    return {"outcome": "stored"}


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "ignore")
