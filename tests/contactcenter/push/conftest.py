"""A push service on loopback that checks who sends and opens what it is sent, as a browser would; and browsers."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

from channels_adapters import http
from contactcenter.push import keys, subscriptions
from contactcenter.push.models import PushSubscription
from crm.models import User
from tests.channels_adapters.http.conftest import tls_server
from tests.channels_adapters.loopback import Loopback, Seen

MAKER = "push.maker.example"
SECRET = b"sixteen octets.."


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Browser:
    """What a browser keeps for itself: the private key of its subscription."""

    endpoint: str
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def p256dh(self) -> str:
        return base64url(self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    @property
    def given(self) -> dict[str, str]:
        return {"endpoint": self.endpoint, "p256dh": self.p256dh, "auth": base64url(SECRET)}

    def subscribe(self, user: User, device: str = "her phone") -> PushSubscription:
        return subscriptions.subscribe(user=user, device=device, **self.given)

    def read(self, seen: Seen) -> dict[str, str]:
        opened = http_ece.decrypt(seen.body, private_key=self.private, auth_secret=SECRET, version="aes128gcm")
        told: dict[str, str] = json.loads(opened)
        return told


@dataclass
class Service:
    loopback: Loopback

    def browser(self, name: str = "anna") -> Browser:
        self.loopback.replies.setdefault(f"/{name}", (201, {}, b""))
        return Browser(self.loopback.url(f"/{name}", host=MAKER, scheme="https"))

    def answers(self, status: int, name: str = "anna") -> None:
        self.loopback.replies[f"/{name}"] = (status, {}, b"")

    @property
    def seen(self) -> list[Seen]:
        """Only what is signed by the key that browsers subscribed with counts as sent."""
        for one in self.loopback.seen:
            assert f"k={keys.public()}" in one.headers["authorization"]
            assert Vapid02.verify(one.headers["authorization"])
        return self.loopback.seen


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """Its name leads to this machine, which for this test counts as outside."""
    monkeypatch.setattr(http, "resolve", lambda _host, _port: ["127.0.0.1"])
    monkeypatch.setattr(http, "is_public", lambda _address: True)
    with tls_server(tmp_path, MAKER, monkeypatch) as loopback:
        yield Service(loopback)
