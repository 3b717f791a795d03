"""Answers leave through a real SMTP server, in the right thread, and what became of them is told truly."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from django.core import mail as django_mail
from django.core.mail.backends.base import BaseEmailBackend
from pytest_django import Settings as DjangoSettings

from channels_adapters.contract import (
    Address,
    InboundMessage,
    Outbound,
    OutboundFile,
    RawRequest,
    SendError,
    Unsupported,
)
from channels_adapters.email.adapter import Adapter
from tests.channels_adapters.email.smtp_server import PostOffice, content, post_office

Build = Callable[..., Adapter]
GIULIA = Address("mailto", "giulia.ferri@example.org", "Giulia Ferri")


def answer(**values: Any) -> Outbound:
    told: dict[str, Any] = {
        "key": "0a1b2c",
        "external_id": "<0a1b2c@comune.example>",
        "to": (GIULIA,),
        "subject": "Re: Lampione spento",
        "text": "Gentile Giulia,\n\nl'operaio passa domani.\nCordiali saluti",
        "tag": "c7f3k2.h9x",
        "references": ("<prima@example.org>", "<seconda@comune.example>", "<terza@example.org>"),
        "language": "it",
        "author": "Anna",
    }
    return Outbound(**{**told, **values})


def sent(smtp: PostOffice, adapter: Adapter, outbound: Outbound) -> EmailMessage:
    adapter.send(outbound)
    (message,) = smtp.mails
    return message


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    text: str = found.get_content()
    return text.replace("\r\n", "\n")


# --- what leaves ---


def test_answer_leaves_in_the_citizen_s_thread(smtp: PostOffice, build: Build) -> None:
    message = sent(smtp, build(**smtp.settings()), answer())
    assert message["In-Reply-To"] == "<terza@example.org>"
    assert message["References"] == "<prima@example.org> <seconda@comune.example> <terza@example.org>"
    assert message["Message-ID"] == "<0a1b2c@comune.example>"
    assert message["Subject"] == "Re: Lampione spento"
    assert message["Date"]
    assert smtp.envelopes[0].rcpt_tos == ["giulia.ferri@example.org"]


def test_answer_comes_from_the_office_and_returns_to_the_case(smtp: PostOffice, build: Build) -> None:
    message = sent(smtp, build(**smtp.settings(display_name="Comune di Forlì")), answer())
    (sender,) = message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Anna · Comune di Forlì", "urp@comune.example")
    assert message["Reply-To"] == "urp+c7f3k2.h9x@comune.example"
    assert smtp.envelopes[0].mail_from == "urp@comune.example"


def test_without_a_name_of_its_own_the_account_names_the_office(smtp: PostOffice, build: Build) -> None:
    message = sent(smtp, build(**smtp.settings()), answer(author=""))
    assert message["From"].addresses[0].display_name == "Comune di Borgo"


def test_answer_has_both_forms_and_a_language(smtp: PostOffice, build: Build) -> None:
    message = sent(smtp, build(**smtp.settings()), answer(text="Prezzo < 5 €\n\nSaluti"))
    assert message.get_content_type() == "multipart/alternative"
    assert message["Content-Language"] == "it"
    assert part(message, "plain") == "Prezzo < 5 €\n\nSaluti"
    assert "<p>Prezzo &lt; 5 €</p><p>Saluti</p>" in part(message, "html")


def test_html_of_ours_goes_as_it_is(smtp: PostOffice, build: Build) -> None:
    message = sent(smtp, build(**smtp.settings()), answer(html="<p>Gentile <b>Giulia</b></p>"))
    assert (
        part(message, "html").strip()
        == '<!doctype html><html lang="it"><meta charset="utf-8"><body><p>Gentile <b>Giulia</b></p></body></html>'
    )


def test_files_arrive_byte_for_byte_under_harmless_names(smtp: PostOffice, build: Build) -> None:
    files = (
        OutboundFile("città.pdf", "application/pdf", b"%PDF-1.4\n\x00\xff"),
        OutboundFile("../../nota\r\n.txt", "text/plain", b"riga\r\nriga\n"),
        OutboundFile("", "nonsense", b"?"),
    )
    message = sent(smtp, build(**smtp.settings()), answer(files=files))
    found = [(file.get_filename(), file.get_payload(decode=True)) for file in message.iter_attachments()]
    assert found == [("città.pdf", files[0].body), ("nota .txt", files[1].body), ("file-1", files[2].body)]


def test_long_lines_are_not_broken_by_the_server(smtp: PostOffice, build: Build) -> None:
    text = "parola " * 400
    message = sent(smtp, build(**smtp.settings()), answer(text=text))
    assert part(message, "plain").rstrip() == text.rstrip()
    assert max(map(len, content(smtp.envelopes[0]).split(b"\r\n"))) <= 998


def test_a_person_s_answer_is_not_called_automatic(smtp: PostOffice, build: Build) -> None:
    message = sent(smtp, build(**smtp.settings()), answer())
    assert "Auto-Submitted" not in message
    assert "X-Loop" not in message


def test_an_acknowledgement_asks_machines_not_to_answer(smtp: PostOffice, build: Build) -> None:
    message = sent(smtp, build(**smtp.settings()), answer(automatic=True, author=""))
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["X-Auto-Response-Suppress"] == "All"


def test_our_acknowledgement_coming_back_is_known_as_our_own(smtp: PostOffice, build: Build) -> None:
    adapter = build(**smtp.settings())
    sent(smtp, adapter, answer(automatic=True))
    (message,) = adapter.parse(RawRequest(door="hand", body=content(smtp.envelopes[0])))
    assert isinstance(message, InboundMessage)
    assert message.automatic == "own"


def test_an_answer_to_our_answer_carries_the_tag_and_names_our_mail(smtp: PostOffice, build: Build) -> None:
    adapter = build(**smtp.settings())
    ours = sent(smtp, adapter, answer())
    reply = (
        f"From: giulia.ferri@example.org\nTo: {ours['Reply-To']}\nIn-Reply-To: {ours['Message-ID']}\n"
        f"References: {ours['References']} {ours['Message-ID']}\nMessage-ID: <q@example.org>\n\nGrazie!\n"
    )
    (message,) = adapter.parse(RawRequest(door="hand", body=reply.encode()))
    assert isinstance(message, InboundMessage)
    assert message.tags == ("c7f3k2.h9x",)
    assert message.references[0] == adapter.assign_id("0a1b2c") == "<0a1b2c@comune.example>"


@pytest.mark.parametrize(
    "values, automatic, sender",
    [
        ({}, False, "urp@comune.example"),
        ({"envelope": "tag"}, False, "urp+c7f3k2.h9x@comune.example"),
        ({"empty_envelope": True}, False, "urp@comune.example"),
        ({"empty_envelope": True}, True, "<>"),
    ],
)
def test_bounces_return_where_the_settings_say(
    smtp: PostOffice, build: Build, values: dict[str, Any], automatic: bool, sender: str
) -> None:
    sent(smtp, build(**smtp.settings(**values)), answer(automatic=automatic))
    assert smtp.envelopes[0].mail_from == sender


def test_a_long_history_keeps_its_first_and_its_last_ones(smtp: PostOffice, build: Build) -> None:
    history = tuple(f"<{number}@example.org>" for number in range(200))
    kept = sent(smtp, build(**smtp.settings()), answer(references=history))["References"].split()
    assert kept[0] == "<0@example.org>"
    assert kept[-1] == "<199@example.org>"
    assert len(kept) == 20


def test_ids_that_are_not_of_mail_stay_out_of_the_header(smtp: PostOffice, build: Build) -> None:
    message = sent(smtp, build(**smtp.settings()), answer(references=("sha256:abc", "chat-7")))
    assert "In-Reply-To" not in message
    assert "References" not in message


def test_every_attempt_carries_the_same_id(smtp: PostOffice, build: Build) -> None:
    adapter = build(**smtp.settings())
    adapter.send(answer(external_id=""))
    adapter.send(answer(external_id=""))
    assert [message["Message-ID"] for message in smtp.mails] == ["<0a1b2c@comune.example>"] * 2


# --- what must not leave ---


@pytest.mark.parametrize(
    "values",
    [
        {"subject": "Ciao\r\nBcc: tutti@example.org"},
        {"subject": "Ciao\u2028Bcc: x"},
        {"author": "Anna\nBcc: tutti@example.org"},
        {"external_id": "<a@b>\r\nX: y"},
        {"language": "it\nX: y"},
        {"references": ("<a@b>\r\nBcc: tutti@example.org",)},
    ],
)
def test_a_header_is_never_smuggled_in(smtp: PostOffice, build: Build, values: dict[str, Any]) -> None:
    with pytest.raises(SendError, match="line break") as caught:
        build(**smtp.settings()).send(answer(**values))
    assert caught.value.permanent
    assert smtp.envelopes == []


@pytest.mark.parametrize(
    "address", ["", "giulia", "a@b, c@d", "giulia@example.org\r\nRCPT TO:<x@y>", "a b@example.org"]
)
def test_what_is_no_address_gets_no_mail(smtp: PostOffice, build: Build, address: str) -> None:
    with pytest.raises(SendError, match="no e-mail address") as caught:
        build(**smtp.settings()).send(answer(to=(Address("mailto", address),)))
    assert caught.value.permanent
    assert smtp.envelopes == []


def test_a_message_to_nobody_is_refused(smtp: PostOffice, build: Build) -> None:
    with pytest.raises(SendError, match="no recipient"):
        build(**smtp.settings()).send(answer(to=()))


# --- when it goes wrong ---


@pytest.mark.parametrize(
    "answers, permanent, ambiguous, sentence",
    [
        ({"RCPT": "550 5.1.1 no such user"}, True, False, "refuses this address"),
        ({"RCPT": "450 4.2.0 greylisted"}, False, False, "just now"),
        ({"MAIL": "550 5.7.1 not you"}, True, False, "refused the message"),
        ({"MAIL": "451 4.3.0 later"}, False, False, "just now"),
        ({"DATA": "552 5.3.4 too big"}, True, False, "refused the message"),
        ({"DATA": "451 4.3.0 later"}, False, False, "just now"),
        ({"MAIL": "hang up"}, False, False, "broke off before"),
        ({"RCPT": "hang up"}, False, False, "broke off before"),
        ({"DATA": "hang up"}, False, True, "may have been sent"),
    ],
)
def test_trouble_is_told_truly(
    smtp: PostOffice, build: Build, answers: dict[str, str], permanent: bool, ambiguous: bool, sentence: str
) -> None:
    smtp.answers = answers
    with pytest.raises(SendError, match=sentence) as caught:
        build(**smtp.settings()).send(answer())
    assert (caught.value.permanent, caught.value.ambiguous) == (permanent, ambiguous)
    assert "giulia" not in str(caught.value)


def test_a_recipient_refused_among_others_is_not_passed_over_in_silence(smtp: PostOffice, build: Build) -> None:
    smtp.answers = {"bruno@example.org": "550 5.1.1 no such user"}
    with pytest.raises(SendError, match="refused 1 of the recipients") as caught:
        build(**smtp.settings()).send(answer(to=(GIULIA, Address("mailto", "bruno@example.org"))))
    assert caught.value.permanent
    assert smtp.envelopes[0].rcpt_tos == ["giulia.ferri@example.org"]


def test_a_server_that_is_down_costs_nothing_but_time(build: Build, unused_port: int) -> None:
    settings = {"sending": "own", "smtp_host": "127.0.0.1", "smtp_port": unused_port, "smtp_security": "none"}
    with pytest.raises(SendError, match="can't be reached") as caught:
        build(**settings).send(answer())
    assert (caught.value.permanent, caught.value.ambiguous) == (False, False)


def test_a_wrong_password_is_our_trouble_and_the_message_waits(build: Build) -> None:
    smtp = post_office(password="giusta")
    try:
        with pytest.raises(SendError, match="refused our user or password") as caught:
            build(**smtp.settings(smtp_user="urp", smtp_password="falsa")).send(answer())
        assert not caught.value.permanent
        build(**smtp.settings(smtp_user="urp", smtp_password="giusta")).send(answer())
        assert len(smtp.envelopes) == 1
    finally:
        smtp.close()


def test_encryption_that_the_server_doesn_t_offer_is_not_done_without(smtp: PostOffice, build: Build) -> None:
    with pytest.raises(SendError, match="can't be reached"):
        build(**smtp.settings(smtp_security="starttls")).send(answer())
    assert smtp.envelopes == []


def test_what_was_sent_can_t_be_looked_up(build: Build) -> None:
    with pytest.raises(Unsupported):
        build().find(answer())


# --- through the installation's own mail settings ---


def test_the_installation_s_mail_settings_are_used(build: Build) -> None:
    build().send(answer())
    (message,) = django_mail.outbox
    assert message.message()["Reply-To"] == "urp+c7f3k2.h9x@comune.example"


class Provider(BaseEmailBackend):
    """What a django-anymail back end looks like from here."""

    outcome: Exception | int = 1
    given_id = "<from-provider@mail.example>"

    def send_messages(self, email_messages: Any) -> int:
        for message in email_messages:
            message.anymail_status = type("Status", (), {"message_id": self.given_id})()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class ProviderError(Exception):
    def __init__(self, status_code: int | None) -> None:
        super().__init__("provider's words")
        self.status_code = status_code


@pytest.fixture
def provider(settings: DjangoSettings, monkeypatch: pytest.MonkeyPatch) -> type[Provider]:
    settings.EMAIL_BACKEND = f"{__name__}.Provider"
    for name in ("outcome", "given_id"):
        monkeypatch.setattr(Provider, name, getattr(Provider, name))
    return Provider


def test_a_provider_s_own_message_id_wins(build: Build, provider: type[Provider]) -> None:
    assert build().send(answer()).external_id == "<from-provider@mail.example>"
    provider.given_id = "b7c2-not-an-id-of-mail"
    assert build().send(answer()).external_id == ""


@pytest.mark.parametrize(
    "outcome, permanent, ambiguous",
    [
        (ProviderError(422), True, False),
        (ProviderError(429), False, False),
        (ProviderError(500), False, True),
        (ProviderError(None), False, True),
        (TimeoutError(), False, True),
        (0, False, False),
    ],
)
def test_a_provider_s_trouble_is_told_truly(
    build: Build, provider: type[Provider], outcome: Exception | int, permanent: bool, ambiguous: bool
) -> None:
    provider.outcome = outcome
    with pytest.raises(SendError) as caught:
        build().send(answer())
    assert (caught.value.permanent, caught.value.ambiguous) == (permanent, ambiguous)
    assert "provider's words" not in str(caught.value)
