"""The hosted page, the same page inside a frame, and the script that towns embed."""

import datetime as dt

import pytest
from django.test import Client

from contactcenter.accounts.models import ChannelAccount
from contactcenter.queues import presence
from crm.models import User
from tests.contactcenter.intake.visitors.conftest import ELSEWHERE, TOWN_SITE, keeps
from tests.people import Town

pytestmark = pytest.mark.django_db


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
