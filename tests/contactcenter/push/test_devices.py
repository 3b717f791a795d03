"""Which browsers are called is asked for on that browser, and ends with signing out there."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contactcenter.push import devices, keys
from contactcenter.push.models import PushDevice
from crm.models import User
from tests.contactcenter.push.conftest import ADDRESS, Browser

JSON: dict[str, Any] = {"content_type": "application/json"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(anna: User) -> Client:
    browser = Client(headers={"Accept-Language": "en"})
    browser.force_login(anna)
    return browser


def test_a_browser_asks_to_be_called_and_no_longer_to_be(anna: User, desk: Client, phone: Browser) -> None:
    assert len(devices.decoded(desk.get("/desk/this-browser/").json()["key"])) == 65
    assert desk.post("/desk/this-browser/", {"address": ADDRESS, **phone.keys}, **JSON).status_code == 204
    assert PushDevice.objects.get().user == anna
    assert devices.has_some(str(anna.public_id))
    assert desk.delete("/desk/this-browser/", {"address": ADDRESS}, **JSON).status_code == 204
    assert not PushDevice.objects.exists()


def test_signing_out_ends_it_on_that_browser_alone(on_phone: PushDevice, desk: Client, phone: Browser) -> None:
    desk.post("/desk/this-browser/", {"address": "https://push.example.net/v2/desk", **phone.keys}, **JSON)
    desk.post("/logout/")
    assert list(PushDevice.objects.all()) == [on_phone]


def test_the_next_one_at_the_same_browser_takes_it_over(
    anna: User, bruno: User, on_phone: PushDevice, phone: Browser
) -> None:
    devices.register(user=bruno, address=ADDRESS, **phone.keys, session_key="bruno", at=timezone.now())
    assert PushDevice.objects.get().user == bruno


@pytest.mark.parametrize(
    "address",
    [
        "", "http://push.example.net/x", "https://", "ftp://push.example.net/x", "https://anna:pw@push.example.net/x",
        f"https://push.example.net/{'x' * 1000}", "https://push.exämple.net/x", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_is_no_push_service_is_refused_in_a_sentence(address: str, desk: Client, phone: Browser) -> None:
    answer = desk.post("/desk/this-browser/", {"address": address, **phone.keys}, **JSON)
    assert (answer.status_code, answer.text) == (
        422,
        "This browser’s push service can’t be used. Try another browser.",
    )
    assert not PushDevice.objects.exists()


@pytest.mark.parametrize("wrong", [{"secret": "c2hvcnQ"}, {"public_key": "!!!"}, {"secret": "x" * 4000}])
def test_keys_that_are_none_are_refused(wrong: dict[str, str], desk: Client, phone: Browser) -> None:
    answer = desk.post("/desk/this-browser/", {"address": ADDRESS, **phone.keys, **wrong}, **JSON)
    assert answer.status_code == 422
    assert not PushDevice.objects.exists()


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b"[" * 3000, b"\x00\xff", b'{"address": 3}'])
def test_what_cant_be_read_is_refused(body: bytes, desk: Client) -> None:
    assert desk.post("/desk/this-browser/", body, **JSON).status_code == 422


def test_somebody_has_ten_at_most(anna: User, phone: Browser) -> None:
    for number in range(12):
        address = f"https://push.example.net/{number}"
        devices.register(
            user=anna, address=address, **phone.keys, session_key="a", at=timezone.now() + dt.timedelta(seconds=number)
        )
    kept = set(PushDevice.objects.values_list("address", flat=True))
    assert kept == {f"https://push.example.net/{number}" for number in range(2, 12)}


def test_what_nothing_reaches_any_more_is_forgotten(on_phone: PushDevice, anna: User) -> None:
    later = timezone.now() + dt.timedelta(days=61)
    PushDevice.objects.update(reached_at=later - dt.timedelta(days=1))
    assert devices.forget_old(later) == 0
    PushDevice.objects.update(reached_at=None)
    assert devices.forget_old(later) == 1


def test_who_was_switched_off_has_none(on_phone: PushDevice, anna: User) -> None:
    anna.is_active = False
    anna.save()
    assert devices.forget_old(timezone.now()) == 1


def test_the_house_has_the_same_key_in_every_process_and_another_with_another_secret(settings: Any) -> None:
    first = keys.public_key()
    assert keys.public_key() == first
    settings.ENCRYPTION_KEYS = ["another"]
    assert keys.public_key() != first


def test_the_worker_speaks_the_readers_language(desk: Client) -> None:
    answer = desk.get("/desk/worker.js", headers={"Accept-Language": "it"})
    assert answer["Content-Type"].startswith("text/javascript")
    assert "showNotification" in answer.text
    assert "self.words = {" in answer.text


def test_only_those_with_a_desk_ask_for_it(client: Client) -> None:
    assert client.get("/desk/this-browser/").status_code == 302
