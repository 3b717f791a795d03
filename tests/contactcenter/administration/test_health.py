"""What a supervisor, a load balancer and a monitoring system are told."""

import datetime as dt
from pathlib import Path

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from contactcenter.accounts.models import ChannelAccount
from contactcenter.administration import backlog, first_start, readiness
from contactcenter.intake.models import RawDelivery
from contactcenter.outbox.models import OutboxItem
from contactcenter.queues.models import WorkItem
from crm.models import Interaction
from tests.people import Town


def checks(client: Client) -> tuple[int, dict[str, dict[str, object]]]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()["checks"]


def test_alive_asks_nothing_of_the_database(client: Client) -> None:
    # No `db` fixture: a query would fail this test.
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_a_healthy_house_is_ready_and_names_each_dependency(client: Client, db: None) -> None:
    status, named = checks(client)
    assert status == 200
    assert list(named) == [
        "database", "migrations", "broker", "channel layer", "data folder", "secrets", "outbox", "undeliverable",
    ]  # fmt: skip
    assert all(one["ok"] for one in named.values())


def test_an_unreachable_database_is_red_and_tells_no_internals(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OperationalError("could not connect to server 10.1.2.3 as sportello")

    with monkeypatch.context() as patch:
        patch.setattr(readiness.connection, "ensure_connection", refuse)
        answer = client.get("/readyz")
    named = answer.json()["checks"]
    assert answer.status_code == 503
    assert named["database"]["says"] == "The database can't be reached. Is it running, and is DATABASE_URL right?"
    assert "outbox" not in named
    assert "10.1.2.3" not in answer.content.decode()


def test_missing_migrations_are_red(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_start, "pending_migrations", lambda: 3)
    status, named = checks(client)
    assert status == 503
    assert named["migrations"]["says"] == "Migrations are missing: 3. Run: manage.py migrate."


def test_an_unreachable_redis_is_red(client: Client, db: None, settings: Settings) -> None:
    settings.EMBEDDED = False
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    status, named = checks(client)
    assert status == 503
    assert named["broker"]["says"] == "Redis can't be reached. Is it running, and is REDIS_URL right?"


def test_a_data_folder_that_cannot_be_written_is_red(
    client: Client, db: None, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.DATA_DIR = tmp_path / "file"
    status, named = checks(client)
    assert (status, named["data folder"]["ok"]) == (503, False)


def test_a_missing_secret_is_red(client: Client, db: None, settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = []
    status, named = checks(client)
    assert (status, named["secrets"]["ok"]) == (503, False)
    assert "ENCRYPTION_KEY" in str(named["secrets"]["says"])


def stuck_message(account: ChannelAccount, minutes: int) -> OutboxItem:
    then = timezone.now() - dt.timedelta(minutes=minutes)
    return OutboxItem.objects.create(account=account, created_at=then, next_attempt_at=then)


def undeliverable(account: ChannelAccount) -> RawDelivery:
    return RawDelivery.objects.create(
        account=account,
        key="k",
        door="hand",
        method="POST",
        body=b"?",
        state="undeliverable",
        received_at=timezone.now(),
    )


def test_a_message_that_cannot_leave_is_remarked_but_keeps_the_house_open(
    client: Client, letters: ChannelAccount
) -> None:
    stuck_message(letters, minutes=40)
    status, named = checks(client)
    assert status == 200
    assert named["outbox"]["says"] == "A message has been waiting to leave for 40 minutes."


def test_what_was_not_understood_is_counted(client: Client, letters: ChannelAccount) -> None:
    undeliverable(letters)
    status, named = checks(client)
    assert status == 200
    assert named["undeliverable"]["says"] == "Items that could not be understood and wait for a look: 1."


def test_what_was_perhaps_sent_is_counted_apart(letters: ChannelAccount) -> None:
    item = stuck_message(letters, minutes=1)
    assert backlog.perhaps_sent() == 0
    OutboxItem.objects.filter(pk=item.pk).update(state=OutboxItem.State.UNKNOWN)
    assert backlog.perhaps_sent() == 1
    assert backlog.oldest_waiting() is None


# --- /metrics ---------------------------------------------------------------------------------------------------------


def test_figures_tell_queues_and_backlogs(client: Client, town: Town, letters: ChannelAccount) -> None:
    conversation = Interaction.objects.create(
        account="carta", family="written", office=town.front, opened_at=timezone.now(), subject="Giulia Ferri"
    )
    WorkItem.objects.create(
        interaction=conversation, queue=town.front_queue, family="written", queued_at=timezone.now(),
        rank_at=timezone.now(),
    )  # fmt: skip
    stuck_message(letters, minutes=2)
    undeliverable(letters)
    text = client.get("/metrics").content.decode()
    assert 'sportello_queue_waiting{queue="accoglienza"} 1.0' in text
    assert 'sportello_queue_waiting{queue="tributi"} 0.0' in text
    assert 'sportello_outbox_items{state="waiting"} 1.0' in text
    assert 'sportello_deliveries{state="undeliverable"} 1.0' in text
    assert "Giulia" not in text


@pytest.mark.parametrize("address", ["203.0.113.9", "", "2001:db8::1"])
def test_strangers_see_no_figures(client: Client, db: None, address: str) -> None:
    assert client.get("/metrics", REMOTE_ADDR=address).status_code == 403


def test_behind_a_proxy_everybody_is_a_stranger(client: Client, db: None, settings: Settings) -> None:
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert client.get("/metrics").status_code == 403


def test_the_token_opens_from_anywhere_and_nothing_else_does(client: Client, db: None, settings: Settings) -> None:
    settings.METRICS_TOKEN = "geheim-ma-non-troppo"
    allowed = client.get(
        "/metrics", REMOTE_ADDR="203.0.113.9", headers={"Authorization": "Bearer geheim-ma-non-troppo"}
    )
    assert allowed.status_code == 200
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer è-sbagliato"}).status_code == 403


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_nothing_may_be_posted_here(client: Client, db: None, path: str) -> None:
    assert client.post(path).status_code == 405
