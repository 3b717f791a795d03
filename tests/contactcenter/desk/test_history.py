"""Nobody tells their story twice: what a person, or a case, was about elsewhere stands folded above the conversation."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm import cases
from crm.models import AuditEntry, Interaction, Message, User
from tests.contactcenter.desk.conftest import PART, SignIn, Write, take

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def page(browser: Client, interaction: Interaction) -> str:
    return browser.get(reverse("desk-talk", args=[interaction.public_id]), headers=PART).content.decode()


def unfold(browser: Client, interaction: Interaction) -> str:
    answer = browser.get(reverse("desk-folded", args=[interaction.public_id]), headers=PART)
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_giulia_wrote_before_is_named_above_what_she_writes_now(
    desk: Client, with_anna: Interaction, write: Write
) -> None:
    write("Un'altra cosa, mesi fa", thread="before", at=timezone.now() - dt.timedelta(days=20), subject="Ecocentro")
    shown = page(desk, with_anna)
    assert "1 other contact" in shown
    assert "Paper 3 Nov" in shown
    assert "Ecocentro" in shown
    assert "Un'altra cosa" not in shown  # read only where somebody unfolds it


def test_unfolding_shows_the_words_and_records_the_look(
    desk: Client, with_anna: Interaction, write: Write, anna: User
) -> None:
    other = write("Dove porto i vetri?", thread="before")
    shown = unfold(desk, other)
    assert "Dove porto i vetri?" in shown
    assert reverse("desk-talk", args=[other.public_id]) in shown
    look = AuditEntry.objects.get(action="interaction.read", subject=f"interaction:{other.public_id}")
    assert look.actor == anna


def test_unfolded_words_have_names_of_their_own_on_the_page(desk: Client, with_anna: Interaction, write: Write) -> None:
    other = write("Dove porto i vetri?", thread="before")
    assert 'id="m-1"' in page(desk, with_anna)
    assert 'id="m-1"' not in unfold(desk, other)


def test_a_failed_answer_of_another_conversation_is_told_but_tried_again_only_there(
    desk: Client, with_anna: Interaction, write: Write
) -> None:
    other = write("Dove porto i vetri?", thread="before")
    Message.objects.filter(interaction=other, direction="in").update(
        direction="out", state="failed", state_reason="The mailbox is full."
    )
    shown = unfold(desk, other)
    assert "The mailbox is full." in shown
    assert "Try again" not in shown


def test_who_may_not_read_another_conversation_does_not_learn_of_it(
    with_anna: Interaction, write: Write, carla: User, desk: Client, sign_in: SignIn
) -> None:
    other = write("Per i tributi", thread="taxes")
    Interaction.objects.filter(pk=other.pk).update(office=carla.grants.get().office, queue="tributi", subject="Segreto")
    assert "Segreto" not in page(desk, with_anna)
    assert desk.get(reverse("desk-folded", args=[other.public_id]), headers=PART).status_code == 404
    assert "Per i tributi" in unfold(sign_in(carla), other)


def test_another_persons_words_about_the_same_case_are_named_with_who_it_was(
    desk: Client, with_anna: Interaction, write: Write, anna: User
) -> None:
    sister = write("Sono la sorella", who="marta", name="Marta Ferri")
    take(sister, anna)
    assert with_anna.case is not None
    cases.link(case=with_anna.case, interaction=sister, actor=anna)
    shown = page(desk, with_anna)
    assert "1 other contact" in shown
    assert "Marta Ferri" in shown


def test_more_than_eight_are_said_to_be_more(desk: Client, with_anna: Interaction, write: Write) -> None:
    for n in range(9):
        write(f"Lettera {n}", thread=f"before-{n}", at=timezone.now() - dt.timedelta(days=n + 1))
    shown = page(desk, with_anna)
    assert "More than 8 other contacts" in shown
    assert shown.count('class="other"') == 8


def test_who_writes_for_the_first_time_has_no_such_line(desk: Client, with_anna: Interaction) -> None:
    assert 'id="before"' not in page(desk, with_anna)
