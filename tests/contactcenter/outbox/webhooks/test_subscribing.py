"""Who may subscribe, to what, and the command for it."""

import pytest
from django.core.management import CommandError
from pytest_django import Settings

from contactcenter.accounts import secrets
from contactcenter.outbox import webhooks
from crm import cases
from crm.access import Forbidden
from crm.models import AuditEntry, User
from tests.channels_adapters.loopback import Loopback
from tests.contactcenter.outbox.webhooks.conftest import Subscribe, deliver_all, run
from tests.people import Town


def test_an_administrator_subscribes_and_nobody_else(subscribe: Subscribe, ada: User, diego: User) -> None:
    assert subscribe(actor=ada).active
    assert AuditEntry.objects.filter(action="webhook.subscribed", actor=ada).exists()
    with pytest.raises(Forbidden):
        subscribe(actor=diego)


def test_the_secret_is_sealed_and_made_where_none_is_given(town: Town, register: Loopback) -> None:
    made, secret = webhooks.subscribe(name="Protocollo", url=register.url("/facts"), events=["*"])
    assert len(secret) >= 43
    assert secret not in made.secret
    assert secrets.unseal(made.secret) == {"secret": secret}


@pytest.mark.parametrize(
    "url, patterns",
    [
        ("http://program.example/", ["*"]),
        ("ftp://program.example/", ["*"]),
        ("https://anna:pw@program.example/", ["*"]),
        ("https://program.example/" + "x" * 600, ["*"]),
        ("https://program.example/", []),
        ("https://program.example/", ["case"]),
        ("https://program.example/", ["*.opened"]),
        ("https://program.example/", ["case.opened; drop"]),
    ],
)
def test_what_cannot_work_is_refused_in_a_sentence(db: None, url: str, patterns: list[str]) -> None:
    with pytest.raises(webhooks.Invalid, match=r"\.$"):
        webhooks.subscribe(name="Protocollo", url=url, events=patterns)


def test_an_address_that_turns_out_to_lie_inside_is_not_called(
    subscribe: Subscribe, register: Loopback, town: Town, anna: User, settings: Settings
) -> None:
    subscription = subscribe()
    settings.PRIVATE_HOSTS_ALLOWED = []
    cases.open(subject="Buca", office=town.front, actor=anna)
    assert deliver_all() == 0
    assert register.seen == []
    subscription.refresh_from_db()
    assert subscription.trouble


def test_the_command_adds_lists_and_removes(town: Town, register: Loopback, anna: User) -> None:
    public_id, secret = run(
        "add", register.url("/facts"), "case.*", "message.received", "--name", "Protocollo", "--office", "accoglienza"
    ).split()
    cases.open(subject="Buca", office=town.front, actor=anna)
    webhooks.feed()
    listed = run("list")
    assert public_id in listed
    assert "waiting 1" in listed
    assert secret not in listed
    run("remove", public_id)
    assert run("list") == ""


@pytest.mark.parametrize(
    "words",
    [
        ("add", "http://program.example/", "*", "--name", "x"),
        ("add", "https://program.example/", "nonsense", "--name", "x"),
        ("add", "https://program.example/", "*", "--name", "x", "--office", "nowhere"),
        ("remove", "nothing"),
        ("retry", "00000000-0000-4000-8000-000000000000"),
    ],
)
def test_the_command_says_what_is_wrong_in_words(town: Town, words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match=r"\.$"):
        run(*words)
