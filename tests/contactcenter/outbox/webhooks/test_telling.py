"""Facts told to programs: signed, without words, each once and none left out."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from channels_adapters.http import sign
from contactcenter.outbox import webhooks
from contactcenter.outbox.subscriptions import WebhookDelivery
from crm import cases, events, interactions
from crm.models import Case, Event, User
from tests.channels_adapters.loopback import Loopback
from tests.contactcenter.outbox.webhooks.conftest import SECRET, Subscribe, Write, deliver_all, later
from tests.people import Town


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
