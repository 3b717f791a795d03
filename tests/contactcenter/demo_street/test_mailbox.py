"""The pretend mailbox: real mail into the office by its own door, real mail out of it by SMTP, and nobody else's to see."""

import smtplib
from collections.abc import Iterator
from email import message_from_bytes
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from contactcenter.accounts.models import ChannelAccount
from contactcenter.demo_street import post
from contactcenter.demo_street.catcher import Catcher
from contactcenter.demo_street.models import DemoMail
from contactcenter.outbox import dispatch, replies
from contactcenter.outbox.models import OutboxItem
from crm.models import Attachment, Case, Interaction, Message, User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office(mail_account: ChannelAccount, anna: User) -> ChannelAccount:
    """A demo installation with its mailbox open."""
    User.objects.filter(pk=anna.pk).update(is_demo=True)
    return mail_account


@pytest.fixture
def catcher(office: ChannelAccount) -> Iterator[Catcher]:
    catching = Catcher()
    catching.start()
    office.settings |= {
        "sending": "own", "smtp_host": catching.host, "smtp_port": catching.port, "smtp_security": "none",
    }  # fmt: skip
    office.save()
    yield catching
    catching.stop()


@pytest.fixture
def giulia() -> Client:
    return Client(HTTP_ACCEPT_LANGUAGE="en")


def write(client: Client, **fields: Any) -> Any:
    letter = {"name": "Giulia Ferri", "subject": "Buca in via Verdi", "text": "C’è una buca davanti al 12."}
    return client.post("/demo/mail/write/", {**letter, **fields})


def send_all() -> None:
    for pk in OutboxItem.objects.filter(state=OutboxItem.State.WAITING).values_list("pk", flat=True):
        assert dispatch.dispatch(pk)


def test_a_mail_becomes_a_case_in_the_queue(office: ChannelAccount, giulia: Client) -> None:
    answer = write(giulia)
    assert answer.status_code == 302
    interaction = Interaction.objects.get()
    assert interaction.subject == "Buca in via Verdi"
    assert interaction.contact_point is not None
    assert interaction.contact_point.value.endswith("@posta.example")
    assert interaction.work_items.get().state == "waiting"


def test_a_file_travels_along(office: ChannelAccount, giulia: Client) -> None:
    write(giulia, file=SimpleUploadedFile("foto buca.txt", b"tre scooter caduti"))
    kept = Attachment.objects.get()
    assert kept.name == "foto buca.txt"
    sent = giulia.get(f"/demo/mail/{DemoMail.objects.get(from_office=False).public_id}/files/0/")
    assert sent.content == b"tre scooter caduti"
    assert sent["Content-Disposition"].startswith("attachment")


def test_the_answer_leaves_by_smtp_and_the_reply_joins_the_same_case(
    office: ChannelAccount, catcher: Catcher, giulia: Client, anna: User
) -> None:
    write(giulia)
    send_all()  # the acknowledgement
    interaction = Interaction.objects.get()
    replies.reply(interaction=interaction, text="La squadra passa domani.", actor=anna)
    send_all()
    newest = DemoMail.objects.filter(from_office=True).latest("id")
    mail = message_from_bytes(bytes(newest.raw))
    first = message_from_bytes(bytes(DemoMail.objects.get(from_office=False).raw))
    assert mail["In-Reply-To"] == first["Message-ID"]
    assert "urp+" in mail["Reply-To"]
    page = giulia.get(f"/demo/mail/{newest.public_id}/")
    assert "La squadra passa domani." in page.content.decode()
    assert mail["Message-ID"].strip("<>") in page.content.decode()

    giulia.post(f"/demo/mail/{newest.public_id}/", {"text": "Grazie, aspetto."})

    assert Case.objects.count() == 1
    last = Message.objects.filter(direction="in").latest("id")
    assert last.interaction_id == interaction.pk
    assert last.text.strip() == "Grazie, aspetto."
    assert "La squadra passa domani." in last.quoted


def test_an_automatic_acknowledgement_is_told_apart(office: ChannelAccount, catcher: Catcher, giulia: Client) -> None:
    write(giulia)
    send_all()
    received = DemoMail.objects.get(from_office=True)
    assert "automatic mail" in giulia.get(f"/demo/mail/{received.public_id}/").content.decode()


def test_nobody_reads_the_box_of_another_browser(office: ChannelAccount, giulia: Client) -> None:
    write(giulia)
    sent = DemoMail.objects.get()
    stranger = Client()
    for path in ("", "source/", "files/0/"):
        assert stranger.get(f"/demo/mail/{sent.public_id}/{path}").status_code == 404
    assert "Buca in via Verdi" not in stranger.get("/demo/mail/").content.decode()


def test_news_come_only_when_there_are_any(office: ChannelAccount, giulia: Client) -> None:
    page = giulia.get("/demo/mail/")
    mark = page.context["mark"]
    assert giulia.get("/demo/mail/news/", {"mark": mark}).status_code == 204
    post.arrive(receivers=[page.context["box"].address], raw=b"Subject: Novit\xc3\xa0\r\n\r\nEccole.")
    fresh = giulia.get("/demo/mail/news/", {"mark": mark})
    assert fresh.status_code == 200
    assert "1 new mail" in fresh.content.decode()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"Content-Type: text/plain; charset=klingon\r\n\r\nciao",
        b"Reply-To: <<<>>>\r\nDate: never\r\nContent-Disposition: ;;;\r\n\r\n" + b"a" * 400_000,
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n--x--",
    ],
)
def test_a_strange_mail_is_shown_as_well_as_it_can_be(office: ChannelAccount, giulia: Client, raw: bytes) -> None:
    box = giulia.get("/demo/mail/").context["box"]
    post.arrive(receivers=[box.address], raw=raw)
    assert giulia.get("/demo/mail/").status_code == 200
    assert giulia.get(f"/demo/mail/{DemoMail.objects.get().public_id}/").status_code == 200


def test_markup_in_a_mail_stays_text(office: ChannelAccount, giulia: Client) -> None:
    box = giulia.get("/demo/mail/").context["box"]
    post.arrive(receivers=[box.address], raw=b"Subject: <script>x()</script>\r\n\r\n<img src=x onerror=x()>")
    page = giulia.get(f"/demo/mail/{DemoMail.objects.get().public_id}/").content.decode()
    assert "<script>x()" not in page
    assert "<img src=x" not in page


@pytest.mark.parametrize("name", ["subject", "text", "name"])
def test_an_empty_field_is_said_beside_it(office: ChannelAccount, giulia: Client, name: str) -> None:
    answer = write(giulia, **{name: "  "})
    assert answer.status_code == 422
    assert f'id="id_{name}_error"' in answer.content.decode()
    assert not Interaction.objects.exists()


def test_a_name_with_line_breaks_writes_no_header(office: ChannelAccount, giulia: Client) -> None:
    write(giulia, name="Giulia\r\nBcc: tutti@posta.example", subject="Ciao\r\nX-Evil: 1")
    mail = message_from_bytes(bytes(DemoMail.objects.get().raw))
    assert mail["Bcc"] is None
    assert mail["X-Evil"] is None


def test_too_much_mail_is_told_when_to_come_back(office: ChannelAccount, giulia: Client) -> None:
    statuses = [write(giulia, subject=f"Mail {n}").status_code for n in range(21)]
    assert statuses[-1] == 422
    assert DemoMail.objects.count() == 20


def test_a_closed_mailbox_is_said_in_words(office: ChannelAccount, giulia: Client) -> None:
    ChannelAccount.objects.update(enabled=False)
    answer = write(giulia)
    assert answer.status_code == 422
    assert "mailbox is closed" in answer.content.decode()


def test_old_mail_makes_room(office: ChannelAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "KEPT_MAILS", 3)
    for n in range(6):
        post.arrive(receivers=["giulia@posta.example"], raw=b"Subject: %d\r\n\r\n" % n)
    assert DemoMail.objects.count() == 3


def test_the_catcher_takes_mail_for_anybody_and_tells_when_it_is_kept(catcher: Catcher) -> None:
    with smtplib.SMTP(catcher.host, catcher.port, timeout=10) as smtp:
        refused = smtp.sendmail("urp@roccaverde.example", ["a@posta.example", "b@posta.example"], "Subject: x\r\n\r\ny")
    assert refused == {}
    assert sorted(DemoMail.objects.values_list("box", flat=True)) == ["a@posta.example", "b@posta.example"]


def test_a_taken_port_is_given_up_for_another(catcher: Catcher) -> None:
    second = Catcher(port=catcher.port)
    try:
        assert second.port != catcher.port
    finally:
        second._socket.close()
