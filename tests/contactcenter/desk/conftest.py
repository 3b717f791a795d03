"""Citizens who wrote to the town, and agents who are signed in."""

import datetime as dt
import json
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from channels_adapters.contract import Address, InboundFile, InboundMessage, Recorded
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake import receive
from contactcenter.queues import roster, work_items
from crm.models import Interaction, User

Write = Callable[..., Interaction]
SignIn = Callable[[User], Client]
PART = {"HX-Request": "true", "Accept-Language": "en"}  # as the page itself asks


@pytest.fixture
def write(letters: ChannelAccount) -> Write:
    """A citizen writes: `write("Ho pagato due volte", who="giulia")`. Gives the conversation it went to."""
    count = iter(range(1, 100_000))

    def write(
        text: str, who: str = "giulia", name: str = "Giulia Ferri", at: dt.datetime | None = None,
        files: tuple[InboundFile, ...] = (), **more: Any,
    ) -> Interaction:  # fmt: skip
        fields: dict[str, Any] = {"subject": "TARI", "thread": f"thread-{who}", **more}
        event = InboundMessage(
            external_id=f"sheet-in-{next(count)}", sender=Address("paper", f"{who}@example.it", name), text=text,
            files=files, **fields,
        )  # fmt: skip
        outcome = receive.receive(account=letters, event=event, at=at or timezone.now())
        assert isinstance(outcome, Recorded)
        return Interaction.objects.get(public_id=outcome.interaction)

    return write


@pytest.fixture
def giulia(write: Write) -> Interaction:
    """Giulia Ferri paid twice; her letter waits in the front office."""
    return write("Ho pagato due volte la TARI, ecco la ricevuta.")


@pytest.fixture
def sign_in() -> SignIn:
    """A browser of its own for somebody who works here."""

    def sign_in(user: User) -> Client:
        roster.forget()  # it is kept for two seconds, and they were made a moment ago
        browser = Client(headers={"Accept-Language": "en"})
        browser.force_login(user)
        return browser

    return sign_in


@pytest.fixture
def desk(anna: User, sign_in: SignIn) -> Client:
    """Anna at her desk."""
    return sign_in(anna)


@pytest.fixture
def with_anna(giulia: Interaction, anna: User) -> Interaction:
    """Giulia's letter, taken by Anna."""
    take(giulia, anna)
    return giulia


def take(interaction: Interaction, user: User) -> None:
    item = work_items.open_item(interaction)
    assert item is not None
    work_items.claim(item=item, actor=user)
    interaction.refresh_from_db()


def heads_of(html: str) -> dict[str, str]:
    """What the left region says it was read at."""
    start = html.index('data-heads="') + len('data-heads="')
    found: dict[str, str] = json.loads(unescape(html[start : html.index('"', start)]))
    return found


def at(interaction: Interaction, verb: str = "") -> str:
    return f"/desk/c/{interaction.public_id}/{verb}"
