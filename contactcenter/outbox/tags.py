"""Signed thread tags: the part of a reply address that joins an answer to its conversation. Lower case only (RFC 5321
lets relays fold local parts)."""

import base64
import hashlib
import hmac

from django.conf import settings

SIGNATURE_LENGTH = 16  # base32 characters, 80 bits


def _signature(number: str) -> str:
    key = hashlib.sha256(b"thread-tag:" + settings.SECRET_KEY.encode()).digest()
    digest = hmac.new(key, number.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode().lower()[:SIGNATURE_LENGTH]


def sign(interaction_id: int) -> str:
    """[a-z0-9.] only, under 32 characters."""
    number = format(interaction_id, "x")
    return f"{number}.{_signature(number)}"


def open(tag: str) -> int | None:
    """The interaction's id, or None for anything we didn't sign."""
    number, _, signature = tag.strip().lower().partition(".")
    if not number or len(number) > 16 or not hmac.compare_digest(signature.encode(), _signature(number).encode()):
        return None
    try:
        return int(number, 16)
    except ValueError:
        return None
