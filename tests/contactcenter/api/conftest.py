from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from channels_adapters.contract import Address, InboundMessage
from contactcenter.accounts import accounts
from contactcenter.accounts.models import ChannelAccount
from contactcenter.api import tokens
from contactcenter.intake.receive import receive
from contactcenter.queues.models import Queue
from crm.models import Interaction, User
from tests.conftest import MONDAY_MORNING
from tests.people import Town

TARI = "Ho pagato due volte la TARI."


@pytest.fixture(autouse=True)
def english(settings: Settings) -> Iterator[None]:
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@dataclass
class Program:
    """A program with a token. Paths are below /api/v1/."""

    key: str
    client: Client = field(default_factory=Client)

    def _headers(self, headers: dict[str, str] | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}", "Accept-Language": "en", **(headers or {})}

    def get(self, path: str, headers: dict[str, str] | None = None, **query: Any) -> Any:
        return self.client.get(_full(path), query, headers=self._headers(headers))

    def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        return self.client.post(
            _full(path),
            body if body is not None else {},
            content_type="application/json",
            headers=self._headers(headers),
        )

    def patch(self, path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
        return self.client.patch(_full(path), body, content_type="application/json", headers=self._headers(headers))

    def put(self, path: str, body: Any) -> Any:
        return self.client.put(_full(path), body, content_type="application/json", headers=self._headers(None))

    def delete(self, path: str) -> Any:
        return self.client.delete(_full(path), headers=self._headers(None))


def _full(path: str) -> str:
    return path if path.startswith(("/", "http")) else f"/api/v1/{path}"


@pytest.fixture
def program() -> Callable[..., Program]:
    def build(user: User, scope: str = "write") -> Program:
        return Program(tokens.issue(user=user, name="Sportello telematico", scope=scope, days=30)[1])

    return build


@pytest.fixture
def tax_letters(town: Town, letters: ChannelAccount) -> ChannelAccount:
    """The tax office's own paper account."""
    return _account("carta-tributi", town.taxes_queue)


def _account(slug: str, queue: Queue) -> ChannelAccount:
    return accounts.create(slug=slug, kind="paper", name=slug, queue=queue, actor=None, opens_case=True)


@pytest.fixture
def write(letters: ChannelAccount) -> Callable[..., Interaction]:
    """A citizen writes a letter; gives the interaction."""

    def written(who: str = "giulia", text: str = TARI, at: datetime = MONDAY_MORNING, **fields: Any) -> Interaction:
        account = fields.pop("account", letters)
        external_id = fields.pop("external_id", f"{who}-1")
        receive(
            account=account,
            event=InboundMessage(
                external_id=external_id, sender=Address("paper", who, f"{who.title()} Ferri"), text=text, **fields
            ),
            at=at,
        )
        return Interaction.objects.filter(contact_point__value=who).latest("id")

    return written
