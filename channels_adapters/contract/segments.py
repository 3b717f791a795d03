"""How many short messages a text becomes: 3GPP TS 23.038 §6.2.1 (the alphabet and its extension table), TS 23.040 §9.2.3.24.1
(the header that joins several, which takes room in each). `desk/segments.js` counts likewise while somebody writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = "\f^{}\\[~]|€"  # an escape and a character: two places, never torn apart
_BASIC, _EXTENDED = frozenset(BASIC), frozenset(EXTENDED)
ALONE = {"GSM-7": 160, "UCS-2": 70}
JOINED = {"GSM-7": 153, "UCS-2": 67}


@dataclass(frozen=True)
class Counted:
    alphabet: Literal["GSM-7", "UCS-2"]
    length: int  # places: septets of GSM-7, 16-bit units of UCS-2
    segments: int  # 0 for no text
    left: int  # places that are free in the last one


def count(text: str) -> Counted:
    """One character outside GSM-7 makes the whole text UCS-2. Pairs of 16-bit units stay together like escapes do."""
    alphabet: Literal["GSM-7", "UCS-2"] = "GSM-7" if set(text) <= _BASIC | _EXTENDED else "UCS-2"
    sizes = [_size(sign, alphabet) for sign in text]
    length = sum(sizes)
    if length <= ALONE[alphabet]:
        return Counted(alphabet, length, int(length > 0), ALONE[alphabet] - length)
    segments, used = 1, 0
    for size in sizes:
        if used + size > JOINED[alphabet]:
            segments, used = segments + 1, 0
        used += size
    return Counted(alphabet, length, segments, JOINED[alphabet] - used)


def _size(sign: str, alphabet: str) -> int:
    if alphabet == "GSM-7":
        return 2 if sign in _EXTENDED else 1
    return 2 if ord(sign) > 0xFFFF else 1
