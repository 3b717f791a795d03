"""Waiting where a provider tells of news by itself."""

import dataclasses
import threading

import pytest

from channels_adapters.contract import RawRequest, SendError
from contactcenter.accounts.models import ChannelAccount
from contactcenter.administration import listening
from contactcenter.intake.models import RawDelivery
from tests import paper

SHEET = b'{"id": "s-1", "from": "giulia@example.org", "text": "Buongiorno"}'


class Stop(threading.Event):
    """Set by what the test lets happen; nobody waits in real time."""

    def wait(self, timeout: float | None = None) -> bool:
        return self.is_set()


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test itself lives in the connection that the listener would give back while it waits."""
    monkeypatch.setattr(listening, "close_old_connections", lambda: None)


@pytest.fixture
def stop() -> Stop:
    return Stop()


@pytest.fixture
def post(letters: ChannelAccount, monkeypatch: pytest.MonkeyPatch) -> ChannelAccount:
    """The paper account, whose provider can tell of news."""
    abilities = dataclasses.replace(paper.Adapter.abilities, listens=True)
    monkeypatch.setattr(paper.Adapter, "abilities", abilities)
    return letters


def test_only_open_accounts_that_can_listen_are_listened_to(post: ChannelAccount, chat_account: ChannelAccount) -> None:
    assert listening.accounts() == ["carta"]
    ChannelAccount.objects.filter(slug="carta").update(enabled=False)
    assert listening.accounts() == []


def test_an_account_of_a_channel_nobody_installed_is_passed_over(post: ChannelAccount) -> None:
    ChannelAccount.objects.filter(slug="carta").update(kind="pigeon")
    assert listening.accounts() == []


def test_news_is_fetched_at_once(post: ChannelAccount, stop: Stop, monkeypatch: pytest.MonkeyPatch) -> None:
    sheets = [[RawRequest(door="poll", body=SHEET)], []]

    def listen(self: paper.Adapter, seconds: float) -> bool:
        stop.set()  # after this news nobody listens any more
        return True

    monkeypatch.setattr(paper.Adapter, "listen", listen)
    monkeypatch.setattr(paper.Adapter, "poll", lambda self, cursor: (sheets.pop(0), "1"))
    listening.listen_to("carta", stop)
    assert RawDelivery.objects.get().account == post


def test_no_news_fetches_nothing(post: ChannelAccount, stop: Stop, monkeypatch: pytest.MonkeyPatch) -> None:
    def listen(self: paper.Adapter, seconds: float) -> bool:
        stop.set()
        return False

    def poll(self: paper.Adapter, cursor: str) -> tuple[list[RawRequest], str]:
        raise AssertionError("nothing was to be fetched")

    monkeypatch.setattr(paper.Adapter, "listen", listen)
    monkeypatch.setattr(paper.Adapter, "poll", poll)
    listening.listen_to("carta", stop)


def test_an_account_that_was_switched_off_is_left(post: ChannelAccount, stop: Stop) -> None:
    ChannelAccount.objects.filter(slug="carta").update(enabled=False)
    listening.listen_to("carta", stop)


@pytest.mark.parametrize("error", [SendError("The server is away."), OSError("reset")])
def test_a_provider_in_trouble_is_left_in_peace_for_a_minute(
    post: ChannelAccount, stop: Stop, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    waited: list[float | None] = []

    def listen(self: paper.Adapter, seconds: float) -> bool:
        raise error

    def wait(timeout: float | None = None) -> bool:
        waited.append(timeout)
        return True

    monkeypatch.setattr(paper.Adapter, "listen", listen)
    monkeypatch.setattr(stop, "wait", wait)
    listening.listen_to("carta", stop)
    assert waited == [listening.AFTER_TROUBLE]


def test_a_listener_that_ended_is_started_again(stop: Stop, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []

    def begin(slug: str, stop: threading.Event) -> threading.Thread:
        started.append(slug)
        if len(started) == 3:
            stop.set()
        return threading.Thread()  # never alive

    monkeypatch.setattr(listening, "accounts", lambda: ["carta"])
    monkeypatch.setattr(listening, "_start", begin)
    listening.listen(stop)
    assert started == ["carta", "carta", "carta"]
