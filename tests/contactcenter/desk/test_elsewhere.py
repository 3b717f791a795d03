"""Giulia wrote by letter; Anna answers her on another channel, and both conversations know."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contactcenter.accounts.models import ChannelAccount
from contactcenter.outbox import elsewhere
from contactcenter.outbox.models import OutboxItem
from contactcenter.queues.work_items import NotYours
from crm import access
from crm.models import AuditEntry, Case, Citizen, ContactPoint, Interaction, Message, User
from tests.contactcenter.desk.conftest import PART, SignIn, at, take

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now", "in_english", "mail_account")]


@pytest.fixture
def mail_of_giulia(with_anna: Interaction) -> ContactPoint:
    assert isinstance(with_anna.citizen, Citizen)
    return ContactPoint.objects.create(
        citizen=with_anna.citizen, scheme="mailto", value="giulia@posta.example", created_at=timezone.now()
    )


def verify(point: ContactPoint) -> None:
    ContactPoint.objects.filter(pk=point.pk).update(
        status="verified", verified_at=timezone.now(), verified_how="identity card"
    )


def send(desk: Client, interaction: Interaction, point: ContactPoint, **more: str) -> Any:
    fields = {
        "way": f"{point.pk}:mail",
        "text": "Le scrivo per mail.",
        "subject": "Rimborso",
        "client_id": "e1",
        **more,
    }
    return desk.post(at(interaction, "elsewhere/"), fields, headers=PART)


def there() -> Interaction:
    return Interaction.objects.get(account="mail")


def test_the_dialog_offers_other_addresses_and_says_what_is_proved(
    desk: Client, with_anna: Interaction, mail_of_giulia: ContactPoint
) -> None:
    shown = desk.get(at(with_anna, "another-channel/"), headers=PART).content.decode()
    assert "giulia@posta.example" in shown
    assert "claimed" in shown
    assert "giulia@example.it" not in shown
    assert 'data-key="c"' in desk.get(at(with_anna)).content.decode()


def test_it_leaves_by_mail_of_the_same_person_and_case_and_the_origin_says_so(
    desk: Client, with_anna: Interaction, mail_of_giulia: ContactPoint
) -> None:
    verify(mail_of_giulia)
    shown = send(desk, with_anna, mail_of_giulia)
    assert shown.status_code == 200
    begun = there()
    assert (begun.citizen, begun.case, begun.office) == (with_anna.citizen, with_anna.case, with_anna.office)
    assert (begun.subject, begun.contact_point) == ("Rimborso", mail_of_giulia)
    assert OutboxItem.objects.get(message__interaction=begun).account == ChannelAccount.objects.get(slug="mail")
    assert "answered through URP Roccaverde by Anna Bianchi" in shown.content.decode()
    assert f'href="{at(begun)}"' in shown.content.decode()
    assert f'href="{at(with_anna)}"' in desk.get(at(begun), headers=PART).content.decode()
    with_anna.refresh_from_db()
    assert with_anna.awaiting_reply_since is None


def test_an_address_that_nobody_verified_is_asked_about_in_words(
    desk: Client, with_anna: Interaction, mail_of_giulia: ContactPoint
) -> None:
    asked = send(desk, with_anna, mail_of_giulia)
    assert asked.status_code == 422
    assert "Nobody has verified that this address is theirs." in asked.content.decode()
    assert "Le scrivo per mail." in asked.content.decode()
    assert not Interaction.objects.filter(account="mail").exists()
    assert send(desk, with_anna, mail_of_giulia, sure="1").status_code == 200
    assert AuditEntry.objects.get(action="interaction.answered_elsewhere").data["vouched"] is True


def test_a_confidential_case_goes_to_proved_addresses_alone(
    desk: Client, with_anna: Interaction, mail_of_giulia: ContactPoint, diego: User, sign_in: SignIn
) -> None:
    Case.objects.filter(interactions=with_anna).update(
        confidentiality="confidential", owner=User.objects.get(username="anna")
    )
    refused = send(desk, with_anna, mail_of_giulia, sure="1")
    assert "verify the address first" in refused.content.decode()
    assert not Interaction.objects.filter(account="mail").exists()


def test_a_double_click_is_one_mail_and_a_second_answer_goes_on_in_the_same_exchange(
    desk: Client, with_anna: Interaction, mail_of_giulia: ContactPoint
) -> None:
    verify(mail_of_giulia)
    for client_id in ("e1", "e1", "e2"):
        assert send(desk, with_anna, mail_of_giulia, client_id=client_id).status_code == 200
    assert Message.objects.filter(interaction=there(), direction="out").count() == 2


def test_what_somebody_else_has_taken_is_theirs_to_answer_anywhere(
    giulia: Interaction, mail_account: ChannelAccount, anna: User, bruno: User
) -> None:
    point = ContactPoint.objects.create(
        citizen=giulia.citizen, scheme="mailto", value="giulia@posta.example", created_at=timezone.now(),
        status="verified", verified_at=timezone.now(), verified_how="identity card",
    )  # fmt: skip
    take(giulia, bruno)
    with pytest.raises(NotYours):
        elsewhere.answer(interaction=giulia, way=f"{point.pk}:mail", text="Buongiorno", actor=anna)


def test_who_may_not_see_the_conversation_writes_to_nobody(
    with_anna: Interaction, mail_of_giulia: ContactPoint, carla: User
) -> None:
    verify(mail_of_giulia)
    with pytest.raises(access.NotVisible):
        elsewhere.answer(interaction=with_anna, way=f"{mail_of_giulia.pk}:mail", text="Buongiorno", actor=carla)


@pytest.mark.parametrize("way", ["", "0:mail", "999999:mail", "nonsense"])
def test_an_address_of_somebody_else_is_no_way(
    way: str, desk: Client, with_anna: Interaction, mail_of_giulia: ContactPoint
) -> None:
    assert send(desk, with_anna, mail_of_giulia, way=way, sure="1").status_code == 422
    stranger = ContactPoint.objects.create(scheme="mailto", value="x@posta.example", created_at=timezone.now())
    assert send(desk, with_anna, stranger, sure="1").status_code == 422
    assert not Interaction.objects.filter(account="mail").exists()


def test_accounts_that_are_off_or_cannot_write_first_are_not_offered(
    with_anna: Interaction, mail_of_giulia: ContactPoint, anna: User
) -> None:
    assert [way.account.slug for way in elsewhere.ways(interaction=with_anna, actor=anna)] == ["mail"]
    ChannelAccount.objects.filter(slug="mail").update(enabled=False)
    assert elsewhere.ways(interaction=with_anna, actor=anna) == []


def test_half_written_words_come_along_and_are_gone_when_they_left(
    desk: Client, with_anna: Interaction, mail_of_giulia: ContactPoint
) -> None:
    verify(mail_of_giulia)
    mark = "7e57ed00-0000-4000-8000-000000000001"
    draft = {"text": "Le scrivo per mail.", "as": "reply", "mark": mark, "based_on": ""}
    desk.post(at(with_anna, "draft/"), draft, headers=PART)
    assert "Le scrivo per mail." in desk.get(at(with_anna, "another-channel/"), headers=PART).content.decode()
    assert send(desk, with_anna, mail_of_giulia, mark=mark)["HX-Trigger"] == "desk:sent, desk:done"
    assert desk.get(at(with_anna, "draft/"), headers=PART).json()["draft"] is None
