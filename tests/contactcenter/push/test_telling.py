"""A device is told of what concerns its owner, and the notice says no more than that."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from channels_adapters import http
from contactcenter.administration import inspection
from contactcenter.push import hints, keys, subscriptions, telling
from contactcenter.push.models import PushSubscription
from contactcenter.queues import agents, asides, match, noting, presence, roster
from crm import access
from crm.models import Interaction, User
from tests.contactcenter.desk.conftest import PART, Write, desk, giulia, sign_in, with_anna, write
from tests.contactcenter.push.conftest import Service, base64url

__all__ = ["desk", "giulia", "sign_in", "with_anna", "write"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes a hint at once."""

    def send_task(name: str, args: tuple[Any, ...] = (), **_rest: Any) -> None:
        if name == "push.tell":
            telling.tell(*args)

    monkeypatch.setattr(hints.current_app, "send_task", send_task)


@pytest.fixture
def committed(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Any:
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_an_offer_rings_on_its_agents_device_and_names_nobody(
    service: Service, giulia: Interaction, anna: User, committed: Any
) -> None:
    browser = service.browser()
    browser.subscribe(anna)
    presence.change(user=anna, status="available")
    roster.forget()
    with committed():
        assert match.run(timezone.now()) == 1
    [seen] = service.seen
    assert browser.read(seen) == {"kind": "offer", "channel": giulia.account, "id": str(giulia.public_id)}
    assert (seen.headers["urgency"], seen.headers["ttl"], len(seen.headers["topic"])) == ("high", "30", 32)
    assert PushSubscription.objects.get().delivered_at is not None


def test_nobody_elses_device_rings(
    service: Service, giulia: Interaction, anna: User, bruno: User, committed: Any
) -> None:
    service.browser("bruno").subscribe(bruno)
    presence.change(user=anna, status="available")
    roster.forget()
    with committed():
        match.run(timezone.now())
    assert service.seen == []


@pytest.mark.parametrize(("status", "rings"), [("available", 0), ("away", 1), ("offline", 1)])
def test_a_citizen_who_writes_rings_only_while_the_owner_is_away(
    status: str, rings: int, service: Service, with_anna: Interaction, write: Write, anna: User, committed: Any
) -> None:
    browser = service.browser()
    browser.subscribe(anna)
    presence.change(user=anna, status=status, reason="pause" if status == "away" else "", handover="keep")
    with committed():
        write("Ci sono novità?")
        write("Mi sente?")  # a burst is one notice
    assert [browser.read(seen)["kind"] for seen in service.seen] == ["message"] * rings


def test_a_mention_rings_in_a_note_and_in_the_side_chat(
    service: Service, with_anna: Interaction, anna: User, bruno: User, committed: Any
) -> None:
    browser = service.browser("bruno")
    browser.subscribe(bruno)
    with committed():
        asides.write(interaction=with_anna, actor=anna, text="@bruno, guardi qui")
    with committed():
        noting.note(interaction=with_anna, actor=anna, text="Chiedo a @bruno")
    assert [browser.read(seen)["kind"] for seen in service.seen] == ["mention"]  # twice within a minute is one


def test_who_may_not_read_it_any_more_is_not_told(service: Service, with_anna: Interaction, bruno: User) -> None:
    service.browser("bruno").subscribe(bruno)
    bruno.grants.all().delete()
    assert telling.tell(hints.MENTION, with_anna.pk, [bruno.pk]) == 0
    assert service.seen == []
    assert not access.roles(bruno)


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_its_maker_knows_no_more_is_dropped(
    status: int, service: Service, with_anna: Interaction, anna: User
) -> None:
    service.browser().subscribe(anna)
    service.answers(status)
    assert telling.tell(hints.MENTION, with_anna.pk, [anna.pk]) == 0
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize("status", [429, 500])
def test_a_service_in_trouble_keeps_its_devices(
    status: int, service: Service, with_anna: Interaction, anna: User
) -> None:
    service.browser().subscribe(anna)
    service.answers(status)
    assert telling.tell(hints.MENTION, with_anna.pk, [anna.pk]) == 0
    assert PushSubscription.objects.get().delivered_at is None


def test_an_endpoint_that_leads_inside_is_never_asked_and_dropped(
    service: Service, with_anna: Interaction, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.browser().subscribe(anna)
    monkeypatch.setattr(http, "is_public", lambda address: not address.startswith("127."))
    assert telling.tell(hints.MENTION, with_anna.pk, [anna.pk]) == 0
    assert service.loopback.seen == []
    assert not PushSubscription.objects.exists()


# --- devices ---


def test_a_device_is_turned_on_and_off_in_the_preferences(service: Service, anna: User, desk: Client) -> None:
    assert f'data-key="{keys.public()}"' in desk.get("/desk/preferences/", headers=PART).text
    answer = desk.post("/desk/device/", service.browser().given, headers=PART)
    assert "This device is notified." in answer.text
    assert answer.cookies[subscriptions.COOKIE]["httponly"]
    assert PushSubscription.objects.get().user == anna
    assert "Turn on for this device" in desk.delete("/desk/device/", headers=PART).text
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "http://push.maker.example/a"},
        {"endpoint": "https://anna:secret@push.maker.example/a"},
        {"endpoint": "https://push.maker.example/" + "a" * 1000},
        {"endpoint": "javascript:alert(1)"},
        {"p256dh": base64url(b"\x04" + b"\x01" * 64)},
        {"p256dh": "no key"},
        {"auth": base64url(b"short")},
        {"auth": ""},
    ],
)
def test_what_is_no_subscription_is_refused_in_a_sentence(
    wrong: dict[str, str], service: Service, desk: Client
) -> None:
    answer = desk.post("/desk/device/", {**service.browser().given, **wrong}, headers=PART)
    assert "This browser gave no usable subscription." in answer.text
    assert not PushSubscription.objects.exists()


def test_signing_out_silences_this_device_and_no_other(service: Service, anna: User, desk: Client) -> None:
    desk.post("/desk/device/", service.browser().given, headers=PART)
    service.browser("phone").subscribe(anna, "her phone")
    desk.post("/logout/", {"handover": "return"})
    assert PushSubscription.objects.get().endpoint.endswith("/phone")


def test_a_device_that_was_left_signed_in_rings_for_nobody_once_another_signs_in(
    service: Service, anna: User, bruno: User, desk: Client
) -> None:
    desk.post("/desk/device/", service.browser().given, headers=PART)
    del desk.cookies["sessionid"]
    assert desk.post("/login/", {"username": "bruno", "password": "demo"}).status_code == 302
    assert not PushSubscription.objects.exists()


def test_a_lost_device_is_silenced_from_another(service: Service, anna: User, desk: Client) -> None:
    service.browser("phone").subscribe(anna)
    assert "Turn off everywhere (1 more device)" in desk.get("/desk/preferences/", headers=PART).text
    assert "Turn off everywhere" not in desk.delete("/desk/devices/", headers=PART).text
    assert not PushSubscription.objects.exists()


def test_who_is_switched_off_is_told_nothing(service: Service, anna: User, ada: User) -> None:
    service.browser().subscribe(anna)
    agents.leave(user=anna, actor=ada)
    assert not PushSubscription.objects.exists()


def test_at_most_ten_devices_are_told_and_the_newest_are_kept(service: Service, anna: User) -> None:
    for n in range(12):
        service.browser(f"device-{n}").subscribe(anna, f"device {n}")
    kept = PushSubscription.objects.values_list("endpoint", flat=True)
    assert len(kept) == 10
    assert not any(endpoint.endswith(("device-0", "device-1")) for endpoint in kept)


# --- the house ---


def test_the_key_is_the_same_as_long_as_its_secret_is(settings: Settings) -> None:
    first = keys.public()
    assert first == keys.public()
    settings.PUSH_KEY = "another secret, as long as it has to be"
    assert keys.public() != first


def test_a_house_without_a_key_offers_nothing_and_the_doctor_says_so(
    settings: Settings, with_anna: Interaction, anna: User, desk: Client
) -> None:
    settings.PUSH_KEY = ""
    assert "its administrator has to set PUSH_KEY" in desk.get("/desk/preferences/", headers=PART).text
    assert telling.tell(hints.MENTION, with_anna.pk, [anna.pk]) == 0
    assert [one.error for one in inspection.look() if "PUSH_KEY" in one.sentence] == [False]


def test_the_worker_speaks_ones_language_and_its_scope_is_the_desk(client: Client) -> None:
    answer = client.get("/desk/push-worker.js", {"language": "it"}, headers={"Accept-Language": "en"})
    assert answer["Content-Type"].startswith("text/javascript")
    assert "Un cittadino aspetta" in answer.text
    assert "fetch" not in answer.text.split("\n", 1)[1]  # it keeps no pages
