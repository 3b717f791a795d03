"""`manage.py doctor` says in words what is wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.db import OperationalError
from pytest_django import Settings

from channels_adapters.contract import SendError
from contactcenter.accounts.models import ChannelAccount
from contactcenter.administration import inspection, translations
from crm import audit
from crm.models import AuditEntry, User
from tests import paper


@pytest.fixture(autouse=True)
def _translations_are_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether this checkout was set up is not what these tests are about."""
    monkeypatch.setattr(translations, "uncompiled", list)


def doctor(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    try:
        call_command("doctor")
        code = 0
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, capsys.readouterr().out


def test_a_healthy_house_is_well(anna: User, capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor(capsys) == (0, "All is well.\n")


def test_an_empty_house_is_remarked_but_not_wrong(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    code, words = doctor(capsys)
    assert code == 0
    assert "remark  Nobody can log in yet." in words


def test_a_channel_whose_secret_was_sealed_with_another_key_is_named(
    anna: User, letters: ChannelAccount, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.ENCRYPTION_KEYS = ["another key, long enough to be one, but not the one"]
    code, words = doctor(capsys)
    assert code == 1
    assert "ERROR   Channel “carta”: The stored secrets were encrypted with another ENCRYPTION_KEY." in words


def test_what_an_adapter_finds_is_told_with_the_channels_name(
    anna: User, letters: ChannelAccount, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(paper.Adapter, "check", lambda self: ["The ink is dry. Buy some."])
    code, words = doctor(capsys)
    assert (code, words) == (1, "ERROR   Channel “carta”: The ink is dry. Buy some.\n1 to mend, 0 to know.\n")


def test_a_channel_that_is_switched_off_may_be_wrong(
    anna: User, letters: ChannelAccount, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ChannelAccount.objects.update(enabled=False)
    monkeypatch.setattr(paper.Adapter, "check", lambda self: ["The ink is dry."])
    code, words = doctor(capsys)
    assert code == 0
    assert "remark  Channel “carta”: The ink is dry." in words


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (SendError("The provider can't be reached."), "The provider can't be reached."),
        (RuntimeError("password=inchiostro"), "its check broke off with RuntimeError."),
    ],
)
def test_a_check_that_breaks_off_hides_no_other_and_tells_no_secret(
    anna: User,
    letters: ChannelAccount,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    told: str,
) -> None:
    def break_off(self: object) -> list[str]:
        raise error

    monkeypatch.setattr(paper.Adapter, "check", break_off)
    code, words = doctor(capsys)
    assert code == 1
    assert f"Channel “carta”: {told}" in words
    assert "inchiostro" not in words


def test_a_channel_nobody_installed_is_named(
    anna: User, letters: ChannelAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    ChannelAccount.objects.update(kind="pigeon")
    code, words = doctor(capsys)
    assert code == 1
    assert "Channel “carta”: no channel of kind “pigeon” is installed here." in words


def test_an_audit_entry_that_was_changed_is_told(anna: User, capsys: pytest.CaptureFixture[str]) -> None:
    audit.record("interaction.read", subject="interaction:x", actor=anna)
    audit.seal()
    AuditEntry.objects.update(action="interaction.closed")
    code, words = doctor(capsys)
    assert code == 1
    assert str(AuditEntry.objects.get().pk) in words


def test_missing_browser_parts_are_told(
    anna: User, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(finders, "find", lambda path: None)
    code, words = doctor(capsys)
    assert code == 1
    assert "Run: make setup." in words


def test_uncompiled_translations_are_told(
    anna: User, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(translations, "uncompiled", lambda: ["crm (uk)"])
    code, words = doctor(capsys)
    assert code == 1
    assert "Translations are not compiled: crm (uk)." in words


def test_a_production_without_a_key_is_told_once(
    anna: User, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.PRODUCTION = True
    settings.BASE_URL = "https://sportello.roccaverde.example"
    settings.ENCRYPTION_KEYS = []
    _, words = doctor(capsys)
    assert words.count("ENCRYPTION_KEY (") == 1


def test_a_data_folder_in_the_way_is_told(
    anna: User, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    settings.DATA_DIR = tmp_path / "file"
    code, words = doctor(capsys)
    assert code == 1
    assert "attachments could not be stored" in words


def test_a_table_that_cannot_be_read_stops_no_other_check(
    anna: User, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def _people() -> Iterator[inspection.Remark]:
        raise OperationalError("disk image is malformed")
        yield

    monkeypatch.setattr(inspection, "STORED", [_people, *inspection.STORED[2:]])
    code, words = doctor(capsys)
    assert code == 1
    assert words == "ERROR   The database refused a question (OperationalError): people.\n1 to mend, 0 to know.\n"
