"""The case to link is found by its number or by words of its title, among those the person may see."""

import pytest
from django.test import Client
from django.utils import timezone

from crm import cases
from crm.models import Case, Interaction, User
from tests.contactcenter.desk.conftest import PART, Write, at, take

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def potholes(write: Write, anna: User) -> Case:
    """Paolo's case."""
    letter = write("Una buca in via Garibaldi", who="paolo", name="Paolo Neri")
    take(letter, anna)
    return cases.open_for(interaction=letter, subject="Buca in via Garibaldi", topic=None, actor=anna)


def found(desk: Client, interaction: Interaction, words: str) -> str:
    return desk.get(at(interaction, "case/find/"), {"words": words}, headers=PART).text


@pytest.mark.parametrize("words", ["garibaldi", "BUCA via", "number"])
def test_a_case_of_somebody_else_is_found_and_linked(
    words: str, potholes: Case, with_anna: Interaction, desk: Client
) -> None:
    html = found(desk, with_anna, potholes.number[-6:] if words == "number" else words)
    assert f'value="{potholes.number}"' in html
    assert "Paolo Neri" in html
    with_anna.refresh_from_db()
    fields = {"number": potholes.number, "version": with_anna.version}
    assert desk.post(at(with_anna, "case/link/"), fields, headers=PART).status_code == 200
    with_anna.refresh_from_db()
    assert with_anna.case == potholes
    assert potholes.number not in found(desk, with_anna, "garibaldi")  # it belongs there already


def test_nothing_is_asked_for_without_a_word_and_a_word_too_many_finds_nothing(
    potholes: Case, with_anna: Interaction, desk: Client
) -> None:
    assert "<form" not in found(desk, with_anna, "  ")
    assert "No case that you may see says this." in found(desk, with_anna, "garibaldi ponte")


@pytest.mark.parametrize("hidden", ["sealed", "confidential"])
def test_a_case_that_is_kept_from_them_is_not_found(
    hidden: str, potholes: Case, with_anna: Interaction, desk: Client, diego: User
) -> None:
    Case.objects.filter(pk=potholes.pk).update(confidentiality=hidden, owner=diego)
    assert "<form" not in found(desk, with_anna, "garibaldi")


def test_at_most_eight_are_shown_and_it_says_that_there_are_more(
    potholes: Case, with_anna: Interaction, desk: Client
) -> None:
    now = timezone.now()
    for n in range(9):
        Case.objects.create(
            number=f"2030-{n:06d}", subject="Buca", office=potholes.office, opened_at=now, citizen=potholes.citizen
        )
    html = found(desk, with_anna, "buca")
    assert html.count('name="number"') == 8
    assert "There are more." in html
