"""Who stands at the door: sessions, origins and caps of the visitors' HTTP addresses."""

import datetime as dt
import json
from typing import Any

import pytest
import time_machine
from django.test import Client

from contactcenter.accounts import accounts
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake.models import RawDelivery
from contactcenter.intake.visitors import sessions
from contactcenter.intake.visitors.models import VisitorSession
from crm.models import Message
from tests.contactcenter.intake.visitors.conftest import ELSEWHERE, OURS, TOWN_SITE, Browser, frames, keeps
from tests.people import Town

pytestmark = pytest.mark.django_db
LETTER = {
    "cid": "f1", "name": "Giulia Ferri", "email": "giulia@example.org", "topic": "", "language": "it",
    "text": "Siete chiusi: come chiedo il rimborso?", "consent": True,
}  # fmt: skip


def session(client: Client, **body: Any) -> Any:
    return client.post("/chat/comune/session/", json.dumps(body), content_type="application/json")


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
