"""Queues in the settings: sections that say what they do, faults at their fields, a preview, and an emergency switch."""

from typing import Any

import pytest
from django.test import Client

from contactcenter.queues import lines, presence
from contactcenter.queues.models import Queue
from contactcenter.sla.models import OfficeCalendar
from crm.models import AuditEntry, User
from tests.people import Town

pytestmark = pytest.mark.django_db
ADDRESS = "/settings/queues/accoglienza/"


@pytest.fixture
def settings_desk(ada: User) -> Client:
    """Ada, who installs."""
    made = Client(headers={"Accept-Language": "en"})
    made.force_login(ada)
    return made


def given(town: Town, **more: Any) -> dict[str, Any]:
    plain = {
        "name": "Sportello", "office": town.front.pk, "active": "on", "strategy": "least-loaded", "mode": "push",
        "priority": 3, "ageing_seconds": "10 min", "overflow": "",
    }  # fmt: skip
    return {**plain, **more}


def test_a_queue_is_set_up_in_sections(town: Town, settings_desk: Client) -> None:
    calendar = OfficeCalendar.objects.create(slug="ore", name="Ore", zone="Europe/Rome")
    form = given(
        town, calendar=calendar.pk, topics=[town.refund.pk], sticky_seconds="2 min", requirements="level >= 2",
        steps_0_after="", steps_0_requirements="", steps_1_after="90", steps_1_requirements="level >= 1",
        targets_chat=80, within_chat="60 s", wrap_up_seconds="30", max_wait_seconds="1 h", max_length=40,
        overflow="queue", overflow_to=town.taxes_queue.pk, texts_waiting_it="Un momento.", texts_waiting_uk=" ",
    )  # fmt: skip
    answer = settings_desk.post(ADDRESS, form)
    assert (answer.status_code, answer["Location"]) == (302, ADDRESS)
    queue = Queue.objects.get(slug="accoglienza")
    assert (queue.name, queue.strategy, queue.mode, queue.priority) == ("Sportello", "least-loaded", "push", 3)
    assert (queue.sticky_seconds, queue.ageing_seconds, queue.wrap_up_seconds) == (120, 600, 30)
    assert (queue.max_wait_seconds, queue.max_length, queue.overflow_to) == (3600, 40, town.taxes_queue)
    assert queue.steps == [{"after": 90, "requirements": "level >= 1"}]
    assert (queue.targets, queue.texts) == ({"chat": [80, 60]}, {"waiting": {"it": "Un momento."}})
    assert (queue.calendar, list(queue.topics.all())) == (calendar, [town.refund])
    assert AuditEntry.objects.filter(action="queue.changed").count() == 1
    page = settings_desk.get(ADDRESS).content.decode()
    for heading in (
        "People and order", "Hours", "Answer target", "Offers and wrap-up", "When it gets too long",
        "Texts per language", "Emergency",
    ):  # fmt: skip
        assert f">{heading}</h2>" in page
    assert 'value="90 s"' in page
    assert 'value="1 h"' in page


def test_whoever_waits_long_may_be_called_back_where_a_wait_is_named(town: Town, settings_desk: Client) -> None:
    answer = settings_desk.post(ADDRESS, given(town, overflow="callback", max_wait_seconds="5 min"))
    assert answer.status_code == 302
    queue = Queue.objects.get(slug="accoglienza")
    assert (queue.overflow, queue.max_wait_seconds) == ("callback", 300)
    assert "may ask to be called back" in settings_desk.get(ADDRESS).content.decode()


def test_a_new_queue_asks_for_a_short_name(town: Town, settings_desk: Client) -> None:
    answer = settings_desk.post("/settings/new/queues/", given(town, slug="ucraina", name="Linea Ucraina"))
    assert answer["Location"] == "/settings/queues/ucraina/"
    again = settings_desk.post("/settings/new/queues/", given(town, slug="ucraina"))
    assert "Another queue has the short name" in again.content.decode()


def test_how_long_an_offer_lasts_is_set_per_family(town: Town, settings_desk: Client) -> None:
    answer = settings_desk.post(ADDRESS, given(town, offer_lasts_chat="1 min", offer_lasts_call=""))
    assert answer.status_code == 302
    assert Queue.objects.get(slug="accoglienza").offer_lasts == {"chat": 60}
    page = settings_desk.get(ADDRESS).content.decode()
    assert 'name="offer_lasts_chat" value="1 min"' in page
    assert "From 5 s to 1 h. Empty: 20 s." in page
    refused = settings_desk.post(ADDRESS, given(town, offer_lasts_chat="2 h", offer_lasts_written="4")).content.decode()
    assert refused.count("Must be a whole number from 5 to 3600.") == 2


def test_outcomes_are_named_per_language_put_in_order_and_keep_their_key(town: Town, settings_desk: Client) -> None:
    form = given(
        town, outcomes_0_it="Risolto", outcomes_0_en="Solved", outcomes_0_place="2", outcomes_1_it="Passato ad altri",
        outcomes_1_place="1", outcomes_2_place="", wrap_up_needs=["outcome", "note"],
    )  # fmt: skip
    assert settings_desk.post(ADDRESS, form).status_code == 302
    queue = Queue.objects.get(slug="accoglienza")
    assert queue.wrap_up_needs == ["outcome", "note"]
    assert queue.outcomes == [
        {"key": "passato-ad-altri", "names": {"it": "Passato ad altri"}},
        {"key": "solved", "names": {"it": "Risolto", "en": "Solved"}},
    ]
    page = settings_desk.get(ADDRESS).content.decode()
    assert 'name="outcomes_1_en" value="Solved"' in page
    corrected = given(town, outcomes_0_it="Chiarito", outcomes_0_key="solved", outcomes_0_place="1")
    settings_desk.post(ADDRESS, corrected)
    queue.refresh_from_db()
    assert queue.outcomes == [{"key": "solved", "names": {"it": "Chiarito"}}]


def test_two_outcomes_with_one_key_are_refused_at_their_row(town: Town, settings_desk: Client) -> None:
    form = given(
        town, outcomes_0_it="Uno", outcomes_0_key="x", outcomes_0_place="1", outcomes_1_it="Due", outcomes_1_key="x",
        outcomes_1_place="2",
    )  # fmt: skip
    page = settings_desk.post(ADDRESS, form).content.decode()
    assert "Two outcomes have the key “x”." in page


def test_a_typo_is_marked_below_what_was_typed(town: Town, settings_desk: Client) -> None:
    page = settings_desk.post(ADDRESS, given(town, requirements='languages HAS "uk" AN level >= 4', name="Kept here"))
    html = page.content.decode()
    assert 'value="Kept here"' in html
    assert "languages HAS &quot;uk&quot; AN level &gt;= 4</textarea>" in html
    assert (
        '<pre class="marked" tabindex="0">languages HAS &quot;uk&quot; AN level &gt;= 4\n                   ^^</pre>'
        in html
    )
    assert Queue.objects.get(slug="accoglienza").name == "Accoglienza"


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"steps_1_after": "60", "steps_1_requirements": 'languages HAS "it"'}, "Language never relaxes."),
        ({"steps_0_requirements": "level >= 1"}, "Write after how long this step begins."),
        ({"sticky_seconds": "a while"}, "Write a number and s, min, h or d"),
        ({"targets_chat": 80}, "Fill in both, or neither."),
        ({"targets_chat": 101, "within_chat": "60"}, "less than or equal to 100"),
        ({"overflow": "queue"}, "Choose the queue it goes to."),
        ({"emergency": "on"}, "Write what citizens read during the emergency"),
        ({"overflow": "callback"}, "Nobody would ever be asked."),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    wrong: dict[str, str], words: str, town: Town, settings_desk: Client
) -> None:
    html = settings_desk.post(ADDRESS, given(town, **wrong)).content.decode()
    assert words in html
    assert "Not kept yet: look at the fields marked below." in html
    assert 'aria-invalid="true"' in html


def test_the_preview_says_who_would_serve_it_and_keeps_nothing(
    town: Town, settings_desk: Client, anna: User, bruno: User
) -> None:
    presence.change(user=bruno, status="available")
    form = given(town, requirements="level >= 4", steps_0_after="5 min", steps_0_requirements="", look="1")
    html = settings_desk.post(ADDRESS, form).content.decode()
    assert "This is how it would be. Nothing is kept yet." in html
    assert "From the beginning: whoever meets level &gt;= 4." in html
    assert "After 5 min also: everybody who serves this queue." in html
    assert html.index("Bruno Conti") < html.index("Anna Bianchi")
    assert "after 5 min" in html
    assert Queue.objects.get(slug="accoglienza").requirements == ""


def test_the_list_says_how_each_queue_is(town: Town, settings_desk: Client, anna: User) -> None:
    html = settings_desk.get("/settings/queues/").content.decode()
    assert "nobody available" in html
    presence.change(user=anna, status="available")
    assert "1 person available" in settings_desk.get("/settings/queues/").content.decode()


def test_an_emergency_is_two_clicks_away_and_one_to_end(town: Town, settings_desk: Client) -> None:
    address = "/settings/queues/accoglienza/emergency/"
    assert f'href="{address}"' in settings_desk.get("/settings/queues/").content.decode()
    assert "in one language at least" in settings_desk.post(address, {"switch": "on"}).content.decode()
    settings_desk.post(address, {"switch": "on", "texts_emergency_it": "Alluvione: chiamare il 112."})
    queue = Queue.objects.get(slug="accoglienza")
    assert (queue.emergency, queue.texts["emergency"]) == (True, {"it": "Alluvione: chiamare il 112."})
    html = settings_desk.get("/settings/queues/").content.decode()
    assert "Emergency: no chat begins." in html
    assert "End the emergency of Accoglienza" in html
    settings_desk.post(address, {"switch": "off"})
    assert not Queue.objects.get(slug="accoglienza").emergency
    assert "Alluvione" in settings_desk.get(address).content.decode()


def test_other_languages_than_the_houses_are_not_lost(town: Town, settings_desk: Client, ada: User) -> None:
    lines.change(queue=town.front_queue, actor=ada, texts={"waiting": {"ar": "لحظة", "it": "Un momento."}})
    settings_desk.post(ADDRESS, given(town, texts_waiting_it="Un attimo."))
    assert Queue.objects.get(slug="accoglienza").texts == {"waiting": {"ar": "لحظة", "it": "Un attimo."}}


@pytest.mark.parametrize("path", ["", "accoglienza/", "accoglienza/emergency/"])
def test_queues_are_an_administrators(path: str, town: Town, diego: User) -> None:
    other = Client()
    other.force_login(diego)
    assert other.get(f"/settings/queues/{path}").status_code == 403
    assert other.get("/settings/new/queues/").status_code == 403
