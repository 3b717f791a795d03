"""Finding people, cases and conversations: what is found, what is kept from whom, and that looking leaves a trace."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from crm import cases
from crm.models import AuditEntry, Case, Interaction, User
from tests.contactcenter.desk.conftest import PART, SignIn, Write, at
from tests.people import Town

pytestmark = pytest.mark.django_db


def found(browser: Client, words: str) -> str:
    answer = browser.get("/desk/search/", {"q": words}, headers=PART)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_person_is_found_by_a_part_of_the_name_and_by_the_address(giulia: Interaction, desk: Client) -> None:
    for words in ("ferr", "Giulia", "giulia@exa"):
        assert f'href="{at(giulia)}"' in found(desk, words)
    assert "Giulia <mark>Ferr</mark>i" in found(desk, "ferr")


def test_a_case_is_found_by_its_number_and_leads_to_its_conversation(
    giulia: Interaction, desk: Client, town: Town, anna: User
) -> None:
    case = giulia.case or cases.open(subject="Rimborso", office=town.front, actor=anna)
    html = found(desk, case.number[-4:])
    assert "Cases" in html
    assert f'href="{at(giulia)}"' in html


def test_words_that_were_said_are_shown_with_what_is_around_them(write: Write, desk: Client) -> None:
    write("Buongiorno, in via Manzoni c'è un lampione <b>spento</b> da giorni", subject="Luce")
    html = found(desk, "lampione")
    assert "c&#x27;è un <mark>lampione</mark> &lt;b&gt;spento" in html


def test_what_is_another_offices_is_not_found(giulia: Interaction, desk: Client, carla: User, sign_in: SignIn) -> None:
    html = found(sign_in(carla), "Giulia")
    assert "Ferri" not in html
    assert "People" not in html


def test_a_confidential_case_keeps_its_person_and_its_words(
    giulia: Interaction, desk: Client, anna: User, town: Town
) -> None:
    case = cases.open(subject="Denuncia", office=town.front, actor=anna)
    Case.objects.filter(pk=case.pk).update(confidentiality=Case.Confidentiality.CONFIDENTIAL, owner=None)
    Interaction.objects.filter(pk=giulia.pk).update(case=case)
    for words in ("Giulia", "Denuncia", "pagato"):
        html = found(desk, words)
        assert "option" in html
        assert "Ferri" not in html
        assert "Denuncia</mark>" not in html


def test_who_looked_for_whom_is_recorded_once_for_each_question(giulia: Interaction, desk: Client, anna: User) -> None:
    for _time in range(3):
        found(desk, "Giulia")
    found(desk, "g")
    entry = AuditEntry.objects.get(action="search.made")
    assert (entry.actor, entry.purpose) == (anna, "Giulia")
    assert entry.data["found"] > 0


def test_signs_of_a_pattern_are_words_like_any_other(giulia: Interaction, desk: Client) -> None:
    for words in ("%%", "__", "a.*b", "(((", "'; DROP", "<script>", "\x00\x00zq"):
        html = found(desk, words)
        assert "Ferri" not in html
        assert "<script>" not in html


def test_a_search_costs_few_statements(
    giulia: Interaction, desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    found(desk, "riscaldamento")
    with django_assert_max_num_queries(12):  # session, person, grants, the record, and three for what is found
        found(desk, "Giulia")


def test_the_page_works_without_scripts_and_says_what_to_try(giulia: Interaction, desk: Client) -> None:
    page = desk.get("/desk/search/", {"q": "Giulia"}).content.decode()
    assert f'href="{at(giulia)}"' in page
    assert "Nothing here has “Zeno”" in desk.get("/desk/search/", {"q": "Zeno"}).content.decode()
    assert "Write two characters at least." in desk.get("/desk/search/", {"q": "Z"}).content.decode()


def test_who_reads_no_citizens_words_finds_none(ada: User, sign_in: SignIn) -> None:
    assert sign_in(ada).get("/desk/search/", {"q": "Giulia"}, headers=PART).status_code == 403
