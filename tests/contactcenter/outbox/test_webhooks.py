"""Facts reach the programs that asked for them: signed, once each, late ones too, and nobody's words among them."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from pytest_django import Settings

from channels_adapters.contract import Address, InboundMessage
from channels_adapters.http import sign
from contactcenter.accounts import secrets
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake.receive import receive
from contactcenter.outbox import webhook_delivery, webhooks
from contactcenter.outbox.subscriptions import WebhookDelivery, WebhookSubscription
from crm import cases, events, interactions
from crm.access import Forbidden
from crm.models import AuditEntry, Case, Event, Interaction, User
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


# --- what is told ---------------------------------------------------------------------------------------------------


def test_a_fact_arrives_signed_with_links_and_without_words(
    subscribe: Subscribe, register: Loopback, write: Write
) -> None:
    subscribe("message.received")
    interaction = write()
    assert deliver_all() == 1
    [seen] = register.seen
    told = json.loads(seen.body)
    timestamp = seen.headers["sportello-timestamp"]
    assert seen.headers["sportello-signature"] == "v1=" + sign(SECRET, timestamp, seen.body)
    assert seen.headers["sportello-delivery"] == told["id"]
    assert seen.headers["sportello-event"] == told["event"] == "message.received"
    assert told["interaction"]["url"].endswith(f"/api/v1/interactions/{interaction.public_id}/")
    assert told["case"]["id"] == str(interaction.case.public_id)
    assert told["data"] == {"seq": 1}
    for personal in (b"Giulia", b"Ferri", b"giulia", b"parole", b"segreto"):
        assert personal not in seen.body


def test_a_reason_that_somebody_typed_is_not_told(
    subscribe: Subscribe, register: Loopback, write: Write, anna: User
) -> None:
    interaction = write()
    subscribe("interaction.closed")
    interactions.close(interaction=interaction, actor=anna, reason="La signora Ferri ha richiamato")
    deliver_all()
    assert json.loads(register.seen[0].body)["data"] == {}


@pytest.mark.parametrize(
    "patterns, told",
    [
        (["*"], {"case.opened", "case.closed"}),
        (["case.*"], {"case.opened", "case.closed"}),
        (["case.closed"], {"case.closed"}),
        (["case.closed", "message.*"], {"case.closed"}),
        (["message.*"], set()),
        (["cas.*"], set()),
    ],
)
def test_patterns_choose(
    subscribe: Subscribe, register: Loopback, town: Town, anna: User, patterns: list[str], told: set[str]
) -> None:
    subscribe(*patterns)
    cases.close(case=cases.open(subject="Buca", office=town.front, actor=anna), actor=anna)
    deliver_all()
    assert {json.loads(seen.body)["event"] for seen in register.seen} == told


def test_what_happened_before_the_subscription_is_not_told(
    subscribe: Subscribe, register: Loopback, town: Town, anna: User
) -> None:
    cases.open(subject="Ieri", office=town.front, actor=anna)
    subscribe()
    assert deliver_all() == 0


def test_a_subscription_for_one_office_hears_of_that_office_only(
    subscribe: Subscribe, register: Loopback, town: Town, diego: User, write: Write
) -> None:
    subscribe("*", office=town.taxes)
    cases.open(subject="Buca", office=town.front, actor=diego)
    rebate = cases.open(subject="Rimborso", office=town.taxes, actor=diego)
    write()  # to the front office
    deliver_all()
    assert [json.loads(seen.body)["case"]["id"] for seen in register.seen] == [str(rebate.public_id)]


def test_a_confidential_case_is_not_told_of(
    subscribe: Subscribe, register: Loopback, town: Town, diego: User, write: Write
) -> None:
    interaction = write()
    Case.objects.update(confidentiality="confidential")
    subscribe()
    interactions.close(interaction=interaction, actor=diego)
    cases.close(case=Case.objects.get(), actor=diego)
    assert deliver_all() == 0


def test_two_subscribers_are_each_told(subscribe: Subscribe, register: Loopback, town: Town, anna: User) -> None:
    register.replies["/other"] = (200, {}, b"ok")
    subscribe(name="Protocollo")
    subscribe(name="Statistica", url=register.url("/other"))
    cases.open(subject="Buca", office=town.front, actor=anna)
    assert deliver_all() == 2
    assert {seen.path for seen in register.seen} == {"/facts", "/other"}


# --- once, and none left out -------------------------------------------------------------------------------------------


def test_feeding_again_and_again_tells_a_fact_once(
    subscribe: Subscribe, register: Loopback, town: Town, anna: User
) -> None:
    subscribe()
    cases.open(subject="Buca", office=town.front, actor=anna)
    assert [webhooks.feed() for _time in range(3)] == [1, 0, 0]
    for minutes in (3, 6, 9):
        with later(minutes=minutes):
            assert webhooks.feed() == 0
    assert WebhookDelivery.objects.count() == 1


def test_a_transaction_that_commits_late_is_told_all_the_same(
    subscribe: Subscribe, register: Loopback, town: Town, anna: User
) -> None:
    """PostgreSQL gives out ids before commit: one with a smaller id may become visible after a larger one was told."""
    subscription = subscribe()
    early = events.fact("case.opened", actor=anna)
    early.pk = subscription.settled_id + 1  # drawn first, committed last
    Event.objects.bulk_create([Event(pk=subscription.settled_id + 5, name="case.closed", at=timezone.now())])
    assert webhooks.feed() == 1
    with later(minutes=1):
        assert webhooks.feed() == 0
        Event.objects.bulk_create([early])
        assert webhooks.feed() == 1
    assert set(WebhookDelivery.objects.values_list("event__name", flat=True)) == {"case.opened", "case.closed"}


def test_the_cursor_moves_on_so_that_old_facts_are_not_read_for_ever(
    subscribe: Subscribe, town: Town, anna: User
) -> None:
    subscription = subscribe()
    cases.open(subject="Buca", office=town.front, actor=anna)
    newest = Event.objects.latest("id").pk
    for minutes in (0, 3, 6):
        with later(minutes=minutes):
            webhooks.feed()
    subscription.refresh_from_db()
    assert subscription.settled_id == newest
    with CaptureQueriesContext(connection) as statements:
        webhooks.feed()
    assert len(statements) == 2  # the subscriptions, and the newest id


def test_more_than_one_batch_is_told_wholly(subscribe: Subscribe, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "BATCH", 3)
    subscribe()
    Event.objects.bulk_create([Event(name="case.opened", at=timezone.now()) for _n in range(8)])
    with later(minutes=3):
        assert [webhooks.feed() for _time in range(4)] == [3, 3, 2, 0]


# --- when the other side is in trouble ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 400, 404, 410, 429, 500, 503])
def test_without_a_2xx_it_is_tried_again_later_under_the_same_id(
    subscribe: Subscribe, register: Loopback, town: Town, anna: User, status: int
) -> None:
    subscription = subscribe()
    cases.open(subject="Buca", office=town.front, actor=anna)
    register.replies["/facts"] = (status, {}, b"")
    assert deliver_all() == 0
    assert deliver_all() == 0
    assert len(register.seen) == 1  # not before its pause is over
    subscription.refresh_from_db()
    assert str(status) in subscription.trouble
    register.replies["/facts"] = (200, {}, b"")
    with later(seconds=11):
        assert deliver_all() == 1
    first, second = register.seen
    assert json.loads(first.body) == json.loads(second.body)
    subscription.refresh_from_db()
    assert (subscription.trouble, subscription.trouble_since) == ("", None)


def test_trouble_with_one_fact_ends_the_round_so_that_a_dead_subscriber_costs_one_time_out(
    subscribe: Subscribe, register: Loopback, town: Town, anna: User
) -> None:
    subscribe()
    for number in range(5):
        cases.open(subject=f"Buca {number}", office=town.front, actor=anna)
    register.replies["/facts"] = (503, {}, b"")
    deliver_all()
    assert len(register.seen) == 1


def test_after_three_days_it_is_given_up_visibly_and_a_person_may_revive_it(
    subscribe: Subscribe, register: Loopback, town: Town, anna: User
) -> None:
    subscription = subscribe()
    cases.open(subject="Buca", office=town.front, actor=anna)
    register.replies["/facts"] = (500, {}, b"")
    deliver_all()
    with later(days=3, minutes=1):
        deliver_all()
        assert WebhookDelivery.objects.get().state == "dead"
        assert "given up 1" in run("list")
        register.replies["/facts"] = (200, {}, b"")
        assert deliver_all() == 0
        run("retry", str(subscription.public_id))
        assert deliver_all() == 1


def test_pauses_grow_to_two_hours() -> None:
    pauses = [webhook_delivery.pause(attempt).total_seconds() for attempt in range(1, 15)]
    assert pauses[:3] == [10, 20, 40]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 7200


def test_one_worker_at_a_time_and_a_dead_one_loses_its_turn(
    subscribe: Subscribe, register: Loopback, town: Town, anna: User
) -> None:
    subscription = subscribe()
    cases.open(subject="Buca", office=town.front, actor=anna)
    webhooks.feed()
    WebhookSubscription.objects.update(busy_until=timezone.now() + webhook_delivery.LEASE)
    assert webhook_delivery.deliver(subscription.pk) == 0
    with later(minutes=3):
        assert webhook_delivery.deliver(subscription.pk) == 1


def test_each_subscriber_has_its_own_task(
    subscribe: Subscribe, town: Town, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hinted: list[Any] = []
    monkeypatch.setattr(webhook_delivery.current_app, "send_task", lambda name, args, **_: hinted.append((name, args)))
    two = [subscribe(name="Protocollo"), subscribe(name="Statistica")]
    cases.open(subject="Buca", office=town.front, actor=anna)
    assert webhook_delivery.sweep() == 2
    assert sorted(hinted) == [("webhooks.deliver", [one.pk]) for one in two]


def test_a_secret_that_cannot_be_opened_sends_nothing_and_says_so(
    subscribe: Subscribe, register: Loopback, town: Town, anna: User, settings: Settings
) -> None:
    subscription = subscribe()
    cases.open(subject="Buca", office=town.front, actor=anna)
    settings.ENCRYPTION_KEYS = ["another key"]
    assert deliver_all() == 0
    subscription.refresh_from_db()
    assert "ENCRYPTION_KEY" in subscription.trouble
    assert register.seen == []


def test_what_was_told_long_ago_is_forgotten(subscribe: Subscribe, register: Loopback, town: Town, anna: User) -> None:
    subscribe()
    cases.open(subject="Buca", office=town.front, actor=anna)
    deliver_all()
    assert webhooks.forget() == 0
    with later(days=15):
        assert webhooks.forget() == 1


def test_doctor_names_a_program_that_does_not_confirm(
    subscribe: Subscribe, register: Loopback, town: Town, anna: User, capsys: pytest.CaptureFixture[str]
) -> None:
    subscribe(name="Protocollo")
    cases.open(subject="Buca", office=town.front, actor=anna)
    register.replies["/facts"] = (503, {}, b"")
    deliver_all()
    with suppress(SystemExit):
        call_command("doctor")
    assert "Webhook “Protocollo”: The program answered with status 503." in capsys.readouterr().out


# --- who may subscribe, and to what ----------------------------------------------------------------------------------


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


# --- the command -------------------------------------------------------------------------------------------------------


def run(*words: str) -> str:
    out = StringIO()
    call_command("webhook_subscription", *words, stdout=out)
    return out.getvalue()


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
