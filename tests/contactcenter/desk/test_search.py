"""Finding people, cases and conversations: only what the reader may see, and quickly."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from crm import cases
from crm.models import AuditEntry, Case, ContactPoint, Interaction, User
from tests.contactcenter.desk.conftest import PART, SignIn, Write, at
from tests.people import Town

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def find(browser: Client, words: str) -> str:
    """What the palette gets."""
    answer = browser.get("/desk/search/", {"q": words}, headers=PART)
    assert answer.status_code == 200
    return answer.content.decode()


def found(browser: Client, words: str, **more: str) -> str:
    """The whole page, up to what is only explained there."""
    answer = browser.get("/desk/search/", {"q": words, **more})
    assert answer.status_code == 200
    return answer.content.decode().split("Words are looked for")[0]


def test_a_person_is_found_by_the_beginning_of_a_name(desk: Client, giulia: Interaction) -> None:
    shown = find(desk, "giu fer")
    assert 'aria-label="People"' in shown
    assert "<mark>Giu</mark>lia <mark>Fer</mark>ri" in shown
    assert at(giulia) in shown  # choosing her leads to her newest conversation


def test_a_person_is_found_by_an_address(desk: Client, giulia: Interaction) -> None:
    assert 'aria-label="People"' in find(desk, "giulia@ex")


def test_a_telephone_number_is_found_however_it_is_spaced(desk: Client, giulia: Interaction) -> None:
    ContactPoint.objects.filter(interactions=giulia).update(scheme="tel", value="+393331234567")
    assert "Ferri" in find(desk, "333 123.45")


def test_capitals_and_accents_beyond_ascii_do_not_hide_anybody(desk: Client, write: Write) -> None:
    write("Добрий день", who="mariia", name="Марія Шевченко")
    assert "Шевченко" in find(desk, "марія")


def test_a_case_is_found_by_number_and_by_title(desk: Client, giulia: Interaction, town: Town) -> None:
    case = cases.open(subject="Rimborso TARI", office=town.front, citizen=giulia.citizen)
    for words in (case.number, case.number[-4:], "rimborso"):
        shown = find(desk, words)
        assert 'aria-label="Cases"' in shown, words
        assert f"/desk/cases/{case.number}/" in shown  # no conversation is about it: its document


def test_a_conversation_is_found_by_words_said_in_it(desk: Client, giulia: Interaction, write: Write) -> None:
    write("E la seconda ricevuta?")  # the newest words are others now
    shown = find(desk, "pagato volte")
    assert 'aria-label="Conversations"' in shown
    assert "Ho <mark>pagato</mark> due <mark>volte</mark> la TARI" in shown


def test_words_older_than_the_page_says_are_not_looked_through(desk: Client, write: Write) -> None:
    long_ago = timezone.now() - dt.timedelta(days=120)
    write("Perso il gatto Fuffi", who="olga", name="Olga Neri", at=long_ago)
    write("Trovato", who="olga", name="Olga Neri", at=long_ago)
    assert "Fuffi" not in find(desk, "fuffi")
    assert "of the last 90 days" in desk.get("/desk/search/?q=fuffi").content.decode()
    assert "Olga" in find(desk, "olga")


@pytest.mark.parametrize("kept", [Case.Confidentiality.CONFIDENTIAL, Case.Confidentiality.SEALED])
def test_what_is_kept_from_a_reader_is_not_found_by_any_of_its_words(
    kept: str, desk: Client, giulia: Interaction, carla: User
) -> None:
    case = giulia.case
    assert case is not None
    Case.objects.filter(pk=case.pk).update(confidentiality=kept, owner=carla, subject="Minaccia grave")
    for words in ("giulia", "Ferri", "giulia@example.it", case.number, "minaccia", "pagato", "TARI"):
        assert find(desk, words).strip() == "", words
        assert "Nothing found" in found(desk, words), words


def test_another_office_is_not_searched(giulia: Interaction, carla: User, sign_in: SignIn) -> None:
    assert find(sign_in(carla), "giulia").strip() == ""


def test_reading_what_was_found_is_recorded_like_any_look(desk: Client, giulia: Interaction, anna: User) -> None:
    find(desk, "giulia")
    desk.get(at(giulia), headers=PART)
    assert AuditEntry.objects.get(action="interaction.read").actor == anna


def test_what_citizens_write_is_shown_as_text(desk: Client, write: Write) -> None:
    write("<b>attento</b> & <script>", who="x", name="<i>Ugo</i>")
    shown = find(desk, "attento")
    assert "&lt;b&gt;<mark>attento</mark>&lt;/b&gt;" in shown
    assert "<script>" not in shown
    assert "<i>Ugo" not in shown


@pytest.mark.parametrize("words", ["", "a", "   ", "%", "\x00\x00"])
def test_too_few_letters_find_nothing(words: str, desk: Client, giulia: Interaction) -> None:
    assert find(desk, words).strip() == ""


@pytest.mark.parametrize("words", ["%%%", "__", "'--", "((((", "\\\\", "x" * 5000, "q§ z§ " * 400, "٣٣٣٣", "+" * 9])
def test_whatever_is_typed_is_only_words(words: str, desk: Client, giulia: Interaction) -> None:
    assert "Ferri" not in find(desk, words)


@pytest.mark.parametrize("after", ["x", "9" * 30 + ".1", "1.2.3", "١.١", "." * 50])
def test_a_page_that_isnt_one_begins_at_the_beginning(after: str, desk: Client, giulia: Interaction) -> None:
    assert "Ferri" in found(desk, "giulia", tab="talks", after=after)


def test_the_page_goes_on_where_it_ended(desk: Client, write: Write) -> None:
    for number in range(25):
        write(f"Buca in via Roma {number}", who=f"p{number}", name=f"Persona {number:02d}", thread=f"t{number}")
    first = found(desk, "buca", tab="talks")
    assert first.count('class="popt"') == 20
    rest = desk.get("/desk/search/" + first.split('class="btn" href="')[1].split('"')[0].replace("&amp;", "&"))
    assert rest.content.decode().count('class="popt"') == 5
    shown = find(desk, "buca")
    assert shown.count("found-talks-") == 9  # eight, and the way to all
    assert "All results: Conversations" in shown


def test_a_question_is_three_statements_beside_who_asks(
    desk: Client, giulia: Interaction, town: Town, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    cases.open(subject="Giulia e la TARI", office=town.front, citizen=giulia.citizen)
    with django_assert_max_num_queries(6):
        find(desk, "giulia")


def test_who_asks_too_often_is_told_to_wait(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contactcenter.desk.search.views.A_MINUTE", 1)
    find(desk, "giulia")
    answer = desk.get("/desk/search/", {"q": "giulia"}, headers=PART)
    assert answer.status_code == 429
    assert "Wait a moment" in answer.content.decode()


def test_the_desk_has_a_way_to_the_palette_that_works_without_scripts(desk: Client) -> None:
    shown = desk.get("/desk/").content.decode()
    assert 'href="/desk/search/" data-palette="/desk/palette/" data-key="ctrl+k"' in shown
    assert 'role="combobox"' in desk.get("/desk/palette/", headers=PART).content.decode()
