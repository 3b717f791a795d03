"""The town the tests play in: its offices, the people who work there, and a channel made of paper."""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.apps import apps
from django.core.cache import cache
from django.utils import translation

from channels_adapters import registry
from contactcenter.accounts import accounts
from contactcenter.accounts.models import ChannelAccount
from contactcenter.desk import names
from contactcenter.queues import rulebook
from contactcenter.queues.models import BreakReason, Queue
from crm.models import Grant, Office, Topic, User
from tests import paper


@dataclass(frozen=True)
class Town:
    front: Office  # Accoglienza
    taxes: Office  # Tributi
    refund: Topic  # TARI › Rimborso, of Tributi
    front_queue: Queue
    taxes_queue: Queue


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    names.forget()
    rulebook.forget()
    yield
    cache.clear()


@pytest.fixture
def in_english() -> Iterator[None]:
    """Sentences as the code writes them."""
    with translation.override("en"):
        yield


def seed_breaks() -> None:
    """Emptying all tables after a transactional test takes what migrations put there, too."""
    if not BreakReason.objects.exists():
        importlib.import_module("contactcenter.migrations.0016_break_reasons").seed(apps, None)


@pytest.fixture
def town(db: None) -> Town:
    seed_breaks()
    front = Office.objects.create(slug="accoglienza", name="Accoglienza")
    taxes = Office.objects.create(slug="tributi", name="Tributi")
    refund = Topic.objects.create(
        slug="tari-rimborso", name="TARI › Rimborso", office=taxes, legal_days=60, norm_days=5
    )
    front_queue = Queue.objects.create(slug="accoglienza", name="Accoglienza", office=front)
    taxes_queue = Queue.objects.create(slug="tributi", name="Tributi", office=taxes)
    taxes_queue.topics.add(refund)
    return Town(front, taxes, refund, front_queue, taxes_queue)


def person(username: str, first: str, last: str, role: str, office: Office | None, queue: str = "") -> User:
    user = User.objects.create_user(username, password="demo", first_name=first, last_name=last)
    Grant.objects.create(user=user, role=role, office=office, queue=queue)
    return user


@pytest.fixture
def anna(town: Town) -> User:
    """An agent of the front office."""
    return person("anna", "Anna", "Bianchi", "agent", town.front)


@pytest.fixture
def bruno(town: Town) -> User:
    """Another agent of the front office."""
    return person("bruno", "Bruno", "Conti", "agent", town.front)


@pytest.fixture
def carla(town: Town) -> User:
    """Back office of the tax office."""
    return person("carla", "Carla", "Riva", "back-office", town.taxes)


@pytest.fixture
def diego(town: Town) -> User:
    """Manager of everything."""
    return person("diego", "Diego", "Serra", "manager", None)


@pytest.fixture
def ada(town: Town) -> User:
    """Administrator: installs, doesn't read citizens' words."""
    return person("ada", "Ada", "Galli", "administrator", None)


@pytest.fixture
def paper_channel(monkeypatch: pytest.MonkeyPatch) -> type[paper.Adapter]:
    """A channel whose provider is a list in memory, installed beside the real ones."""
    paper.reset()
    known = {**registry.adapters(), "paper": paper.Adapter}
    monkeypatch.setattr(registry, "adapters", lambda: known)
    return paper.Adapter


@pytest.fixture
def letters(town: Town, paper_channel: type[paper.Adapter]) -> ChannelAccount:
    """A paper account of the front office that opens cases and acknowledges."""
    return accounts.create(
        slug="carta", kind="paper", name="URP Roccaverde", queue=town.front_queue, actor=None, opens_case=True,
        settings={"secret": "inchiostro"}, acknowledgements={"it": "Abbiamo ricevuto. Pratica {number}."},
    )  # fmt: skip


@pytest.fixture
def chat_account(town: Town) -> ChannelAccount:
    """The first live channel that is installed, as `comune`."""
    kind = next(kind for kind, adapter in registry.adapters().items() if adapter.abilities.live)
    return accounts.create(slug="comune", kind=kind, name="Comune di Roccaverde", queue=town.front_queue, actor=None)


@pytest.fixture
def mail_account(town: Town) -> ChannelAccount:
    """The mail channel, as `mail`, answering for urp@roccaverde.example."""
    kind = next(
        k
        for k, adapter in registry.adapters().items()
        if "mailto" in adapter.abilities.reaches and adapter.abilities.html
    )
    return accounts.create(
        slug="mail", kind=kind, name="URP Roccaverde", queue=town.front_queue, actor=None, opens_case=True,
        settings={"address": "urp@roccaverde.example"},
        acknowledgements={"it": "Abbiamo ricevuto la sua richiesta. Pratica {number}."},
    )  # fmt: skip
