"""When the program on the other side is in trouble."""

import json
from contextlib import suppress
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from contactcenter.outbox import webhook_delivery, webhooks
from contactcenter.outbox.subscriptions import WebhookDelivery, WebhookSubscription
from crm import cases
from crm.models import User
from tests.channels_adapters.loopback import Loopback
from tests.contactcenter.outbox.webhooks.conftest import Subscribe, deliver_all, later, run
from tests.people import Town


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
