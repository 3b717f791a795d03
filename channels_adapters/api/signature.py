"""Is this delivery from the program that shares our secret, and is it fresh?"""

from __future__ import annotations

import hmac
import time

from django.utils.translation import gettext as _

from channels_adapters.contract import RawRequest, Untrusted
from channels_adapters.http import sign

TOLERANCE = 300  # seconds that the two clocks may differ, and that a captured delivery could be sent again
SCHEME = "v1="


def now() -> float:
    """Unix seconds."""
    return time.time()


def check(raw: RawRequest, secret: str) -> None:
    """Raise `Untrusted` with a sentence unless the body was signed with `secret` within the last five minutes."""
    if not secret:
        raise Untrusted(_("This channel has no secret yet, so nothing can be accepted. Set one in its settings."))
    if raw.door == "hand":  # somebody at this machine's console, who needs no signature
        return
    timestamp = raw.headers.get("sportello-timestamp", "")
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        raise Untrusted(_("The header Sportello-Timestamp is missing or not a Unix time in seconds."))
    expected = (SCHEME + sign(secret, timestamp, raw.body)).encode()
    if not hmac.compare_digest(expected, raw.headers.get("sportello-signature", "").encode()):
        raise Untrusted(_("The header Sportello-Signature is missing or wrong. Check the secret on both sides."))
    if abs(now() - int(timestamp)) > TOLERANCE:
        raise Untrusted(_("The delivery is older than five minutes. Sign it again with the present time."))
