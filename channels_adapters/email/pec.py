"""Italian certified mail (RFC 6109): a provider's envelope around the citizen's mail, and the provider's receipts.

The provider's signature isn't checked here, so nothing in an envelope counts as proof: the agent is told so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from channels_adapters.contract import Address, DeliveryState, DeliveryUpdate
from channels_adapters.email import addresses, charsets
from channels_adapters.email.headers import Headers, message_ids
from channels_adapters.email.mime import Part, split

_SENDER = re.compile(r"<mittente>\s*([^<\s]{3,254})\s*</mittente>")
_STATES: dict[str, DeliveryState] = {
    "accettazione": "sent",
    "presa-in-carico": "sent",
    "avvenuta-consegna": "delivered",
    "non-accettazione": "failed",
    "errore-consegna": "failed",
    "rilevazione-virus": "failed",
}


@dataclass(frozen=True)
class Opened:
    """The mail inside an envelope, its sender as the provider names it, and what to tell the agent."""

    mail: Part
    sender: Address | None
    remark: str


def receipt(found: Headers) -> DeliveryUpdate | None:
    """What a receipt tells about a mail of ours. None: no receipt, or a warning that decides nothing yet."""
    kind = found.get("x-ricevuta").strip().lower()
    about = message_ids(found.get("x-riferimento-message-id"))
    state = _STATES.get(kind)
    if state is None or not about:
        return None
    return DeliveryUpdate(state=state, external_id=about[0], reason=_reason(kind))


def _reason(kind: str) -> str:
    reasons = {
        "non-accettazione": _(
            "Our certified-mail provider did not accept the message. Correct the address and try again."
        ),
        "errore-consegna": _("The certified message could not be delivered. Reach the citizen on another channel."),
        "rilevazione-virus": _("The certified-mail provider found a virus in the message. Check its files."),
    }
    return reasons.get(kind, "")


def is_receipt(found: Headers) -> bool:
    return bool(found.get("x-ricevuta"))


def opened(root: Part) -> Opened | None:
    """The mail in a transport or anomaly envelope, None when this is neither."""
    kind = root.headers.get("x-trasporto").strip().lower()
    inner = _inner(root) if kind in ("posta-certificata", "errore") else None
    if inner is None:
        return None
    remark = "pec-unverified" if kind == "posta-certificata" else "pec-anomaly"
    return Opened(inner, _true_sender(root, inner), remark)


def _inner(root: Part) -> Part | None:
    mails = [part for part in root.walk() if part.type == "message/rfc822"]
    named = [part for part in mails if part.filename.lower() == "postacert.eml"]
    found = next(iter([*named, *mails]), None)
    return split(found.decoded()) if found else None


def _true_sender(root: Part, inner: Part) -> Address | None:
    """Who wrote: Reply-To of the envelope, else the data sheet, under the name that the inner mail gives it."""
    named = addresses.in_field(root.headers.get("reply-to"))
    value = named[0].value if named else _from_data_sheet(root)
    if not value:
        return None
    inner_names = (found.name for found in addresses.in_field(inner.headers.get("from")) if found.value == value)
    return Address("mailto", value, next(inner_names, ""))


def _from_data_sheet(root: Part) -> str:
    sheets = (part for part in root.walk() if part.filename.lower() == "daticert.xml")
    texts = (charsets.decode(part.decoded()[:200_000]) for part in sheets)
    return next((addresses.normal(found[1]) for text in texts if (found := _SENDER.search(text))), "")
