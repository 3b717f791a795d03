"""A browser that asked to be called, with its own keys, and the push service beside it."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils import timezone

from channels_adapters import http
from contactcenter.push import devices
from contactcenter.push.models import PushDevice
from crm.models import User

ADDRESS = "https://push.example.net/v2/anna-phone"


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Browser:
    """What a browser keeps for itself, and what its push service was handed for it."""

    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = b"sixteen bytes!!!"

    @property
    def keys(self) -> dict[str, str]:
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"public_key": text(point), "secret": text(self.secret)}

    def opens(self, sealed: bytes) -> dict[str, Any]:
        words = http_ece.decrypt(sealed, private_key=self.private, auth_secret=self.secret, version="aes128gcm")
        told: dict[str, Any] = json.loads(words)
        return told


@dataclass
class PushService:
    """Takes what it is handed, or answers with another status."""

    status: int = 201
    calls: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def fetch(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, **_limits: Any) -> http.Answer:
        assert method == "POST"
        if urlsplit(url).hostname == "gone.example.net":
            raise http.FetchFailed("nobody there", ambiguous=False)
        self.calls.append((url, dict(headers), body))
        return http.Answer(self.status, {}, b"", url)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> PushService:
    made = PushService()
    monkeypatch.setattr(http, "fetch", made.fetch)
    return made


@pytest.fixture
def phone() -> Browser:
    return Browser()


@pytest.fixture
def on_phone(anna: User, phone: Browser) -> PushDevice:
    """Anna's telephone may be called."""
    return devices.register(
        user=anna, address=ADDRESS, **phone.keys, session_key="anna-on-the-phone", at=timezone.now()
    )
