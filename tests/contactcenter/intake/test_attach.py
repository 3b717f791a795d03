"""Files that come with a message stay with it, or go again: a message that isn't recorded leaves none behind."""

import datetime as dt
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from contactcenter.accounts.models import ChannelAccount
from contactcenter.files import store
from contactcenter.intake import queueing, receive, sweep
from crm.models import Attachment
from tests.paper import GIULIA, post

LETTER = {**GIULIA, "files": {"ricevuta.txt": "Pagato.", "bolletta.txt": "Da pagare."}}


def on_disk() -> set[str]:
    root = Path(settings.ATTACHMENTS_DIR)
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


@pytest.mark.django_db
def test_a_message_that_fails_leaves_no_file_and_its_next_attempt_keeps_each_once(
    client: Client, letters: ChannelAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = on_disk()
    with monkeypatch.context() as broken:
        broken.setattr(queueing, "queue", lambda *_given, **_more: 1 / 0)
        assert post(client, LETTER).content == b"Stored"
    assert on_disk() == before
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=1)):
        sweep.sweep()
    assert on_disk() - before == set(Attachment.objects.values_list("stored_as", flat=True))
    assert Attachment.objects.filter(message__isnull=False).count() == 2


@pytest.mark.django_db
def test_a_disk_that_is_full_at_the_second_file_leaves_not_even_the_first(
    client: Client, letters: ChannelAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, write = on_disk(), store._write

    def full(target: Path, *given: object) -> tuple[int, str, bytes]:
        if len(on_disk()) > len(before):
            raise OSError("no space left on device")
        return write(target, *given)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(store, "_write", full)
    assert post(client, LETTER).content == b"Stored"
    assert on_disk() == before


@pytest.mark.django_db(transaction=True)
def test_where_nobody_knows_whether_the_commit_took_place_the_files_stay(
    client: Client, letters: ChannelAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line to the database broke after the order to commit: the message may be there, and would lack its files."""
    before, taken_in = on_disk(), receive._taken_in

    def committed_but_not_told(*given: object) -> object:
        taken_in(*given)  # type: ignore[arg-type]  # passed on as it came
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(receive, "_taken_in", committed_but_not_told)
    post(client, LETTER)
    assert on_disk() - before == set(Attachment.objects.values_list("stored_as", flat=True))
    assert Attachment.objects.count() == 2
