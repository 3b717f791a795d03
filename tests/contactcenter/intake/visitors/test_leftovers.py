"""What visitors left behind is forgotten; what was sent stays."""

import datetime as dt

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from contactcenter.files import store
from contactcenter.intake.visitors import leftovers
from contactcenter.intake.visitors.models import VisitorSession
from crm.models import Attachment, Message
from tests.contactcenter.intake.visitors.conftest import Browser

pytestmark = pytest.mark.django_db
MONDAY = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)


def receipt() -> SimpleUploadedFile:
    return SimpleUploadedFile("ricevuta.pdf", b"%PDF-1.4\n")


def test_file_that_was_never_sent_is_gone_after_a_day(giulia: Browser) -> None:
    with time_machine.travel(MONDAY, tick=False) as clock:
        giulia.upload(receipt())
        path = store.path_of(Attachment.objects.get())
        assert leftovers.forget(timezone.now()) == 0
        clock.shift(dt.timedelta(days=1, minutes=1))
        assert leftovers.forget(timezone.now()) == 1
    assert not path.exists()
    assert Attachment.objects.count() == 0


def test_file_of_an_agents_page_that_broke_off_is_gone_too() -> None:
    with time_machine.travel(MONDAY, tick=False) as clock:
        file = store.keep(name="modulo.txt", content=[b"x"], limit=10, at=timezone.now(), uploaded_by="user:1")
        file.save()
        clock.shift(dt.timedelta(days=2))
        assert leftovers.forget(timezone.now()) == 1
    assert not store.path_of(file).exists()


def test_file_that_was_sent_stays(giulia: Browser) -> None:
    with time_machine.travel(MONDAY, tick=False) as clock:
        giulia.say("Ecco", files=[giulia.upload(receipt()).json()["id"]])
        clock.shift(dt.timedelta(days=20))
        assert leftovers.forget(timezone.now()) == 0
    assert store.path_of(Attachment.objects.get()).exists()


def test_expired_session_is_forgotten_and_its_words_are_not(giulia: Browser, marco: Browser) -> None:
    giulia.say("Buongiorno")
    VisitorSession.objects.filter(pk=giulia.session.pk).update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert leftovers.forget(timezone.now()) == 1
    assert VisitorSession.objects.get() == marco.session
    assert Message.objects.get().text == "Buongiorno"
