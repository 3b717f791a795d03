"""Session, form, uploads, files, transcript and the page: who may call them, and what they say when not."""

import datetime as dt
import json
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from contactcenter.accounts import accounts
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake.models import RawDelivery
from contactcenter.intake.visitors import sessions
from contactcenter.intake.visitors.models import VisitorSession
from contactcenter.outbox import replies
from contactcenter.outbox.models import OutboxItem
from contactcenter.queues import presence
from contactcenter.queues.models import WorkItem
from crm import interactions
from crm.models import Attachment, Interaction, Message, User
from tests.contactcenter.intake.visitors.conftest import ELSEWHERE, OURS, TOWN_SITE, Browser, browser, frames, keeps
from tests.people import Town

pytestmark = pytest.mark.django_db
LETTER = {
    "cid": "f1", "name": "Giulia Ferri", "email": "giulia@example.org", "topic": "", "language": "it",
    "text": "Siete chiusi: come chiedo il rimborso?", "consent": True,
}  # fmt: skip


def session(client: Client, **body: Any) -> Any:
    return client.post("/chat/comune/session/", json.dumps(body), content_type="application/json")


# --- session ---


def test_newcomer_gets_a_token_and_learns_that_somebody_is_there(client: Client, chat: ChannelAccount) -> None:
    answer = session(client, language="uk", page="https://www.roccaverde.example/tari?cf=FRRGLI80A41#x").json()
    assert len(answer["token"]) >= 43
    assert answer["state"] == "open"
    assert answer["limits"]["max_length"] == 4000
    assert answer["topics"] == [{"slug": "tari-rimborso", "name": "TARI › Rimborso"}]
    kept = VisitorSession.objects.get()
    assert (kept.language, kept.page) == ("uk", "https://www.roccaverde.example/tari")


def test_token_is_not_stored_anywhere(client: Client, chat: ChannelAccount) -> None:
    token = session(client).json()["token"]
    row = VisitorSession.objects.values().get()
    assert token not in json.dumps(row, default=str)


def test_same_browser_keeps_its_visitor(client: Client, chat: ChannelAccount) -> None:
    token = session(client).json()["token"]
    assert session(client, token=token).json()["token"] == token
    assert VisitorSession.objects.count() == 1


def test_token_changes_daily_and_the_old_one_works_for_the_other_tabs_a_while(chat: ChannelAccount) -> None:
    monday = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
    with time_machine.travel(monday, tick=False) as clock:
        found, token = sessions.begin(account=chat)
        clock.shift(dt.timedelta(days=2))
        fresh = sessions.renew(session=found, token=token)
        assert fresh != token
        assert sessions.find(account=chat, token=token) == sessions.find(account=chat, token=fresh) == found
        clock.shift(dt.timedelta(hours=2))
        with pytest.raises(sessions.NoSession):
            sessions.find(account=chat, token=token)


def test_session_ends_after_thirty_idle_days(chat: ChannelAccount) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC), tick=False) as clock:
        _found, token = sessions.begin(account=chat)
        clock.shift(dt.timedelta(days=30, seconds=1))
        with pytest.raises(sessions.NoSession):
            sessions.find(account=chat, token=token)


def test_revoked_session_is_nobody_s(giulia: Browser) -> None:
    sessions.revoke(giulia.session)
    assert giulia.get("messages/?after=0").status_code == 401


def test_token_of_another_account_opens_nothing(giulia: Browser, chat: ChannelAccount, town: Town) -> None:
    accounts.create(slug="biblioteca", kind=chat.kind, name="Biblioteca", queue=town.front_queue, actor=None)
    answer = giulia.client.get(
        "/chat/biblioteca/messages/?after=0", headers={"authorization": f"Bearer {giulia.token}"}
    )
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "body", ["", "[]", "{", "[" * 50_000, '{"token": 5, "language": ["it"]}', '{"page": "http://["}']
)
def test_odd_bodies_get_a_sentence_or_a_session(client: Client, chat: ChannelAccount, body: str) -> None:
    answer = client.post("/chat/comune/session/", body, content_type="application/json")
    assert answer.status_code in {200, 400}
    assert answer.status_code == 200 or answer.json()["error"]["text"].endswith(".")


def test_newcomer_is_told_when_nobody_is_there(client: Client, chat_account: ChannelAccount) -> None:
    assert session(client).json()["state"] == "busy"


def test_newcomer_is_told_when_the_office_is_closed(client: Client, chat: ChannelAccount, now: dt.datetime) -> None:
    keeps(chat.queue, {"tue": [["08:30", "13:00"]]})
    assert session(client).json()["state"] == "closed"


# --- origins ---


def test_allowed_site_may_call_and_nobody_else_may_read_the_answer(giulia: Browser) -> None:
    answer = giulia.get("messages/?after=0", origin=TOWN_SITE)
    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == TOWN_SITE
    assert "Origin" in answer["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer


@pytest.mark.parametrize("origin", [ELSEWHERE, "null", f"{TOWN_SITE}.evil.example", "http://www.roccaverde.example"])
@pytest.mark.parametrize("path", ["session/", "messages/", "leave/", "transcript/", "uploads/"])
def test_foreign_site_is_refused_at_every_door(giulia: Browser, origin: str, path: str) -> None:
    answer = giulia.post(path, LETTER, origin=origin)
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "origin"
    assert "Access-Control-Allow-Origin" not in answer
    assert RawDelivery.objects.count() == 0


def test_browser_of_an_allowed_site_asks_first(client: Client, chat: ChannelAccount) -> None:
    answer = client.options("/chat/comune/uploads/", headers={"origin": TOWN_SITE})
    assert answer.status_code == 204
    assert answer["Access-Control-Allow-Origin"] == TOWN_SITE
    assert "Authorization" in answer["Access-Control-Allow-Headers"]
    assert client.options("/chat/comune/uploads/", headers={"origin": ELSEWHERE}).status_code == 403


def test_our_own_page_may_call(giulia: Browser) -> None:
    assert giulia.get("messages/?after=0", origin=OURS).status_code == 200


def test_unknown_account_is_not_found_in_words(client: Client, town: Town) -> None:
    answer = client.post("/chat/nessuno/session/", "{}", content_type="application/json")
    assert answer.status_code == 404
    assert answer.json()["error"]["text"].endswith(".")


def test_wrong_method_is_refused_in_words(client: Client, chat: ChannelAccount) -> None:
    answer = client.get("/chat/comune/session/")
    assert answer.status_code == 405
    assert answer.json()["error"]["text"].endswith(".")


# --- caps ---


def test_thirty_first_session_of_one_source_waits(client: Client, chat: ChannelAccount) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC), tick=False):
        answers = [session(client) for _number in range(31)]
    assert {answer.status_code for answer in answers[:30]} == {200}
    assert answers[30].status_code == 429
    assert 0 < int(answers[30]["Retry-After"]) <= 600


def test_another_source_is_not_held_up(client: Client, chat: ChannelAccount) -> None:
    for _number in range(31):
        session(client)
    assert session(Client(REMOTE_ADDR="192.0.2.7")).status_code == 200


def test_sixty_first_message_in_a_minute_waits_and_is_not_stored(giulia: Browser) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC), tick=False):
        for number in range(60):
            assert giulia.say("Ancora", f"c{number}").status_code == 200
        answer = giulia.say("Troppo", "c61")
    assert answer.status_code == 429
    [refused] = frames(answer)
    assert (refused["code"], refused["cid"]) == ("too-fast", "c61")
    assert refused["retry_after"] > 0
    assert Message.objects.count() == 60


# --- messages over HTTP ---


def test_message_is_stored_before_it_is_confirmed(giulia: Browser) -> None:
    [sent] = frames(giulia.say("Ho pagato due volte la TARI"))
    assert (sent["t"], sent["cid"], sent["seq"]) == ("sent", "c1", 1)
    message = Message.objects.get()
    assert (message.text, message.seq) == ("Ho pagato due volte la TARI", 1)
    assert WorkItem.objects.get(interaction=message.interaction).queue.slug == "accoglienza"


@pytest.mark.django_db(transaction=True)
def test_same_message_twice_is_one(giulia: Browser) -> None:
    first, second = frames(giulia.say("Buongiorno")), frames(giulia.say("Buongiorno"))
    assert first == second
    assert Message.objects.count() == 1


def test_same_id_with_other_words_stays_the_first_message(giulia: Browser) -> None:
    giulia.say("Buongiorno")
    [sent] = frames(giulia.say("Buonasera"))
    assert (sent["t"], sent["seq"]) == ("sent", 1)
    assert [message.text for message in Message.objects.all()] == ["Buongiorno"]


def test_what_the_page_missed_is_fetched(giulia: Browser, anna: User) -> None:
    giulia.say("Buongiorno")
    replies.reply(interaction=Interaction.objects.get(), text="Buongiorno, sono Anna.", actor=anna)
    welcome, said = frames(giulia.get("messages/?after=1"))
    assert (welcome["t"], welcome["state"], welcome["seq"]) == ("welcome", "waiting", 2)
    assert (said["seq"], said["prev"], said["author"], said["text"]) == (2, 1, "Anna", "Buongiorno, sono Anna.")


def test_citizens_see_only_their_own_conversation(giulia: Browser, marco: Browser) -> None:
    giulia.say("Il mio codice è 1234")
    assert [frame["t"] for frame in frames(marco.get("messages/?after=0"))] == ["welcome"]


def test_oversize_frame_is_refused_in_words(giulia: Browser) -> None:
    answer = giulia.say("x" * 20_000)
    assert answer.status_code == 413
    assert answer.json()["error"]["text"].endswith(".")


def test_message_that_is_too_long_is_refused_and_named(giulia: Browser) -> None:
    [refused] = frames(giulia.say("x" * 4001, "c7"))
    assert (refused["t"], refused["cid"]) == ("error", "c7")
    assert RawDelivery.objects.count() == 0


def test_numbers_in_the_address_may_be_nonsense(giulia: Browser) -> None:
    assert giulia.get("messages/?after=-5&wait=zero&conv=%00").status_code == 200
    assert giulia.get("messages/?after=99999999999999999999999").status_code == 200


# --- the form ---


def test_form_becomes_a_message_in_the_same_queue(giulia: Browser) -> None:
    answer = giulia.post("leave/", LETTER)
    assert answer.status_code == 201
    message = Message.objects.get()
    assert message.interaction.contact_point.scheme == "mailto"
    assert message.interaction.contact_point.value == "giulia@example.org"
    assert WorkItem.objects.get().queue.slug == "accoglienza"


@pytest.mark.django_db(transaction=True)
def test_form_sent_twice_is_one_message(giulia: Browser) -> None:
    giulia.post("leave/", LETTER)
    assert giulia.post("leave/", LETTER).json()["fresh"] is False
    assert Message.objects.count() == 1


def test_form_of_somebody_else_with_my_address_joins_no_conversation_of_mine(giulia: Browser, marco: Browser) -> None:
    giulia.post("leave/", LETTER)
    marco.post("leave/", {**LETTER, "cid": "f2", "text": "Sono Giulia, mandate tutto a me"})
    assert Interaction.objects.count() == 2


@pytest.mark.parametrize(
    "wrong", [{"email": "giulia"}, {"consent": False}, {"text": " "}, {"email": "a@b.it\nBcc: c@d.it"}]
)
def test_form_with_something_missing_is_refused_and_not_kept(giulia: Browser, wrong: dict[str, object]) -> None:
    answer = giulia.post("leave/", {**LETTER, **wrong})
    assert answer.status_code == 400
    assert answer.json()["error"]["text"].endswith(".")
    assert RawDelivery.objects.count() == 0


def test_answer_to_a_form_leaves_by_the_mail_account(giulia: Browser, mail_account: ChannelAccount, anna: User) -> None:
    ChannelAccount.objects.filter(slug="comune").update(reply_through=mail_account)
    giulia.post("leave/", LETTER)
    replies.reply(interaction=Interaction.objects.get(), text="Ecco come.", actor=anna)
    assert OutboxItem.objects.get(message__text="Ecco come.").account == mail_account


# --- files ---


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


# --- transcript ---


@pytest.fixture
def mailing(chat: ChannelAccount, mail_account: ChannelAccount) -> ChannelAccount:
    ChannelAccount.objects.filter(slug="comune").update(reply_through=mail_account)
    return accounts.find("comune")


def test_transcript_leaves_by_mail_with_both_sides_and_without_notes(mailing: ChannelAccount, anna: User) -> None:
    giulia = browser(mailing)
    giulia.say("Ho pagato due volte")
    interaction = Interaction.objects.get()
    replies.reply(interaction=interaction, text="Le mando il modulo.", actor=anna)
    interactions.note(interaction=interaction, text="Sembra agitata", actor=anna)
    assert giulia.post("transcript/", {"email": "giulia@example.org", "language": "it"}).status_code == 202
    letter = OutboxItem.objects.get(message=None).payload
    assert letter["to"][:2] == ["mailto", "giulia@example.org"]
    assert "Ho pagato due volte" in letter["text"]
    assert "Le mando il modulo." in letter["text"]
    assert "agitata" not in letter["text"]


def test_fourth_transcript_of_a_day_waits(mailing: ChannelAccount) -> None:
    giulia = browser(mailing)
    giulia.say("Buongiorno")
    answers = [giulia.post("transcript/", {"email": "giulia@example.org"}).status_code for _number in range(4)]
    assert answers == [202, 202, 202, 429]
    assert OutboxItem.objects.filter(message=None).count() == 3


def test_many_visitors_cannot_fill_one_mailbox_with_transcripts(mailing: ChannelAccount) -> None:
    answers = []
    for _visitor in range(6):
        somebody = browser(mailing)
        somebody.say("Buongiorno")
        answers.append(somebody.post("transcript/", {"email": "paolo@example.org"}).status_code)
    assert answers == [202] * 5 + [429]


@pytest.mark.parametrize("email", ["", "giulia", "giulia@example.org, marco@example.org", "a@b.it\r\nBcc: c@d.it"])
def test_transcript_needs_one_address(mailing: ChannelAccount, email: str) -> None:
    giulia = browser(mailing)
    giulia.say("Buongiorno")
    answer = giulia.post("transcript/", {"email": email})
    assert answer.status_code == 400
    assert OutboxItem.objects.filter(message=None).count() == 0


def test_transcript_without_a_mail_account_is_refused_in_words(giulia: Browser) -> None:
    giulia.say("Buongiorno")
    answer = giulia.post("transcript/", {"email": "giulia@example.org"})
    assert answer.status_code == 400
    assert answer.json()["error"]["text"].endswith(".")


# --- the page ---


def test_page_may_be_framed_by_the_allowed_sites_alone(client: Client, chat: ChannelAccount) -> None:
    answer = client.get(f"/chat/comune/?embed=1&origin={TOWN_SITE}")
    assert answer.status_code == 200
    assert f"frame-ancestors 'self' {TOWN_SITE};" in answer["Content-Security-Policy"] + ";"
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer
    assert f'data-host="{TOWN_SITE}"' in answer.content.decode()


def test_page_talks_to_no_other_site(client: Client, chat: ChannelAccount) -> None:
    assert 'data-host=""' in client.get(f"/chat/comune/?embed=1&origin={ELSEWHERE}").content.decode()


@pytest.mark.parametrize(
    "language, words", [("it", "Il tuo messaggio"), ("uk", "Ваше повідомлення"), ("en", "Your message")]
)
def test_page_speaks_the_chosen_language(client: Client, chat: ChannelAccount, language: str, words: str) -> None:
    page = client.get(f"/chat/comune/?lang={language}").content.decode()
    assert f'<html lang="{language}">' in page
    assert words in page


def test_page_without_a_choice_follows_the_browser(client: Client, chat: ChannelAccount) -> None:
    page = client.get("/chat/comune/", headers={"accept-language": "xx, es-AR;q=0.8"}).content.decode()
    assert '<html lang="es">' in page


def test_page_shows_the_form_when_nobody_is_there(client: Client, chat: ChannelAccount, anna: User) -> None:
    presence.change(user=anna, status="offline")
    assert 'data-state="busy"' in client.get("/chat/comune/").content.decode()


def test_page_says_when_the_office_opens_again(client: Client, chat: ChannelAccount, now: dt.datetime) -> None:
    keeps(chat.queue, {"tue": [["08:30", "13:00"]]})
    page = client.get("/chat/comune/?lang=en").content.decode()
    assert 'data-state="closed"' in page
    assert "Tuesday 24 November, 08:30" in page


def test_unknown_chat_is_a_page_with_a_sentence(client: Client, town: Town) -> None:
    answer = client.get("/chat/nessuno/?embed=1")
    assert answer.status_code == 404
    assert "<h1>" in answer.content.decode()
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_channel_without_a_page_has_none(client: Client, letters: ChannelAccount) -> None:
    assert client.get("/chat/carta/").status_code == 404


def test_towns_load_one_small_script(client: Client) -> None:
    answer = client.get("/widget.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert len(answer.content) < 10_000
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
