"""What a conversation brings along: pictures on other servers, and files that are looked at, heard or read in place."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.test import Client

from channels_adapters import http
from channels_adapters.contract import InboundFile
from crm.models import Attachment, AuditEntry, Interaction, User
from tests.contactcenter.desk.conftest import PART, SignIn, Write, at

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")
MAIL = (
    '<p>Ecco il volantino</p><img src="https://foto.example/volantino.png" alt="Volantino">'
    '<img src="http://foto.example/logo.gif"><img src="https://foto.example:8443/x.png">'
)
Elsewhere = Callable[[Mapping[str, bytes]], list[str]]


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    """Other servers, by address; gives the list of what was asked of them."""
    asked: list[str] = []

    def serve(answers: Mapping[str, bytes]) -> list[str]:
        def fetch(method: str, url: str, **rules: Any) -> http.Answer:
            asked.append(url)
            if url not in answers:
                raise http.FetchFailed("The other side did not answer in time.", ambiguous=True)
            return http.Answer(200, {"set-cookie": "spy=1"}, answers[url], url)

        monkeypatch.setattr(http, "fetch", fetch)
        return asked

    return serve


def pictures_of(frame: str) -> list[str]:
    return re.findall(r'<img[^>]* src="(/desk/c/[^"]+)"', frame)


@pytest.mark.django_db
def test_nothing_is_fetched_until_the_agent_asks(write: Write, desk: Client, elsewhere: Elsewhere) -> None:
    asked = elsewhere({})
    found = write("Ecco il volantino", html=MAIL)
    frame = desk.get(at(found, "mail/1/")).content.decode()
    assert "Show 3 pictures" in frame
    assert "The sender may learn that this was opened." in frame
    assert "foto.example" not in frame
    assert asked == []


@pytest.mark.django_db
def test_pictures_come_through_the_house_and_never_from_the_agents_browser(
    write: Write, desk: Client, anna: User, elsewhere: Elsewhere
) -> None:
    asked = elsewhere({"https://foto.example/volantino.png": PNG})
    found = write("Ecco il volantino", html=MAIL)
    frame = desk.get(at(found, "mail/1/?pictures"))
    assert "img-src 'self'" in frame["Content-Security-Policy"]
    html = frame.content.decode()
    assert "foto.example" not in html
    assert 'alt="Volantino"' in html
    shown = desk.get(pictures_of(html)[0])
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert shown.content == PNG
    assert "Set-Cookie" not in shown.headers
    assert asked == ["https://foto.example/volantino.png"]
    entry = AuditEntry.objects.get(action="pictures.fetched")
    assert (entry.actor, entry.data) == (anna, {"seq": 1})


@pytest.mark.django_db
def test_an_unencrypted_picture_is_asked_for_encrypted(write: Write, desk: Client, elsewhere: Elsewhere) -> None:
    asked = elsewhere({"https://foto.example/logo.gif": PNG})
    found = write("Ecco", html=MAIL)
    address = pictures_of(desk.get(at(found, "mail/1/?pictures")).content.decode())[1]
    assert desk.get(address).status_code == 200
    assert asked == ["https://foto.example/logo.gif"]


@pytest.mark.django_db
@pytest.mark.parametrize("body", [b"<html><script>alert(1)</script>", b"<svg onload='x'/>", b"%PDF-1.7", b""])
def test_what_is_no_picture_is_not_passed_on(body: bytes, write: Write, desk: Client, elsewhere: Elsewhere) -> None:
    elsewhere({"https://foto.example/volantino.png": body})
    found = write("Ecco", html=MAIL)
    address = pictures_of(desk.get(at(found, "mail/1/?pictures")).content.decode())[0]
    answer = desk.get(address)
    assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.django_db
def test_only_addresses_of_that_mail_can_be_fetched(
    write: Write, giulia: Interaction, desk: Client, elsewhere: Elsewhere
) -> None:
    asked = elsewhere({"https://foto.example/volantino.png": PNG})
    found = write("Ecco", who="paolo", html=MAIL)
    address = pictures_of(desk.get(at(found, "mail/1/?pictures")).content.decode())[0]
    assert desk.get(address.replace(str(found.public_id), str(giulia.public_id))).status_code == 404
    assert desk.get(at(found, "mail/1/0123456789abcdef0123/")).status_code == 404
    assert asked == []


@pytest.mark.django_db
def test_a_stranger_to_the_conversation_makes_the_house_fetch_nothing(
    write: Write, desk: Client, elsewhere: Elsewhere, sign_in: SignIn
) -> None:
    asked = elsewhere({})
    found = write("Ecco", html=MAIL)
    address = pictures_of(desk.get(at(found, "mail/1/?pictures")).content.decode())[0]
    nobody = sign_in(User.objects.create_user(username="nessuno", password="x", email="n@example.it"))
    assert nobody.get(address).status_code == 403
    assert asked == []


# --- files in their place ---


def page_with(write: Write, desk: Client, name: str, body: bytes) -> tuple[str, Attachment]:
    found = write("Ecco", files=(InboundFile(name=name, body=body),))
    return desk.get(at(found), headers=PART).content.decode(), Attachment.objects.get()


@pytest.mark.django_db
def test_a_paper_opens_in_a_tab_of_its_own_and_that_is_recorded(write: Write, desk: Client, anna: User) -> None:
    page, file = page_with(write, desk, "ricevuta.pdf", b"%PDF-1.7 x")
    assert "Open ricevuta.pdf" in page
    shown = desk.get(f"/desk/files/{file.public_id}/?show")
    assert (shown["Content-Type"], shown["Content-Disposition"][:6]) == ("application/pdf", "inline")
    assert "frame-ancestors 'none'" in shown["Content-Security-Policy"]
    assert AuditEntry.objects.filter(action="attachment.read", actor=anna).count() == 1


@pytest.mark.django_db
def test_a_voice_message_is_heard_in_the_conversation(write: Write, desk: Client) -> None:
    page, file = page_with(write, desk, "nota vocale.ogg", b"OggS" + b"\x00" * 30)
    assert re.search(r'<audio [^>]*aria-label="nota vocale.ogg"', page)
    assert desk.get(f"/desk/files/{file.public_id}/?show")["Content-Type"] == "audio/ogg"


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_the_beginning_of_a_text_is_read_in_place(encoding: str, write: Write, desk: Client, anna: User) -> None:
    body = ("La città è più buia. <b>Lampione 7</b>\n" + "riga\n" * 9000).encode(encoding)
    page, file = page_with(write, desk, "segnalazione.txt", body)
    assert "Read segnalazione.txt here" in page
    part = desk.get(f"/desk/files/{file.public_id}/preview/", headers=PART).content.decode()
    assert "La città è più buia. &lt;b&gt;Lampione 7" in part
    assert "The file is longer." in part
    assert AuditEntry.objects.filter(action="attachment.read", actor=anna).count() == 1


@pytest.mark.django_db
def test_what_the_scanner_locked_is_neither_shown_nor_previewed(write: Write, desk: Client) -> None:
    _page, file = page_with(write, desk, "nota.txt", b"parole")
    Attachment.objects.update(scan=Attachment.Scan.INFECTED)
    assert desk.get(f"/desk/files/{file.public_id}/preview/", headers=PART).status_code == 422
    assert desk.get(f"/desk/files/{file.public_id}/?show").status_code == 403
