"""By which push services know this house (VAPID): a key pair that follows from the house's own key.

So it needs no place of its own to be kept in, and every process has the same. Where the house gets a new key, browsers
ask for a call anew the next time their desk is opened. https://www.rfc-editor.org/rfc/rfc8292
"""

from __future__ import annotations

import base64
from functools import lru_cache
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from py_vapid import Vapid02

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (SEC 2, 2.4.2)
LASTS = 12 * 3600  # seconds that a signature is good for; 24 h is the most (RFC 8292, 2)


def public_key() -> str:
    """What a browser is told when it asks to be called: base64url, uncompressed."""
    point = _pair(settings.ENCRYPTION_KEYS[0]).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def signature(audience: str, now: float) -> dict[str, str]:
    """Headers for a call through the push service at `audience` (scheme and host). `now` in seconds since 1970."""
    claims = {"aud": audience, "exp": int(now) + LASTS, "sub": _whom_to_ask()}
    signed: dict[str, str] = Vapid02(_pair(settings.ENCRYPTION_KEYS[0])).sign(claims)
    return signed


def _whom_to_ask() -> str:
    """Where a push service that has trouble with us turns to: an encrypted address, or one of mail (RFC 8292, 2.1)."""
    base = urlsplit(settings.BASE_URL)
    return f"https://{base.netloc}" if base.scheme == "https" else f"mailto:postmaster@{base.hostname or 'localhost'}"


@lru_cache(maxsize=4)
def _pair(key: str) -> ec.EllipticCurvePrivateKey:
    """More bytes than the number needs, so that none is likelier than another (FIPS 186-5, A.2.1)."""
    drawn = HKDF(SHA256(), length=48, salt=None, info=b"sportello push").derive(key.encode())
    return ec.derive_private_key(int.from_bytes(drawn) % (ORDER - 1) + 1, ec.SECP256R1())
