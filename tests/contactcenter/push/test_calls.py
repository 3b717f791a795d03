"""A call says which sort of thing happened and where, sealed for that browser and signed by the house."""

import base64
import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from django.utils import timezone

from contactcenter.intake import queueing
from contactcenter.push import calls, devices, keys
from contactcenter.push.models import PushDevice
from contactcenter.queues import notices, offers, work_items
from contactcenter.queues.models import WorkItem
from crm.models import Interaction, User
from tests.contactcenter.push.conftest import ADDRESS, Browser, PushService
from tests.contactcenter.queues.conftest import Queues, SitDown, queues_up, sits_down

__all__ = ["queues_up", "sits_down"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a worker would do a moment later."""

    def send(name: str, args: list[str] | None = None, **_how: Any) -> None:
        if name == "push.call":
            calls.call(*(args or []))

    monkeypatch.setattr(calls.current_app, "send_task", send)


def interaction_of(item: WorkItem) -> Interaction:
    assert item.interaction is not None
    return item.interaction


def raw(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_an_offer_reaches_the_telephone_and_names_nobody(
    anna: User, on_phone: PushDevice, phone: Browser, service: PushService, at_once: None,
    queues_up: Queues, sits_down: SitDown, django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    sits_down(anna)
    item = queues_up("Giulia Ferri")
    with django_capture_on_commit_callbacks(execute=True):
        assert offers.make(item_id=item.pk, user_id=anna.pk, at=timezone.now(), why="longest-idle") is not None
    ((address, headers, sealed),) = service.calls
    assert address == ADDRESS
    assert phone.opens(sealed) == {"sort": "offer", "conversation": str(item.interaction.public_id)}
    assert (headers["TTL"], headers["Urgency"], headers["Content-Encoding"]) == ("30", "high", "aes128gcm")
    assert b"Giulia" not in sealed
    on_phone.refresh_from_db()
    assert on_phone.reached_at is not None


def test_the_push_service_can_tell_that_it_was_this_house(on_phone: PushDevice, service: PushService) -> None:
    calls.call("message", str(on_phone.user.public_id), "0" * 36)
    given = dict(part.split("=", 1) for part in service.calls[0][1]["Authorization"].removeprefix("vapid ").split(","))
    signed, key = given["t"], given["k"]
    head, claims, signature = signed.split(".")
    told = json.loads(raw(claims))
    assert json.loads(raw(head))["alg"] == "ES256"
    assert told["aud"] == "https://push.example.net"
    assert time.time() < told["exp"] < time.time() + 24 * 3600
    assert told["sub"].startswith(("https://", "mailto:"))
    assert key == keys.public_key()
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(key))
    r, s = raw(signature)[:32], raw(signature)[32:]
    number = encode_dss_signature(int.from_bytes(r), int.from_bytes(s))
    public.verify(number, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))


def test_a_citizens_word_calls_the_owner(
    anna: User, on_phone: PushDevice, phone: Browser, service: PushService, at_once: None,
    queues_up: Queues, django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    item = queues_up("Giulia")
    work_items.claim(item=item, actor=anna)
    with django_capture_on_commit_callbacks(execute=True):
        queueing._goes_on(interaction_of(item), timezone.now())
    assert phone.opens(service.calls[0][2])["sort"] == "message"


def test_who_is_called_by_name_is_called(
    anna: User, bruno: User, phone: Browser, service: PushService, at_once: None, queues_up: Queues,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    devices.register(user=bruno, address=ADDRESS, **phone.keys, session_key="b", at=timezone.now())
    item = queues_up("Giulia")
    with django_capture_on_commit_callbacks(execute=True):
        notices.tell(notices.About.CALLED, bruno, anna, interaction=interaction_of(item), actor=anna, at=timezone.now())
    assert [phone.opens(sealed)["sort"] for _to, _headers, sealed in service.calls] == ["called"]


def test_nobody_is_called_who_didn_t_ask(
    anna: User, service: PushService, at_once: None, queues_up: Queues, sits_down: SitDown,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    sits_down(anna)
    with django_capture_on_commit_callbacks(execute=True):
        offers.make(item_id=queues_up("Giulia").pk, user_id=anna.pk, at=timezone.now(), why="longest-idle")
    assert service.calls == []


@pytest.mark.parametrize(("status", "kept"), [(410, 0), (404, 0), (403, 0), (429, 1), (500, 1), (201, 1)])
def test_a_browser_that_is_gone_is_forgotten(
    status: int, kept: int, on_phone: PushDevice, service: PushService
) -> None:
    service.status = status
    assert calls.call("offer", str(on_phone.user.public_id), "x") == (status == 201)
    assert PushDevice.objects.count() == kept


def test_one_that_can_t_be_reached_keeps_nobody_else_from_being_called(
    anna: User, on_phone: PushDevice, phone: Browser, service: PushService
) -> None:
    devices.register(user=anna, address="https://gone.example.net/x", **phone.keys, session_key="a", at=timezone.now())
    assert calls.call("offer", str(anna.public_id), "x") == 1
    assert PushDevice.objects.count() == 2


def test_who_was_switched_off_is_called_no_more(anna: User, on_phone: PushDevice, service: PushService) -> None:
    User.objects.filter(pk=anna.pk).update(is_active=False)
    assert calls.call("offer", str(anna.public_id), "x") == 0
    assert service.calls == []


def test_an_address_inside_the_network_is_never_contacted(anna: User, phone: Browser) -> None:
    """Without the stand-in: the house's own guard refuses it."""
    devices.register(user=anna, address="https://127.0.0.1/x", **phone.keys, session_key="a", at=timezone.now())
    assert calls.call("offer", str(anna.public_id), "x") == 0
