"""Service mode's mail catcher says why it can't begin, and what to do."""

from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import translation

from contactcenter.accounts.models import ChannelAccount
from contactcenter.demo_street import installation
from contactcenter.demo_street.opening import CannotOpen, open_street, opened
from crm.models import User


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    with translation.override("en"):
        yield


@pytest.fixture
def street(mail_account: ChannelAccount, anna: User) -> ChannelAccount:
    User.objects.filter(pk=anna.pk).update(is_demo=True)
    return mail_account


def test_an_office_that_works_in_earnest_has_no_catcher(mail_account: ChannelAccount, anna: User) -> None:
    with pytest.raises(CommandError, match=r"There is no demo town .* manage\.py demo\."):
        call_command("demo_smtp")


def test_an_address_of_another_machine_is_named_and_not_called_a_missing_town(street: ChannelAccount) -> None:
    with pytest.raises(CommandError, match=r"No mail can be taken at 192\.0\.2\.1\. .*--host 127\.0\.0\.1"):
        call_command("demo_smtp", "--host", "192.0.2.1")
    street.refresh_from_db()
    assert "smtp_host" not in street.settings


def test_a_database_that_is_away_is_named(street: ChannelAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> bool:
        raise OperationalError("connection refused")

    monkeypatch.setattr(installation, "is_demo", away)
    with pytest.raises(CannotOpen, match="database can't be reached"):
        opened(8160)
    assert open_street(8160) is None  # the house itself works all the same


def test_the_office_is_told_where_its_mail_is_kept(street: ChannelAccount) -> None:
    catcher = opened(8160)
    try:
        street.refresh_from_db()
        assert (street.settings["smtp_host"], street.settings["smtp_port"]) == ("127.0.0.1", catcher.port)
    finally:
        catcher.stop()
