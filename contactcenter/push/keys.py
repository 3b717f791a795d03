"""The key by which push services know this house (VAPID, RFC 8292), made from the secret PUSH_KEY."""

import base64
import hashlib
from functools import cache
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from py_vapid import Vapid02

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256, FIPS 186-4 D.1.2.3
SHORTEST = 32  # characters


def is_set() -> bool:
    """Whether this house can send at all."""
    return len(settings.PUSH_KEY) >= SHORTEST


def public() -> str:
    """What a browser subscribes with: the uncompressed point, base64url without padding. "" = no key here."""
    if not is_set():
        return ""
    point = _private(settings.PUSH_KEY).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def signed(endpoint: str, *, until: int) -> dict[str, str]:
    """The header that proves who sends to the push service of this endpoint. `until` in Unix seconds, at most 24 h on."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": until, "sub": _contact()}
    headers: dict[str, str] = Vapid02(_private(settings.PUSH_KEY)).sign(claims)
    return headers


def _contact() -> str:
    """Whom a push service may write to when something is wrong here."""
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    return f"mailto:postmaster@{host}"


@cache
def _private(secret: str) -> ec.EllipticCurvePrivateKey:
    """The same secret is always the same key: there is nothing else to keep. Its length is beyond guessing."""
    number = int.from_bytes(hashlib.sha512(b"sportello push\0" + secret.encode()).digest(), "big")
    return ec.derive_private_key(number % (ORDER - 1) + 1, ec.SECP256R1())
