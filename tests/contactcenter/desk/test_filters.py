"""What somebody wants to see of the line: chosen, remembered, kept under a name, and never a lie about the rest."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from contactcenter.desk import saved_views
from contactcenter.desk.filters import Filter, parsed
from contactcenter.desk.models import SavedView
from contactcenter.queues.models import WorkItem
from crm import access
from crm.models import Interaction, User
from tests.contactcenter.desk.conftest import PART, SignIn, Write
from tests.contactcenter.desk.test_pages import rows_of
from tests.people import Town

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def line(write: Write) -> list[Interaction]:
    """Giulia writes Italian since an hour, Olena Ukrainian since now."""
    hour_ago = timezone.now() - dt.timedelta(hours=1)
    giulia = write("Ho pagato due volte", at=hour_ago, language="it")
    olena = write("Добрий день", who="olena", name="Olena Kovalenko", language="uk")
    return [giulia, olena]


def shown(desk: Client, query: str) -> list[str]:
    answer = desk.get(f"/desk/mine/?{query}", headers=PART)
    assert answer.status_code == 200
    return rows_of(answer.content.decode())


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("f=1", ["Giulia Ferri", "Olena Kovalenko"]),
        ("f=1&language=uk", ["Olena Kovalenko"]),
        ("f=1&longer=10", ["Giulia Ferri"]),
        ("f=1&words=kovalen", ["Olena Kovalenko"]),
        ("f=1&words=pagato due", ["Giulia Ferri"]),
        ("f=1&account=carta", ["Giulia Ferri", "Olena Kovalenko"]),
        ("f=1&queue=tributi", []),
        ("f=1&language=uk&longer=10", []),
        ("f=1&queue='%20OR%201=1&longer=-5&language=%00", ["Giulia Ferri", "Olena Kovalenko"]),
    ],
)
def test_only_what_fits_is_shown(query: str, names: list[str], line: list[Interaction], desk: Client) -> None:
    assert shown(desk, query) == names


def test_what_was_chosen_is_there_after_a_reload_and_beside_a_conversation(
    line: list[Interaction], desk: Client
) -> None:
    shown(desk, "f=1&language=uk")
    assert rows_of(desk.get("/desk/").content.decode()) == ["Olena Kovalenko"]
    beside = desk.get(f"/desk/c/{line[0].public_id}/").content.decode()
    assert rows_of(beside) == ["Olena Kovalenko"]
    shown(desk, "f=1")
    assert len(rows_of(desk.get("/desk/").content.decode())) == 2


def test_the_count_in_the_title_is_of_everybody_and_an_empty_view_says_how_many_wait(
    line: list[Interaction], desk: Client
) -> None:
    html = desk.get("/desk/mine/?f=1&queue=tributi", headers=PART).content.decode()
    assert 'data-waiting="2"' in html
    assert "Nobody who waits fits this. Of all, 2 wait." in html
    assert "Tributi" in html


def test_each_part_of_a_filter_can_be_lifted_alone(line: list[Interaction], desk: Client) -> None:
    html = desk.get("/desk/mine/?f=1&language=uk&longer=10", headers=PART).content.decode()
    assert 'data-view="language=uk"' in html
    assert 'data-view="longer=10"' in html


def test_another_filter_is_another_part_and_the_same_answers_304(line: list[Interaction], desk: Client) -> None:
    first = desk.get("/desk/mine/?f=1&language=uk", headers=PART)
    again = desk.get("/desk/mine/?f=1&language=uk", headers={**PART, "If-None-Match": first["ETag"]})
    other = desk.get("/desk/mine/?f=1&language=it", headers={**PART, "If-None-Match": first["ETag"]})
    assert (again.status_code, other.status_code) == (304, 200)


def test_how_long_somebody_waits_is_asked_anew_with_every_minute(line: list[Interaction], desk: Client) -> None:
    import time_machine

    with time_machine.travel("2026-11-27T10:00:10Z", tick=False):
        first = desk.get("/desk/mine/?f=1&longer=10", headers=PART)
    with time_machine.travel("2026-11-27T10:01:10Z", tick=False):
        assert (
            desk.get("/desk/mine/?f=1&longer=10", headers={**PART, "If-None-Match": first["ETag"]}).status_code == 200
        )


def test_a_long_filtered_line_is_read_in_pages_in_its_order(write: Write, town: Town, desk: Client) -> None:
    first = write("n. 0", who="zero", name="Zero", language="uk")
    from tests.contactcenter.desk.test_pages import _many_wait

    _many_wait(first, town, 70)
    Interaction.objects.update(language="uk")
    page = desk.get("/desk/mine/?f=1&language=uk", headers=PART).content.decode()
    assert page.count('id="row-') == 50
    after = page.split('data-page="')[1].split('"')[0]
    rest = desk.get(f"/desk/mine/?f=1&language=uk&after={after}", headers=PART).content.decode()
    assert rest.count('id="row-') == WorkItem.objects.filter(state="waiting").count() - 50


# --- views ---


def test_a_view_is_kept_found_again_and_removed(line: list[Interaction], desk: Client, anna: User) -> None:
    kept = desk.post("/desk/views/", {"name": "  Ucraini ", "language": "uk"}, headers=PART).content.decode()
    assert 'data-view="language=uk"' in kept
    view = SavedView.objects.get()
    assert (view.name, view.owner, parsed(view.filter)) == ("Ucraini", anna, Filter(language="uk"))
    assert "Ucraini" in desk.get("/desk/filter/", headers=PART).content.decode()
    desk.post(f"/desk/views/{view.pk}/remove/", headers=PART)
    assert not SavedView.objects.exists()


def test_the_same_name_again_is_the_same_view(desk: Client, town: Town) -> None:
    for code in ("uk", "es"):
        desk.post("/desk/views/", {"name": "Stranieri", "language": code}, headers=PART)
    assert SavedView.objects.get().filter == "language=es"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [({"language": "uk"}, "Write a name for this view."), ({"name": "Tutto"}, "Choose something first")],
)
def test_a_view_without_a_name_or_without_a_choice_is_refused(
    given: dict[str, str], sentence: str, desk: Client, town: Town
) -> None:
    answer = desk.post("/desk/views/", given, headers=PART)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_somebody_elses_view_is_neither_shown_nor_removed(anna: User, bruno: User, sign_in: SignIn) -> None:
    view = saved_views.keep(name="Miei", chosen=Filter(longer=5), actor=anna)
    his = sign_in(bruno)
    assert "Miei" not in his.get("/desk/filter/", headers=PART).content.decode()
    assert his.post(f"/desk/views/{view.pk}/remove/", headers=PART).status_code == 404
    assert SavedView.objects.exists()


def test_a_manager_shares_a_view_and_an_agent_does_not(anna: User, diego: User, sign_in: SignIn) -> None:
    with pytest.raises(access.Forbidden):
        saved_views.keep(name="Tutti", chosen=Filter(longer=5), actor=anna, shared=True)
    saved_views.keep(name="In ritardo", chosen=Filter(longer=60), actor=diego, shared=True)
    page = sign_in(anna).get("/desk/filter/", headers=PART).content.decode()
    assert "In ritardo" in page
    assert "Remove the view In ritardo" not in page
