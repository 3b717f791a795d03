"""Fetching: one account in trouble, or a slow one, keeps nobody else waiting."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine

from channels_adapters.contract import RawRequest
from config.celery import app
from contactcenter import background
from contactcenter.accounts import accounts
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake import poll
from contactcenter.intake.models import RawDelivery
from crm.models import Message, User
from tests import paper

SHEET = {"id": "g-1", "from": "giulia", "text": "Ho pagato due volte la TARI."}


@pytest.fixture(autouse=True)
def _at_once() -> Iterator[None]:
    """What is handed to a worker is done in the same breath."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


@pytest.fixture
def tray(monkeypatch: pytest.MonkeyPatch, letters: ChannelAccount) -> ChannelAccount:
    """`letters` has one sheet to fetch; the account before it, `anagrafe`, trips over its provider's answer."""

    def poll(self: paper.Adapter, cursor: str) -> tuple[list[RawRequest], str]:
        if self.account.slug == "anagrafe":
            raise KeyError("Giulia Ferri")
        return ([], cursor) if cursor else ([RawRequest(door="poll", body=json.dumps(SHEET).encode())], "1")

    monkeypatch.setattr(paper.Adapter, "poll", poll)
    return ChannelAccount.objects.create(
        slug="anagrafe", kind="paper", name="Anagrafe", office=letters.office, queue=letters.queue
    )


@pytest.mark.django_db
def test_an_account_whose_fetching_trips_is_named_and_the_others_are_fetched(tray: ChannelAccount) -> None:
    background.poll_all()
    assert Message.objects.filter(direction="in").count() == 1
    tray.refresh_from_db()
    assert tray.trouble
    assert "Giulia" not in tray.trouble


@pytest.mark.django_db
def test_a_channel_that_was_removed_stops_no_fetching(tray: ChannelAccount) -> None:
    ChannelAccount.objects.filter(pk=tray.pk).update(kind="fax")
    assert background.poll_all() == 1
    assert Message.objects.filter(direction="in").count() == 1


@pytest.mark.django_db
def test_secrets_under_a_lost_key_stop_only_their_own_account(tray: ChannelAccount) -> None:
    ChannelAccount.objects.filter(pk=tray.pk).update(secrets="sealed with a key that nobody has")
    background.poll_all()
    assert Message.objects.filter(direction="in").count() == 1
    tray.refresh_from_db()
    assert tray.trouble_since is not None


@pytest.mark.django_db
def test_each_account_is_a_task_of_its_own_in_a_queue_of_its_own(
    tray: ChannelAccount, letters: ChannelAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[int] = []
    monkeypatch.setattr(background.poll_one, "apply_async", lambda args, expires: handed.extend(args))
    background.poll_all()
    assert sorted(handed) == sorted([tray.pk, letters.pk])
    assert app.amqp.router.route({}, "intake.poll_one")["queue"].name == "fetching"
    assert {queue.name for queue in app.amqp.queues.consume_from.values()} == {"celery", "fetching"}


@pytest.mark.django_db
def test_an_account_that_was_switched_off_meanwhile_is_left_alone(tray: ChannelAccount) -> None:
    ChannelAccount.objects.filter(pk=tray.pk).update(enabled=False)
    assert background.poll_one(tray.pk) == 0
    tray.refresh_from_db()
    assert tray.trouble == ""


@pytest.mark.django_db
def test_two_workers_never_fetch_one_account_at_once(letters: ChannelAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[int] = []

    def fetch(self: paper.Adapter, cursor: str) -> tuple[list[RawRequest], str]:
        fetched.append(poll.poll(ChannelAccount.objects.get(pk=letters.pk)))  # another worker, while we are at it
        return [], cursor

    monkeypatch.setattr(paper.Adapter, "poll", fetch)
    poll.poll(letters)
    assert fetched == [0]
    letters.refresh_from_db()
    assert letters.fetch_lease is None
    assert letters.fetch_leased_until is None


@pytest.mark.django_db
def test_a_worker_that_died_over_an_account_keeps_it_for_three_minutes(tray: ChannelAccount, now: datetime) -> None:
    """Its lease lies in the database, so it binds other processes, and a wiped broker doesn't matter."""
    lent = ChannelAccount.objects.get(slug="carta")
    assert poll._take_lease(lent) is not None
    assert background.poll_one(lent.pk) == 0
    with time_machine.travel(now + timedelta(minutes=3, seconds=1), tick=False):
        assert background.poll_one(lent.pk) == 1


@pytest.mark.django_db
def test_a_line_slower_than_any_lease_gets_on_and_moves_no_cursor_back(
    letters: ChannelAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lease ran out while the first worker fetched; the second one overtook it."""

    def fetch(self: paper.Adapter, cursor: str) -> tuple[list[RawRequest], str]:
        ChannelAccount.objects.filter(pk=letters.pk).update(cursor="7", fetch_lease=None, fetch_leased_until=None)
        return [RawRequest(door="poll", body=json.dumps(SHEET).encode())], "1"

    monkeypatch.setattr(paper.Adapter, "poll", fetch)
    assert poll.poll(letters) == 1
    letters.refresh_from_db()
    assert letters.cursor == "7"
    assert RawDelivery.objects.filter(account=letters).count() == 1


@pytest.mark.django_db
def test_settings_that_are_kept_while_a_worker_fetches_move_no_cursor_back(letters: ChannelAccount, ada: User) -> None:
    ChannelAccount.objects.filter(pk=letters.pk).update(cursor="40")
    accounts.change(account=letters, actor=ada, name="URP")
    letters.refresh_from_db()
    assert (letters.name, letters.cursor) == ("URP", "40")


@pytest.mark.django_db
def test_the_longest_unvisited_account_comes_first(tray: ChannelAccount, letters: ChannelAccount) -> None:
    ChannelAccount.objects.filter(pk=tray.pk).update(polled_at="2026-11-21T09:00:00Z")
    ChannelAccount.objects.filter(pk=letters.pk).update(polled_at="2026-11-21T08:00:00Z")
    assert poll.pollable() == [letters.pk, tray.pk]
