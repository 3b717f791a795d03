"""Files of a conversation: kept for their sender, handed out by short-lived addresses."""

import datetime as dt

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from crm.models import Attachment
from tests.contactcenter.intake.visitors.conftest import Browser, frames

pytestmark = pytest.mark.django_db


def pdf(name: str = "ricevuta.pdf", size: int = 0) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"%PDF-1.4\n%" + b"x" * size, content_type="text/html")


def test_file_goes_with_the_next_message_and_comes_back_as_a_download(giulia: Browser, client: Client) -> None:
    uploaded = giulia.upload(pdf())
    assert uploaded.status_code == 201
    giulia.say("Ecco la ricevuta", files=[uploaded.json()["id"]])
    [_welcome, said] = frames(giulia.get("messages/?after=0"))
    [file] = said["files"]
    assert (file["name"], file["type"]) == ("ricevuta.pdf", "application/pdf")
    served = client.get(file["url"])
    assert served.status_code == 200
    assert served["Content-Disposition"].startswith("attachment")
    assert served["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in served["Content-Security-Policy"]


def test_file_of_somebody_else_can_t_be_attached(giulia: Browser, marco: Browser) -> None:
    stolen = marco.upload(pdf()).json()["id"]
    giulia.say("Guarda", files=[stolen])
    assert Attachment.objects.get().message is None


@pytest.mark.parametrize("spoiled", ["", "?key=", "?key=1:2", "?key=%00"])
def test_file_without_its_key_stays_closed(giulia: Browser, client: Client, spoiled: str) -> None:
    giulia.say("Ecco", files=[giulia.upload(pdf()).json()["id"]])
    url = frames(giulia.get("messages/?after=0"))[1]["files"][0]["url"]
    answer = client.get(url.split("?")[0] + spoiled)
    assert answer.status_code == 410
    assert answer.content.decode().endswith(".")


def test_address_of_a_file_expires(giulia: Browser, client: Client) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC), tick=False) as clock:
        giulia.say("Ecco", files=[giulia.upload(pdf()).json()["id"]])
        url = frames(giulia.get("messages/?after=0"))[1]["files"][0]["url"]
        clock.shift(dt.timedelta(hours=1, minutes=1))
        assert client.get(url).status_code == 410


def test_key_of_one_file_doesn_t_open_another(giulia: Browser, marco: Browser, client: Client) -> None:
    for visitor in (giulia, marco):
        visitor.say("Ecco", files=[visitor.upload(pdf()).json()["id"]])
    mine, theirs = (frames(visitor.get("messages/?after=0"))[1]["files"][0]["url"] for visitor in (giulia, marco))
    assert client.get(theirs.split("?")[0] + "?" + mine.split("?")[1]).status_code == 410


def test_file_that_is_too_large_is_refused_before_it_is_kept(giulia: Browser) -> None:
    answer = giulia.upload(pdf(size=10 * 1024 * 1024 + 20_000))
    assert answer.status_code == 413
    assert Attachment.objects.count() == 0


def test_upload_without_a_file_is_refused_in_words(giulia: Browser) -> None:
    answer = giulia.post("uploads/", {})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "no-file"
