"""Accounts: secrets apart, missing means closed."""

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
