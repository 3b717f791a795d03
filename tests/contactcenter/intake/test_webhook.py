"""The public door: strangers at it keep nobody else out."""

import json

import pytest
from django.test import Client

from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake import webhook
from contactcenter.intake.models import RawDelivery
from tests import paper

SHEET = json.dumps({"id": "g-1", "from": "giulia", "text": "Buongiorno."})
GENUINE = {"x-ink": "inchiostro"}


def post(client: Client, *, address: str, query: str = "", **headers: str) -> int:
    answer = client.post(
        f"/hooks/carta/{query}", SHEET, content_type="application/json", headers=headers, REMOTE_ADDR=address
    )
    return answer.status_code


@pytest.mark.django_db
def test_strangers_can_not_use_up_the_room_of_an_accounts_provider(
    client: Client, letters: ChannelAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "PER_ACCOUNT", (2, 60))
    assert [post(client, address="203.0.113.9") for _time in range(5)] == [403] * 5
    assert post(client, address="198.51.100.7", **GENUINE) == 200


@pytest.mark.django_db
def test_one_source_is_capped_whatever_it_sends(
    client: Client, letters: ChannelAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "PER_SOURCE", (2, 60))
    assert [post(client, address="203.0.113.9") for _time in range(3)] == [403, 403, 429]
    assert post(client, address="198.51.100.7", **GENUINE) == 200


@pytest.mark.django_db
def test_a_provider_that_sends_too_much_is_told_to_come_back(
    client: Client, letters: ChannelAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "PER_ACCOUNT", (2, 60))
    deliveries = [{**GENUINE, "x-delivery": f"d-{number}"} for number in range(3)]
    assert [post(client, address="198.51.100.7", **headers) for headers in deliveries] == [200, 200, 429]


@pytest.mark.django_db
def test_nul_in_the_address_does_not_stop_a_genuine_delivery(client: Client, letters: ChannelAccount) -> None:
    assert post(client, address="198.51.100.7", query="?a%00=b%00", **GENUINE) == 200
    assert RawDelivery.objects.get().form == {"a": ["b"]}


@pytest.mark.django_db
def test_a_channel_whose_secrets_do_not_open_asks_the_provider_to_come_again(
    client: Client, letters: ChannelAccount, settings: pytest.FixtureRequest
) -> None:
    settings.ENCRYPTION_KEYS = ["of another house"]  # type: ignore[attr-defined]  # pytest-django's settings
    assert paper.post(client, paper.GIULIA).status_code == 503
