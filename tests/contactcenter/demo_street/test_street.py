"""The demo street: in a demo installation only, and with another origin for the town."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from contactcenter.accounts.models import ChannelAccount
from contactcenter.demo_street.catcher import Catcher
from contactcenter.demo_street.opening import open_street
from contactcenter.queues import presence
from crm.models import User

PAGES = ["/demo/", "/demo/desk-state/", "/demo/town/", "/demo/mail/", "/demo/mail/write/", "/demo/mail/news/"]
LOCAL = {"Host": "127.0.0.1:8160"}


@pytest.fixture
def street(chat_account: ChannelAccount, mail_account: ChannelAccount, anna: User) -> User:
    User.objects.filter(pk=anna.pk).update(is_demo=True)
    return anna


@pytest.mark.parametrize("path", PAGES)
def test_a_real_office_has_no_demo_street(anna: User, client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_the_street_opens(street: User, client: Client, path: str) -> None:
    assert client.get(path, headers=LOCAL).status_code == 200


def test_there_is_no_street_where_the_demo_people_were_let_go(street: User, client: Client) -> None:
    User.objects.update(is_active=False)
    assert client.get("/demo/").status_code == 404


def test_the_town_is_another_origin_and_embeds_the_chat_by_one_tag(street: User, client: Client) -> None:
    assert client.get("/demo/", headers=LOCAL).context["town"] == "http://localhost:8160/demo/town/"
    page = client.get("/demo/town/", headers={"Host": "localhost:8160"})
    tag = '<script async src="http://127.0.0.1:8160/widget.js" data-account="comune" data-lang="it"></script>'
    assert tag in page.content.decode()
    policy = page["Content-Security-Policy"]
    assert "script-src 'self' http://127.0.0.1:8160" in policy
    assert "frame-src 'self' http://127.0.0.1:8160" in policy
    assert "unsafe" not in policy


def test_a_house_with_one_name_shows_the_town_under_it(street: User, client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["demo.example"]
    assert client.get("/demo/", headers={"Host": "demo.example"}).context["same_origin"]


def test_the_street_tells_whether_anybody_is_at_the_desk(street: User, client: Client) -> None:
    english = {"Accept-Language": "en"}
    assert "Nobody is available" in client.get("/demo/desk-state/", headers=english).content.decode()
    presence.change(user=street, status="available")
    assert "1 person is available" in client.get("/demo/desk-state/", headers=english).content.decode()


@pytest.mark.parametrize("language", ["it", "en", "es", "uk"])
def test_the_chosen_language_is_kept(street: User, client: Client, language: str) -> None:
    client.get(f"/demo/?lang={language}")
    assert f'<html lang="{language}">' in client.get("/demo/mail/").content.decode()


def test_an_unknown_language_changes_nothing(street: User, client: Client) -> None:
    answer = client.get("/demo/?lang=../../etc")
    assert answer.status_code == 200
    assert "django_language" not in answer.cookies


@pytest.fixture
def opened(street: User) -> Iterator[Catcher]:
    catcher = open_street(8160)
    assert catcher is not None
    yield catcher
    catcher.stop()


@pytest.mark.django_db(transaction=True)
def test_opening_the_street_lets_the_town_frame_the_chat_and_gives_mail_a_place(opened: Catcher) -> None:
    chat, mail = ChannelAccount.objects.get(slug="comune"), ChannelAccount.objects.get(slug="mail")
    assert "http://localhost:8160" in chat.settings["allowed_origins"]
    assert mail.settings["smtp_port"] == opened.port


@pytest.mark.django_db
def test_a_real_office_opens_no_street(anna: User) -> None:
    assert open_street(8160) is None
