"""Canned answers: whose they are, what is filled in, what is refused, and that they are counted when they are sent."""

import pytest
from django.test import Client

from contactcenter.writing import canned, placeholders
from contactcenter.writing.models import CannedAnswer
from crm import access, cases
from crm.models import Interaction, User
from tests.contactcenter.desk.conftest import PART, SignIn, Write, at, desk, giulia, sign_in, with_anna, write
from tests.people import Town

__all__ = ["desk", "giulia", "sign_in", "with_anna", "write"]
pytestmark = pytest.mark.usefixtures("in_english")


def own(actor: User, shortcut: str = "orari", **texts: str) -> CannedAnswer:
    return canned.add(
        shortcut=shortcut, title="Orari", texts=texts or {"it": "Siamo aperti fino alle 12."}, actor=actor
    )


# --- placeholders ---


def test_what_is_known_is_filled_in_and_the_rest_waits_for_a_hand() -> None:
    text = placeholders.fill("Gentile {{citizen}}, pratica {{ case }}.", {"citizen": "Giulia Ferri", "case": ""})
    assert text == "Gentile Giulia Ferri, pratica {{ case }}."
    assert placeholders.left(text) == ["case"]


@pytest.mark.parametrize("text", ["{{citizen.password}}", "{{7*7}}", "{{ settings }}", "{{}}"])
def test_a_placeholder_is_a_name_and_nothing_is_computed(text: str) -> None:
    assert placeholders.fill(text, {"citizen": "Giulia"}) == text
    assert len(placeholders.unknown(text)) == 1


def test_an_unknown_placeholder_is_marked_where_it_stands() -> None:
    (found,) = placeholders.unknown("Gentile {{citizen}},\nla {{pratica}} è aperta")
    assert (found.line, found.marked()) == (2, "la {{pratica}} è aperta\n   ^^^^^^^^^^^")


def test_what_a_citizen_is_called_fills_in_nothing_further() -> None:
    assert placeholders.fill("Gentile {{citizen}}", {"citizen": "{{agent}}", "agent": "Anna"}) == "Gentile {{agent}}"


# --- whose they are ---


@pytest.mark.django_db
def test_ones_own_is_nobody_elses(anna: User, bruno: User) -> None:
    mine = own(anna)
    assert list(canned.usable(anna)) == [mine]
    assert list(canned.usable(bruno)) == []
    with pytest.raises(access.Forbidden):
        canned.retire(answer=mine, actor=bruno)


@pytest.mark.django_db
def test_an_agent_shares_nothing(anna: User, town: Town) -> None:
    for office in (town.front, None):
        with pytest.raises(access.Forbidden):
            canned.add(shortcut="x", title="X", texts={"it": "X"}, actor=anna, office=office, own=False)


@pytest.mark.django_db
def test_a_manager_writes_for_their_office_and_for_no_other(diego: User, anna: User, carla: User, town: Town) -> None:
    shared = canned.add(
        shortcut="sala", title="Sala", texts={"it": "Sala 2"}, actor=diego, office=town.front, own=False
    )
    assert list(canned.usable(anna)) == [shared]
    assert list(canned.usable(carla)) == []


@pytest.mark.django_db
def test_a_shortcut_is_taken_once_in_a_place_and_free_in_another(anna: User, bruno: User) -> None:
    own(anna)
    own(bruno)
    with pytest.raises(canned.Wrong) as refused:
        own(anna)
    assert refused.value.sentences["shortcut"] == ["“orari” is taken here already. Choose another shortcut."]


@pytest.mark.django_db
def test_an_unknown_placeholder_is_refused_with_its_line_and_what_exists(anna: User) -> None:
    with pytest.raises(canned.Wrong) as refused:
        own(anna, it="Buongiorno\n{{nome}}")
    (sentence,) = refused.value.sentences["text_it"]
    assert sentence.startswith("Line 2: there is no placeholder “nome”. These exist: citizen,")


@pytest.mark.django_db
def test_two_people_who_change_it_at_once_dont_overwrite_each_other(anna: User) -> None:
    answer = own(anna)
    new = {"shortcut": "orari", "title": "Orari", "topic": None, "active": True, "actor": anna}
    canned.change(answer=answer, texts={"it": "Fino alle 13."}, based_on=1, **new)  # type: ignore[arg-type]
    with pytest.raises(canned.Changed):
        canned.change(answer=answer, texts={"it": "Fino alle 14."}, based_on=1, **new)  # type: ignore[arg-type]
    assert [row.text for row in answer.texts.all()] == ["Fino alle 13."]


# --- at the desk ---


@pytest.mark.django_db
def test_the_citizens_language_comes_first_and_another_is_marked(
    with_anna: Interaction, desk: Client, anna: User
) -> None:
    own(anna, "orari", it="Aperto", uk="Відчинено")
    own(anna, "solo-italiano", it="Solo qui")
    Interaction.objects.update(language="uk")
    html = desk.get(at(with_anna, "canned/"), headers=PART).content.decode()
    assert 'data-text="Відчинено"' in html
    assert 'data-text="Aperto"' not in html
    assert "in italian" in html


@pytest.mark.django_db
def test_name_and_case_are_filled_in(with_anna: Interaction, desk: Client, anna: User, town: Town) -> None:
    case = cases.open(subject="TARI", office=town.front, actor=anna)
    cases.link(interaction=with_anna, case=case, actor=anna)
    own(anna, it="{{citizen}}, pratica {{case}}. {{agent}}, {{office}}")
    html = desk.get(at(with_anna, "canned/"), headers=PART).content.decode()
    assert f'data-text="Giulia Ferri, pratica {case.number}. Anna Bianchi, Accoglienza"' in html


@pytest.mark.django_db
def test_what_is_still_to_be_filled_in_is_not_sent(with_anna: Interaction, desk: Client) -> None:
    with_anna.refresh_from_db()
    form = {"text": "Pratica {{case}}", "version": with_anna.version}
    answer = desk.post(at(with_anna, "answer/"), form, headers=PART)
    assert answer.status_code == 422
    assert "{{case}} is still to be filled in." in answer.content.decode()


@pytest.mark.django_db
def test_it_counts_when_the_answer_is_sent_and_not_when_it_is_looked_at(
    with_anna: Interaction, desk: Client, anna: User, bruno: User
) -> None:
    mine, his = own(anna), own(bruno)
    desk.get(at(with_anna, "canned/"), headers=PART)
    with_anna.refresh_from_db()
    sent = {"text": "Siamo aperti.", "version": with_anna.version, "canned": [mine.public_id, his.public_id, "x"]}
    assert desk.post(at(with_anna, "answer/"), sent, headers=PART).status_code == 200
    mine.refresh_from_db()
    his.refresh_from_db()
    assert (mine.used, his.used) == (1, 0)


@pytest.mark.django_db
def test_another_offices_conversation_offers_nothing(write: Write, desk: Client, town: Town) -> None:
    found = write("Buongiorno")
    Interaction.objects.update(office=town.taxes, queue="tributi")
    assert desk.get(at(found, "canned/"), headers=PART).status_code == 404


# --- the pages ---


@pytest.mark.django_db
def test_an_agent_writes_changes_and_removes_their_own(desk: Client, anna: User) -> None:
    form = {"scope": "own", "shortcut": "ciao", "title": "Saluto", "text_it": "Buongiorno {{citizen}}"}
    assert desk.post("/settings/new/canned/", form).status_code == 302
    answer = CannedAnswer.objects.get()
    page = f"/settings/canned/{answer.public_id}/"
    assert "Saluto" in desk.get("/settings/canned/").content.decode()
    changed = {**form, "title": "Saluto breve", "active": "on", "version": 1}
    assert desk.post(page, changed).status_code == 302
    stale = desk.post(page, {**changed, "title": "Mio saluto"})
    assert stale.status_code == 409
    html = stale.content.decode()
    assert "Somebody else has changed this meanwhile." in html
    assert "Saluto breve" in html
    assert 'value="Mio saluto"' in html
    assert desk.post(f"{page}remove/").status_code == 302
    assert not CannedAnswer.objects.exists()


@pytest.mark.django_db
def test_an_agents_form_offers_no_scope_but_their_own(desk: Client, town: Town) -> None:
    html = desk.get("/settings/new/canned/").content.decode()
    assert 'value="own"' in html
    assert 'value="all"' not in html
    form = {"scope": str(town.front.pk), "shortcut": "x", "title": "X", "text_it": "X"}
    assert desk.post("/settings/new/canned/", form).status_code == 200
    assert not CannedAnswer.objects.exists()


@pytest.mark.django_db
def test_somebody_elses_own_answer_has_no_page(sign_in: SignIn, anna: User, bruno: User) -> None:
    answer = own(anna)
    assert sign_in(bruno).get(f"/settings/canned/{answer.public_id}/").status_code == 404
