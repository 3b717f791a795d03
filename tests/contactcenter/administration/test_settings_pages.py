"""The settings: for administrators only, drawn from the adapters, secrets never shown, what got stuck shown as text."""

from typing import Any

import pytest
from django.test import Client

from contactcenter.accounts import secrets
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake.models import RawDelivery
from crm.models import AuditEntry, Interaction, User
from tests.people import Town

ADDRESSES = [
    "/settings/channels/", "/settings/channels/new/paper/", "/settings/channels/carta/", "/settings/queues/",
    "/settings/queues/accoglienza/", "/settings/undeliverable/", "/settings/undeliverable/{stuck}/",
    "/settings/undeliverable/{stuck}/discard/",
]  # fmt: skip


@pytest.fixture
def stuck(letters: ChannelAccount) -> RawDelivery:
    """A sheet that can't be read."""
    return RawDelivery.objects.create(
        account=letters, key="k1", door="webhook", method="POST", headers={"x-delivery": "k1"},
        body=b"<script>alert('ciao')</script>\x00\xff", state="undeliverable", error="The sheet can't be read.",
        received_at="2026-11-21T09:00:00Z",
    )  # fmt: skip


@pytest.fixture
def settings_desk(ada: User) -> Client:
    """Ada, who installs."""
    browser = Client(headers={"Accept-Language": "en"})
    browser.force_login(ada)
    return browser


def fields(account: ChannelAccount, **more: Any) -> dict[str, Any]:
    plain = {
        "name": account.name, "queue": account.queue_id, "language": "it", "enabled": "on", "reopens_within_days": 14,
        "opens_case": "on", "remembers_people": "on", "reply_through": "",
    }  # fmt: skip
    return {**plain, **more}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("who, status", [("ada", 200), ("anna", 403), ("carla", 403), ("diego", 403), ("", 302)])
def test_settings_are_an_administrators(
    address: str, who: str, status: int, stuck: RawDelivery, request: pytest.FixtureRequest
) -> None:
    browser = Client()
    if who:
        browser.force_login(request.getfixturevalue(who))
    answer = browser.get(address.format(stuck=stuck.pk))
    assert answer.status_code == status
    assert b"x-delivery" not in answer.content or who == "ada"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["channels/carta/", "channels/carta/check/", "queues/accoglienza/", "undeliverable/{}/replay/"]
)
def test_nobody_else_changes_them(address: str, stuck: RawDelivery, diego: User) -> None:
    browser = Client()
    browser.force_login(diego)
    assert browser.post(f"/settings/{address.format(stuck.pk)}", {"name": "x"}).status_code == 403


@pytest.mark.django_db
def test_what_is_in_trouble_says_so_in_the_list(letters: ChannelAccount, settings_desk: Client) -> None:
    ChannelAccount.objects.update(trouble="The mail server refuses the password.", trouble_since="2026-11-21T09:00:00Z")
    html = settings_desk.get("/settings/channels/").content.decode()
    assert "in trouble" in html
    assert "refuses the password" in html


@pytest.mark.django_db
def test_a_secret_is_never_shown_and_stays_when_it_is_left_empty(
    letters: ChannelAccount, settings_desk: Client
) -> None:
    html = settings_desk.get("/settings/channels/carta/").content.decode()
    assert "inchiostro" not in html
    assert "One is stored." in html
    answer = settings_desk.post("/settings/channels/carta/", fields(letters, name="Posta", **{"channel-secret": ""}))
    assert answer.status_code == 302
    letters.refresh_from_db()
    assert (letters.name, secrets.unseal(letters.secrets)) == ("Posta", {"secret": "inchiostro"})


@pytest.mark.django_db
def test_a_new_secret_replaces_the_old_one(letters: ChannelAccount, settings_desk: Client) -> None:
    settings_desk.post("/settings/channels/carta/", fields(letters, **{"channel-secret": "nuovo"}))
    letters.refresh_from_db()
    assert secrets.unseal(letters.secrets) == {"secret": "nuovo"}
    assert AuditEntry.objects.filter(action="account.changed").exists()


@pytest.mark.django_db
def test_an_account_is_set_up_by_the_form_of_its_channel(town: Town, settings_desk: Client, ada: User) -> None:
    kind = "web_chat"
    page = settings_desk.get(f"/settings/channels/new/{kind}/").content.decode()
    assert 'name="channel-allowed_origins"' in page
    given = {
        "slug": "tributi", "name": "Chat Tributi", "queue": town.taxes_queue.pk, "language": "it", "enabled": "on",
        "remembers_people": "on", "reopens_within_days": 14, "channel-colour": "green", "channel-ask_name": "on",
        "channel-ask_after_minutes": 3, "channel-end_after_minutes": 0,
        "channel-allowed_origins": "https://www.roccaverde.example\n\nhttps://tributi.example",
    }  # fmt: skip
    answer = settings_desk.post(f"/settings/channels/new/{kind}/", given)
    assert answer["Location"] == "/settings/channels/tributi/"
    made = ChannelAccount.objects.get(slug="tributi")
    assert made.office == town.taxes
    assert made.adapter.settings.allowed_origins == ("https://www.roccaverde.example", "https://tributi.example")
    assert (made.adapter.settings.colour, made.adapter.settings.ask_topic) == ("green", False)
    page = settings_desk.get("/settings/channels/tributi/").content.decode()
    assert "widget.js&quot; data-account=&quot;tributi&quot;" in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong, words",
    [({"queue": 999_999}, "valid choice"), ({"name": ""}, "required"), ({"reopens_within_days": "x"}, "whole number")],
)
def test_what_is_wrong_is_said_at_its_field(
    wrong: dict[str, Any], words: str, letters: ChannelAccount, settings_desk: Client
) -> None:
    answer = settings_desk.post("/settings/channels/carta/", fields(letters, **wrong))
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert "Not kept yet" in answer.content.decode()


@pytest.mark.django_db
def test_an_account_that_would_reply_through_itself_is_refused_in_words(
    letters: ChannelAccount, settings_desk: Client
) -> None:
    answer = settings_desk.post("/settings/channels/carta/", fields(letters, reply_through=letters.pk))
    assert "can&#x27;t reply through itself" in answer.content.decode()


@pytest.mark.django_db
def test_a_channel_that_is_not_installed_is_not_there(settings_desk: Client, town: Town) -> None:
    assert settings_desk.get("/settings/channels/new/telepathy/").status_code == 404


@pytest.mark.django_db
def test_checking_an_account_answers_in_sentences(
    letters: ChannelAccount, settings_desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = settings_desk.post("/settings/channels/carta/check/", follow=True)
    assert "Nothing is wrong with this account." in page.content.decode()
    monkeypatch.setattr("tests.paper.Adapter.check", lambda self: ["The inkwell is empty. Fill it."])
    page = settings_desk.post("/settings/channels/carta/check/", follow=True)
    assert "The inkwell is empty. Fill it." in page.content.decode()


# --- undeliverable ---


@pytest.mark.django_db
def test_what_got_stuck_is_read_as_text_and_the_look_is_recorded(
    stuck: RawDelivery, settings_desk: Client, ada: User
) -> None:
    html = settings_desk.get(f"/settings/undeliverable/{stuck.pk}/").content.decode()
    assert "&lt;script&gt;alert(" in html
    assert "<script>alert" not in html
    assert AuditEntry.objects.filter(action="delivery.read", actor=ada).count() == 1


@pytest.mark.django_db
def test_replaying_what_is_still_wrong_keeps_it(stuck: RawDelivery, settings_desk: Client) -> None:
    page = settings_desk.post(f"/settings/undeliverable/{stuck.pk}/replay/", follow=True)
    stuck.refresh_from_db()
    assert stuck.state == "undeliverable"
    assert "still can&#x27;t be understood" in page.content.decode()


@pytest.mark.django_db
def test_replaying_what_was_mended_takes_it_in(stuck: RawDelivery, settings_desk: Client) -> None:
    RawDelivery.objects.update(body=b'{"id": "1", "from": "giulia", "text": "Buongiorno"}')
    page = settings_desk.post(f"/settings/undeliverable/{stuck.pk}/replay/", follow=True)
    assert "It was taken in." in page.content.decode()
    assert Interaction.objects.count() == 1
    assert settings_desk.post(f"/settings/undeliverable/{stuck.pk}/replay/").status_code == 404
