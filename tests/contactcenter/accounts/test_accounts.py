"""Accounts: secrets apart, missing means closed."""

from typing import Any
from unittest.mock import patch

import pytest

from channels_adapters.registry import UnknownKind
from contactcenter.accounts import accounts, secrets
from contactcenter.accounts.models import ChannelAccount
from crm.access import Forbidden
from crm.models import AuditEntry, User
from tests.people import Town


def test_a_secret_opens_only_with_a_key_of_this_house(settings: pytest.FixtureRequest) -> None:
    sealed = secrets.seal({"password": "segreta"})
    assert "segreta" not in sealed
    kept = settings.ENCRYPTION_KEYS  # type: ignore[attr-defined]  # pytest-django's settings
    settings.ENCRYPTION_KEYS = ["new", *kept]  # type: ignore[attr-defined]  # the old key still opens
    assert secrets.unseal(sealed) == {"password": "segreta"}
    settings.ENCRYPTION_KEYS = ["another house"]  # type: ignore[attr-defined]  # pytest-django's settings
    with pytest.raises(secrets.Unreadable, match="ENCRYPTION_KEY"):
        secrets.unseal(sealed)
    settings.ENCRYPTION_KEYS = []  # type: ignore[attr-defined]  # pytest-django's settings
    with pytest.raises(secrets.Unreadable, match="ENCRYPTION_KEY"):
        secrets.seal({"password": "x"})


@pytest.mark.django_db
def test_secrets_are_sealed_and_the_rest_is_readable(letters: ChannelAccount) -> None:
    row = ChannelAccount.objects.get()
    assert "inchiostro" not in row.secrets + str(row.settings)
    assert row.adapter.settings.secret == "inchiostro"


@pytest.mark.django_db
def test_changing_settings_keeps_a_secret_that_was_not_given(letters: ChannelAccount, ada: User) -> None:
    accounts.change(account=letters, actor=ada, settings={}, name="URP")
    row = ChannelAccount.objects.get()
    assert (row.name, row.adapter.settings.secret) == ("URP", "inchiostro")
    assert AuditEntry.objects.get(action="account.changed").actor == ada


@pytest.mark.django_db
def test_only_an_administrator_makes_accounts(town: Town, anna: User, letters: ChannelAccount) -> None:
    with pytest.raises(Forbidden):
        accounts.create(slug="x", kind="paper", name="x", queue=town.front_queue, actor=anna)
    with pytest.raises(UnknownKind, match="smoke"):
        accounts.create(slug="x", kind="smoke", name="x", queue=town.front_queue, actor=None)


@pytest.mark.django_db
def test_a_disabled_account_is_not_found(letters: ChannelAccount) -> None:
    assert accounts.find("carta") == letters
    ChannelAccount.objects.update(enabled=False)
    with pytest.raises(accounts.Disabled):
        accounts.find("carta")


@pytest.mark.django_db(transaction=True)
@patch.dict(accounts._kept, clear=True)
def test_a_door_goes_by_what_it_read_for_two_seconds_and_no_longer(letters: ChannelAccount, settings: Any) -> None:
    settings.ACCOUNTS_KEPT_FOR = 2.0
    with patch.object(accounts.time, "monotonic", return_value=1000.0) as clock:
        assert accounts.kept("carta") == letters
        ChannelAccount.objects.update(enabled=False)  # as another process does it
        clock.return_value = 1001.9
        assert accounts.kept("carta") == letters
        clock.return_value = 1002.0
        with pytest.raises(accounts.Disabled):
            accounts.kept("carta")


@pytest.mark.django_db(transaction=True)
@patch.dict(accounts._kept, clear=True)
def test_what_is_changed_here_counts_at_the_door_at_once(letters: ChannelAccount, ada: User, settings: Any) -> None:
    settings.ACCOUNTS_KEPT_FOR = 60.0
    assert accounts.kept("carta").name == letters.name
    accounts.change(account=letters, actor=ada, name="URP")
    assert accounts.kept("carta").name == "URP"
    accounts.change(account=letters, actor=ada, enabled=False)
    with pytest.raises(accounts.Disabled):
        accounts.kept("carta")
