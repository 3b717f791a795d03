"""A program of the town that wants to know, and what it is told about."""

import datetime as dt
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone, translation
from pytest_django import Settings

from channels_adapters.contract import Address, InboundMessage
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake.receive import receive
from contactcenter.outbox import webhook_delivery, webhooks
from contactcenter.outbox.subscriptions import WebhookSubscription
from crm.models import Interaction
from tests.channels_adapters.loopback import Loopback, http_server
from tests.people import Town

Write = Callable[..., Interaction]
Subscribe = Callable[..., WebhookSubscription]
SECRET = "between-the-house-and-the-register"


@pytest.fixture(autouse=True)
def english(settings: Settings) -> Iterator[None]:
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def register(settings: Settings) -> Iterator[Loopback]:
    """The town's register of correspondence, which wants to know."""
    settings.PRIVATE_HOSTS_ALLOWED = ["127.0.0.1"]
    with http_server() as loopback:
        loopback.replies["/facts"] = (204, {}, b"")
        yield loopback


@pytest.fixture
def subscribe(town: Town, register: Loopback) -> Subscribe:
    def subscribed(*patterns: str, **fields: Any) -> WebhookSubscription:
        fields = {"name": "Protocollo", "url": register.url("/facts"), "secret": SECRET, **fields}
        return webhooks.subscribe(events=list(patterns or ["*"]), **fields)[0]

    return subscribed


@pytest.fixture
def write(letters: ChannelAccount) -> Write:
    def written(who: str = "giulia", account: ChannelAccount = letters) -> Interaction:
        sender = Address("paper", who, "Giulia Ferri")
        said = InboundMessage(external_id=f"{who}-1", sender=sender, text="Le mie parole", subject="Un segreto")
        receive(account=account, event=said, at=timezone.now())
        return Interaction.objects.get(contact_point__value=who)

    return written


def deliver_all() -> int:
    webhooks.feed()
    return sum(webhook_delivery.deliver(one.pk) for one in WebhookSubscription.objects.all())


def later(**span: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + dt.timedelta(**span), tick=False)


def run(*words: str) -> str:
    out = StringIO()
    call_command("webhook_subscription", *words, stdout=out)
    return out.getvalue()
