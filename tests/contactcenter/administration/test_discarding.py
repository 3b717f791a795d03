"""What is nobody's concern is discarded by an administrator, with a reason; its bytes are kept for a while only."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from contactcenter.accounts.models import ChannelAccount
from contactcenter.administration import backlog
from contactcenter.intake import accept, discarding, sweep
from contactcenter.intake.models import RawDelivery
from crm import access
from crm.models import AuditEntry, Interaction, User
from tests import paper

pytestmark = pytest.mark.django_db
SHEET = b'{"id": "1", "from": "giulia", "text": "Buongiorno"}'


@pytest.fixture
def stuck(letters: ChannelAccount) -> RawDelivery:
    """An advertisement that no adapter understands."""
    return RawDelivery.objects.create(
        account=letters, key="k1", door="hand", method="POST", headers={"x-delivery": "k1"},
        body=b"Comprate!", state="undeliverable", error="The sheet can't be read.", received_at="2026-11-21T09:00:00Z",
    )  # fmt: skip


@pytest.fixture
def desk(ada: User) -> Client:
    browser = Client(headers={"Accept-Language": "en"})
    browser.force_login(ada)
    return browser


def test_discarding_asks_first_and_wants_a_reason(stuck: RawDelivery, desk: Client) -> None:
    assert b"/discard/" in desk.get(f"/settings/undeliverable/{stuck.pk}/").content
    page = desk.get(f"/settings/undeliverable/{stuck.pk}/discard/").content.decode()
    assert "Discard this item?" in page
    assert "after 30 days" in page
    answer = desk.post(f"/settings/undeliverable/{stuck.pk}/discard/", {"why": " \n"})
    assert answer.status_code == 422
    assert "Say why this is discarded" in answer.content.decode()
    stuck.refresh_from_db()
    assert stuck.state == "undeliverable"


def test_what_was_discarded_leaves_the_list_and_the_alarm_and_says_why(
    stuck: RawDelivery, desk: Client, ada: User
) -> None:
    page = desk.post(f"/settings/undeliverable/{stuck.pk}/discard/", {"why": "Pubblicità"}, follow=True)
    assert "Nothing is stuck." in page.content.decode()
    assert "Pubblicità" in page.content.decode()
    assert backlog.not_understood() == 0
    assert "discarded" not in backlog.deliveries_by_state()
    entry = AuditEntry.objects.get(action="delivery.discarded")
    assert (entry.actor, entry.subject, entry.purpose) == (ada, f"delivery:{stuck.pk}", "Pubblicità")


def test_whoever_comes_second_is_told(stuck: RawDelivery, desk: Client, ada: User) -> None:
    second = RawDelivery.objects.get(pk=stuck.pk)
    discarding.discard(delivery=stuck, actor=ada, why="Pubblicità")
    with pytest.raises(discarding.NotDiscarded, match="."):
        discarding.discard(delivery=second, actor=ada, why="Spam")
    assert desk.get(f"/settings/undeliverable/{stuck.pk}/discard/").status_code == 404
    assert AuditEntry.objects.filter(action="delivery.discarded").count() == 1


def test_nobody_else_discards(stuck: RawDelivery, diego: User) -> None:
    browser = Client()
    browser.force_login(diego)
    assert browser.post(f"/settings/undeliverable/{stuck.pk}/discard/", {"why": "x"}).status_code == 403
    with pytest.raises(access.Forbidden):
        discarding.discard(delivery=stuck, actor=diego, why="x")


def test_an_item_discarded_in_error_is_replayed_while_its_bytes_are_kept(
    stuck: RawDelivery, desk: Client, ada: User
) -> None:
    discarding.discard(delivery=stuck, actor=ada, why="Pubblicità")
    RawDelivery.objects.update(body=SHEET)
    assert "Pubblicità" in desk.get(f"/settings/undeliverable/{stuck.pk}/").content.decode()
    page = desk.post(f"/settings/undeliverable/{stuck.pk}/replay/", follow=True)
    assert "It was taken in." in page.content.decode()
    assert Interaction.objects.count() == 1


def test_bytes_of_what_was_handled_go_after_the_installations_days(
    stuck: RawDelivery, desk: Client, ada: User, letters: ChannelAccount, settings: Any
) -> None:
    settings.KEEP_DELIVERIES_DAYS = 7
    kept = RawDelivery.objects.create(account=letters, key="k2", door="hand", body=b"?", state="undeliverable",
                                      received_at="2026-01-01T09:00:00Z")  # fmt: skip
    discarding.discard(delivery=stuck, actor=ada, why="Pubblicità")
    with time_machine.travel(timezone.now() + timedelta(days=6)):
        assert sweep.forget_bodies() == 0
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)):
        assert sweep.forget_bodies() == 1
        assert sweep.forget_bodies() == 0
    stuck.refresh_from_db()
    kept.refresh_from_db()
    assert (bytes(stuck.body), stuck.headers, stuck.discarded_why) == (b"", {}, "Pubblicità")
    assert bytes(kept.body) == b"?"  # nobody has handled it yet
    assert desk.post(f"/settings/undeliverable/{stuck.pk}/replay/").status_code == 404
    assert b"/replay/" not in desk.get(f"/settings/undeliverable/{stuck.pk}/").content


@pytest.mark.django_db(transaction=True)
def test_what_was_discarded_and_comes_again_stays_discarded(letters: ChannelAccount, ada: User) -> None:
    client = Client()
    assert paper.post(client, "not a sheet", delivery="d-1").content == b"Undeliverable"
    discarding.discard(delivery=RawDelivery.objects.get(), actor=ada, why="Pubblicità")
    assert paper.post(client, "not a sheet", delivery="d-1").content == b"Undeliverable"
    assert RawDelivery.objects.get().state == "discarded"


def test_replaying_everything_leaves_what_was_discarded(stuck: RawDelivery, ada: User) -> None:
    discarding.discard(delivery=stuck, actor=ada, why="Pubblicità")
    told = StringIO()
    call_command("replay_deliveries", stdout=told)
    assert told.getvalue() == "0 understood now.\n"
    RawDelivery.objects.update(body=SHEET)
    call_command("replay_deliveries", str(stuck.pk), stdout=told)
    stuck.refresh_from_db()
    assert stuck.state == accept.State.PROCESSED
