"""Fetching: one account in trouble keeps nobody else waiting."""

import json

import pytest

from channels_adapters.contract import RawRequest
from contactcenter import background
from contactcenter.accounts.models import ChannelAccount
from crm.models import Message
from tests import paper

SHEET = {"id": "g-1", "from": "giulia", "text": "Ho pagato due volte la TARI."}


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
    assert background.poll_all() == 1
    assert Message.objects.filter(direction="in").count() == 1
    tray.refresh_from_db()
    assert tray.trouble
    assert "Giulia" not in tray.trouble


@pytest.mark.django_db
def test_a_channel_that_was_removed_stops_no_fetching(tray: ChannelAccount) -> None:
    ChannelAccount.objects.filter(pk=tray.pk).update(kind="fax")
    assert background.poll_all() == 1


@pytest.mark.django_db
def test_secrets_under_a_lost_key_stop_only_their_own_account(tray: ChannelAccount) -> None:
    ChannelAccount.objects.filter(pk=tray.pk).update(secrets="sealed with a key that nobody has")
    assert background.poll_all() == 1
    tray.refresh_from_db()
    assert tray.trouble_since is not None
