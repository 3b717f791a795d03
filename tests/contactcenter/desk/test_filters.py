"""What of the lists is shown: filters in the address, views kept under a name, and counts that stay true."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from contactcenter.desk import saved_views
from contactcenter.desk.filters import Filter
from contactcenter.desk.models import SavedView
from contactcenter.queues.models import WorkItem
from crm import access
from crm.models import AuditEntry, Grant, Interaction, Topic, User
from tests.contactcenter.desk.conftest import PART, SignIn, Write, at, take
from tests.contactcenter.desk.test_pages import _many_wait, rows_of
from tests.people import Town


@pytest.fixture
def three(write: Write) -> dict[str, Interaction]:
    """Paolo has waited two minutes, Ana, who writes Spanish, nine, Olena, who writes Ukrainian, forty."""
    now = timezone.now()
    return {
        name: write(text, who=name, name=full, at=now - dt.timedelta(minutes=minutes), **more)
        for name, full, text, minutes, more in [
            ("paolo", "Paolo Neri", "Una buca in via Roma", 2, {}),
            ("ana", "Ana Gómez", "¿Qué documentos necesito?", 9, {"language": "es"}),
            ("olena", "Olena Koval", "Добрий день", 40, {"language": "uk"}),
        ]
    }


def shown(browser: Client, **query: str | int) -> list[str]:
    return rows_of(browser.get("/desk/", query).content.decode())


def count(html: str, name: str) -> str:
    found = re.search(rf'data-{name}="([^"]*)"', html)
    assert found is not None
    return found[1]


@pytest.mark.django_db
def test_the_line_is_narrowed_by_language_wait_words_channel_queue_and_topic(
    three: dict[str, Interaction], desk: Client, town: Town
) -> None:
    assert shown(desk) == ["Olena Koval", "Ana Gómez", "Paolo Neri"]
    assert shown(desk, language="uk") == ["Olena Koval"]
    assert shown(desk, waits=5) == ["Olena Koval", "Ana Gómez"]
    assert shown(desk, words="  gómez ") == ["Ana Gómez"]
    assert shown(desk, words="via roma") == ["Paolo Neri"]
    assert shown(desk, channel=three["ana"].account, waits=10) == ["Olena Koval"]
    assert shown(desk, channel="~written") == shown(desk, queue=town.front_queue.slug) == shown(desk)
    assert shown(desk, channel="~call") == shown(desk, queue="nowhere") == []
    topic = Topic.objects.create(name="Strade", slug="strade-e-buche", office=town.front)
    Interaction.objects.filter(pk=three["paolo"].pk).update(topic=topic)
    assert shown(desk, topic=topic.pk) == ["Paolo Neri"]


@pytest.mark.django_db
def test_my_own_work_is_narrowed_too_and_the_tabs_are_not(
    three: dict[str, Interaction], anna: User, desk: Client
) -> None:
    take(three["ana"], anna)
    take(three["paolo"], anna)
    html = desk.get("/desk/", {"language": "es"}).content.decode()
    assert rows_of(html) == ["Ana Gómez"]
    assert "1 of 2" in html
    assert html.count('class="tab"') == 2
    assert shown(desk, which="unassigned") == ["Olena Koval"]
    assert sorted(shown(desk, which="mine")) == ["Ana Gómez", "Paolo Neri"]
    Interaction.objects.filter(pk=three["ana"].pk).update(agent_read_seq=99)
    assert shown(desk, which="unread") == ["Paolo Neri"]


@pytest.mark.django_db
def test_what_i_put_aside_can_be_shown_alone(three: dict[str, Interaction], anna: User, desk: Client) -> None:
    take(three["ana"], anna)
    desk.post(at(three["ana"], "park/"), {"for": "hour"}, headers=PART)
    assert shown(desk, which="parked") == ["Ana Gómez"]
    assert "Nothing that you put aside is like that." in desk.get("/desk/", {"which": "parked", "words": "zzz"}).text


@pytest.mark.django_db
def test_an_empty_list_names_what_empties_it_and_offers_to_lift_it(three: dict[str, Interaction], desk: Client) -> None:
    html = desk.get("/desk/", {"language": "de", "words": "paolo"}).content.decode()
    assert rows_of(html) == []
    assert "Nobody who waits is like that; 3 wait in all." in html
    assert "language: german" in html
    assert 'data-filter="words=paolo"' in html  # without the language
    assert 'data-filter="language=de"' in html
    assert "Show everything" in html


@pytest.mark.django_db
def test_the_counts_of_the_title_are_of_everything(three: dict[str, Interaction], anna: User, desk: Client) -> None:
    take(three["paolo"], anna)
    html = desk.get("/desk/mine/", {"language": "uk"}, headers=PART).content.decode()
    assert (count(html, "waiting"), "1 waiting" in html) == ("2", True)
    assert re.search(r'id="work"[^>]*data-unread="1"', html)


@pytest.mark.django_db
def test_the_filter_is_part_of_the_mark_and_stays_when_a_conversation_is_opened(
    three: dict[str, Interaction], desk: Client
) -> None:
    first = desk.get("/desk/mine/", {"language": "uk"}, headers=PART)
    again = desk.get("/desk/mine/", {"language": "uk"}, headers={**PART, "If-None-Match": first["ETag"]})
    other = desk.get("/desk/mine/", {"language": "es"}, headers={**PART, "If-None-Match": first["ETag"]})
    assert (again.status_code, other.status_code) == (304, 200)
    html = desk.get(at(three["paolo"]), {"language": "uk"}).content.decode()
    assert 'data-filter="language=uk"' in html
    assert rows_of(html)[0] == "Olena Koval"


@pytest.mark.django_db
def test_a_filtered_line_has_pages_too(write: Write, desk: Client, town: Town) -> None:
    _many_wait(write("Primo", who="zero", name="Zero"), town, 120)
    html = desk.get("/desk/", {"words": "n. "}).content.decode()
    seen = rows_of(html)
    assert "behind" in html
    while found := re.search(r'data-page="([^"]+)"[^>]*>[^<]*behind', html):
        html = desk.get("/desk/mine/", {"after": found[1], "words": "n. "}, headers=PART).content.decode()
        seen += rows_of(html)
    assert len(seen) == len(set(seen)) == 120


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    [
        {"which": "x", "channel": "'; --", "queue": "a b", "language": "1_", "topic": "-1", "waits": "9" * 40},
        {"words": "\x00", "topic": "９", "language": "ué"},
    ],
)
def test_an_address_that_is_no_filter_shows_everything(
    query: dict[str, str], three: dict[str, Interaction], desk: Client
) -> None:
    assert len(shown(desk, **query)) == 3


@pytest.mark.django_db
def test_a_filter_shows_nobody_more_than_they_may_see(
    three: dict[str, Interaction], bruno: User, sign_in: SignIn
) -> None:
    Grant.objects.filter(user=bruno).update(queue="elsewhere")
    assert shown(sign_in(bruno), words="olena") == shown(sign_in(bruno), queue="accoglienza") == []


@pytest.mark.django_db
def test_a_filter_costs_one_statement_more_at_most(
    three: dict[str, Interaction], desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    desk.get("/desk/")
    with CaptureQueriesContext(connection) as plain:
        desk.get("/desk/mine/", headers=PART)
    with django_assert_max_num_queries(min(14, len(plain) + 1)):
        desk.get("/desk/mine/", {"language": "uk", "words": "o", "waits": "1"}, headers=PART)


# --- views ---


@pytest.mark.django_db
def test_a_view_is_kept_picked_renamed_and_deleted(three: dict[str, Interaction], anna: User, desk: Client) -> None:
    html = desk.post("/desk/views/", {"name": " Ucraini  in attesa ", "filter": "language=uk&x=1"}, headers=PART).text
    assert "Ucraini in attesa" in html
    assert 'data-filter="language=uk"' in html
    view = SavedView.objects.get()
    assert (view.owner, view.query) == (anna, "language=uk")
    assert "Olena first" in desk.post(f"/desk/views/{view.pk}/", {"name": "Olena first"}, headers=PART).text
    assert "Olena first" not in desk.post(f"/desk/views/{view.pk}/", {"do": "delete"}, headers=PART).text
    assert not SavedView.objects.exists()


@pytest.mark.django_db
def test_the_house_offers_views_that_nobody_keeps(desk: Client) -> None:
    html = desk.get("/desk/filter/", headers=PART).text
    assert "Everything" in html
    assert "Waiting longer than 10 minutes" in html
    assert "In my language" in html


@pytest.mark.django_db
def test_a_view_is_its_owners_alone(anna: User, bruno: User, sign_in: SignIn) -> None:
    view = saved_views.keep(actor=anna, name="Mine", only=Filter(language="uk"))
    browser = sign_in(bruno)
    assert ">Mine<" not in browser.get("/desk/filter/", headers=PART).text
    assert browser.post(f"/desk/views/{view.pk}/", {"do": "delete"}, headers=PART).status_code == 404
    with pytest.raises(access.Forbidden):
        saved_views.delete(view=view, actor=bruno)


@pytest.mark.django_db
def test_only_who_sets_up_keeps_a_view_for_everybody(anna: User, bruno: User, sign_in: SignIn, town: Town) -> None:
    answer = sign_in(anna).post(
        "/desk/views/", {"name": "All of us", "filter": "language=uk", "for": "all"}, headers=PART
    )
    assert answer.status_code == 403
    Grant.objects.create(user=anna, role="administrator")
    anna = User.objects.get(pk=anna.pk)
    view = saved_views.keep(actor=anna, name="All of us", only=Filter(language="uk"), for_all=True)
    assert "All of us" in sign_in(bruno).get("/desk/filter/", headers=PART).text
    assert sign_in(bruno).post(f"/desk/views/{view.pk}/", {"do": "delete"}, headers=PART).status_code == 403
    assert AuditEntry.objects.get(action="saved-view.kept").data["name"] == "All of us"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "query", "sentence"),
    [
        ("  ", "language=uk", "Give the view a name."),
        ("x" * 41, "language=uk", "A name has 40 characters at most. Shorten it."),
        ("All", "", "Choose a condition first: this view would show everything."),
        ("Twice", "language=uk", "There is a view called “Twice” already."),
    ],
)
def test_a_view_that_cant_be_kept_says_why(name: str, query: str, sentence: str, anna: User, desk: Client) -> None:
    saved_views.keep(actor=anna, name="Twice", only=Filter(language="es"))
    assert sentence in desk.post("/desk/views/", {"name": name, "filter": query}, headers=PART).text
    assert SavedView.objects.count() == 1


@pytest.mark.django_db
def test_nobody_is_left_waiting_by_a_filter_that_hides_them(three: dict[str, Interaction], desk: Client) -> None:
    html = desk.get("/desk/", {"language": "de"}).content.decode()
    assert "Take the next one" in html
    assert WorkItem.objects.filter(state="waiting").count() == 3


@pytest.mark.django_db
def test_an_offices_view_is_kept_by_its_manager_and_seen_there_alone(
    town: Town, anna: User, carla: User, diego: User, sign_in: SignIn
) -> None:
    fields = {"name": "Ucraini in attesa", "filter": "language=uk", "for": "office:accoglienza"}
    assert 'value="office:accoglienza"' in sign_in(diego).post("/desk/views/", fields, headers=PART).text
    view = SavedView.objects.get()
    assert (view.owner, view.office) == (None, town.front)
    assert AuditEntry.objects.get(action="saved-view.kept").data["office"] == "accoglienza"
    assert saved_views.of(anna) == [view]
    Grant.objects.filter(user=carla).update(office=town.taxes)
    carla = User.objects.get(pk=carla.pk)
    assert saved_views.of(carla) == []
    assert sign_in(carla).post(f"/desk/views/{view.pk}/", {"do": "delete"}, headers=PART).status_code == 404
    with pytest.raises(access.Forbidden):
        saved_views.delete(view=view, actor=anna)
    saved_views.delete(view=view, actor=diego)


@pytest.mark.django_db
def test_an_agent_shares_no_view_with_an_office(town: Town, anna: User, desk: Client) -> None:
    fields = {"name": "Mine", "filter": "language=uk", "for": "office:accoglienza"}
    assert desk.post("/desk/views/", fields, headers=PART).status_code == 403
    assert not SavedView.objects.exists()
    assert "office:" not in desk.get("/desk/filter/", {"language": "uk"}, headers=PART).text
