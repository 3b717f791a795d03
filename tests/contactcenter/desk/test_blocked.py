"""All blocked addresses on one page: found by a word, lifted with a reason, and only those one may know of."""

import pytest
from django.test import Client
from django.utils import timezone

from crm import blocks
from crm.models import AuditEntry, ContactPoint, Grant, Interaction, User
from tests.contactcenter.desk.conftest import PART, SignIn, Write, at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def blocked(with_anna: Interaction, desk: Client) -> ContactPoint:
    desk.post(at(with_anna, "block/"), {"for": "week", "why": "Minacce ripetute"}, headers=PART)
    return ContactPoint.objects.get(blocked_until__isnull=False)


def test_the_page_says_who_where_why_by_whom_and_until_when(
    blocked: ContactPoint, desk: Client, anna: User, with_anna: Interaction
) -> None:
    html = desk.get("/desk/blocked/").text
    for words in ("Giulia Ferri", "giulia@example.it", "Minacce ripetute", anna.display_name, at(with_anna)):
        assert words in html
    assert f'datetime="{blocked.blocked_until.isoformat()}"' in html


@pytest.mark.parametrize(("asked", "found"), [("giulia", True), ("minacce ferri", True), ("mario", False)])
def test_it_is_searched_by_every_word(asked: str, found: bool, blocked: ContactPoint, desk: Client) -> None:
    assert ("giulia@example.it" in desk.get("/desk/blocked/", {"q": asked}).text) == found
    assert blocked.pk


def test_a_block_is_lifted_with_a_reason_that_the_record_keeps(blocked: ContactPoint, desk: Client) -> None:
    assert desk.post(f"/desk/blocked/{blocked.pk}/lift/", {"why": "  "}).status_code == 422
    assert ContactPoint.objects.filter(blocked_until__isnull=False).exists()
    answer = desk.post(f"/desk/blocked/{blocked.pk}/lift/", {"why": "Si è scusata"}, follow=True)
    assert "The block is lifted." in answer.text
    assert "No address is blocked." in answer.text
    blocked.refresh_from_db()
    assert (blocked.blocked_until, blocked.blocked_why, blocked.blocked_by) == (None, "", None)
    assert AuditEntry.objects.get(action="contact-point.unblocked").purpose == "Si è scusata"


def test_what_has_ended_by_itself_is_not_listed(
    blocked: ContactPoint, desk: Client, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = blocked.blocked_until
    monkeypatch.setattr("contactcenter.desk.blocked.timezone.now", lambda: later)
    assert "giulia@example.it" not in desk.get("/desk/blocked/").text


def test_who_may_not_know_the_citizen_neither_sees_nor_lifts_it(
    blocked: ContactPoint, carla: User, ada: User, sign_in: SignIn
) -> None:
    Grant.objects.filter(user=carla).update(queue="elsewhere")
    browser = sign_in(carla)
    assert "giulia@example.it" not in browser.get("/desk/blocked/").text
    assert browser.post(f"/desk/blocked/{blocked.pk}/lift/", {"why": "x"}).status_code == 404
    assert sign_in(ada).get("/desk/blocked/").status_code == 302  # no reader: led to the settings
    assert blocks.is_blocked(ContactPoint.objects.get(pk=blocked.pk), timezone.now())
