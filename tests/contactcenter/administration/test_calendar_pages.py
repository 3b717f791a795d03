"""Calendars in the settings: hours as people write them, each fault at its field, and how the coming days turn out."""

import re
from typing import Any

import pytest
from django.test import Client

from contactcenter.queues.models import Queue
from contactcenter.sla import office_calendars
from contactcenter.sla.models import OfficeCalendar
from crm.models import AuditEntry, User
from tests.people import Town

pytestmark = pytest.mark.usefixtures("now")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def settings_desk(ada: User) -> Client:
    """Ada, who installs."""
    browser = Client(headers={"Accept-Language": "en"})
    browser.force_login(ada)
    return browser


@pytest.fixture
def hours(ada: User) -> OfficeCalendar:
    return office_calendars.create(
        slug="municipio", name="Municipio", zone="Europe/Rome", actor=ada, week={"mon": [["08:30", "13:00"]]},
        holidays="IT", subdivision="MI", special_hours={"2026-11-25": [["10:00", "11:00"]], "2026-12-31": []},
    )  # fmt: skip


def given(**more: Any) -> dict[str, Any]:
    plain = {
        "name": "Municipio", "zone": "Europe/Rome", "hours_mon": "8:30-13, 14.00–17", "hours_sat": "22-6",
        "holidays": "IT", "subdivision": "RM", "parts_of": "IT", "closed_days": "2026-12-24",
        "special_hours": "2026-12-31: 9-12\r\n2027-01-02:",
    }  # fmt: skip
    return {**plain, **more}


def text(answer: Any) -> str:
    """What a reader sees, in one line."""
    page = re.sub(r"<[^>]*>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", page.replace("&#x27;", "'").replace("&quot;", '"'))


def field(answer: Any, name: str) -> str:
    """The field as it is shown, with its faults."""
    page = answer.content.decode()
    return next(part for part in page.split('<div class="field">') if f'name="{name}"' in part)


@pytest.mark.parametrize(
    "address", ["/settings/calendars/", "/settings/calendars/municipio/", "/settings/new/calendars/"]
)
@pytest.mark.parametrize("who, status", [("ada", 200), ("anna", 403), ("carla", 403), ("diego", 403), ("", 302)])
def test_calendars_are_an_administrators(
    address: str, who: str, status: int, hours: OfficeCalendar, request: pytest.FixtureRequest
) -> None:
    browser = Client()
    if who:
        browser.force_login(request.getfixturevalue(who))
    assert browser.get(address).status_code == status


@pytest.mark.parametrize("address", ["calendars/municipio/", "calendars/municipio/remove/", "new/calendars/preview/"])
def test_nobody_else_changes_them(address: str, hours: OfficeCalendar, diego: User) -> None:
    browser = Client()
    browser.force_login(diego)
    assert browser.post(f"/settings/{address}", given()).status_code == 403
    assert OfficeCalendar.objects.get().subdivision == "MI"


def test_a_calendar_is_set_up_as_people_write(settings_desk: Client) -> None:
    answer = settings_desk.post("/settings/new/calendars/", given(slug="municipio"))
    assert answer["Location"] == "/settings/calendars/municipio/"
    made = OfficeCalendar.objects.get()
    assert made.week == {"mon": [["08:30", "13:00"], ["14:00", "17:00"]], "sat": [["22:00", "06:00"]]}
    assert made.special_hours == {"2026-12-31": [["09:00", "12:00"]], "2027-01-02": []}
    assert (made.holidays, made.subdivision, made.closed_days) == ("IT", "RM", ["2026-12-24"])
    page = settings_desk.get("/settings/calendars/municipio/")
    assert 'value="08:30-13:00, 14:00-17:00"' in field(page, "hours_mon")
    assert "2026-12-31: 09:00-12:00\n2027-01-02:</textarea>" in field(page, "special_hours")
    assert '<option value="RM" selected>Roma</option>' in field(page, "subdivision")


def test_what_a_page_shows_can_be_kept_as_it_is(hours: OfficeCalendar, settings_desk: Client) -> None:
    page = settings_desk.get("/settings/calendars/municipio/")
    shown = {bound.html_name: bound.value() or "" for bound in page.context["form"]}
    answer = settings_desk.post("/settings/calendars/municipio/", {**shown, "parts_of": "IT", "name": "Sede"})
    assert answer.status_code == 302, answer.context["form"].errors
    assert AuditEntry.objects.get(action="calendar.changed").data == {"fields": ["name"]}


@pytest.mark.parametrize(
    "wrong, name, words",
    [
        ({"hours_mon": "8:30-"}, "hours_mon", "“08:30–” has no end."),
        ({"hours_mon": "morning"}, "hours_mon", "“morning–” has no end."),
        ({"hours_mon": "8-12, 11-13"}, "hours_mon", "“11:00–13:00” begins before “08:00–12:00” has ended."),
        ({"hours_sun": "5-9"}, "hours_sun", "begins before “22:00–06:00” of Saturday has ended."),
        ({"hours_tue": "25-26"}, "hours_tue", "“25:00” is not a time of the day."),
        ({"zone": "Rome"}, "zone", "“Rome” is not a time zone."),
        ({"holidays": "XX", "subdivision": "", "parts_of": "XX"}, "holidays", "no public holidays of “XX”"),
        ({"subdivision": "Gotham"}, "subdivision", "“Gotham” is no part of IT"),
        ({"holidays": "ES"}, "subdivision", "The country was changed."),
        ({"closed_days": "Christmas"}, "closed_days", "“Christmas” is not a day."),
        ({"special_hours": "2026-12-31: 9-"}, "special_hours", "2026-12-31: “09:00–” has no end."),
        ({"special_hours": "New Year: 9-12"}, "special_hours", "“New Year” is not a day."),
        ({"closed_days": "2026-12-31"}, "closed_days", "2026-12-31 also has special hours."),
        ({"name": ""}, "name", "This field is required."),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(
    wrong: dict[str, str], name: str, words: str, hours: OfficeCalendar, settings_desk: Client
) -> None:
    answer = settings_desk.post("/settings/calendars/municipio/", given(**wrong))
    assert words in field(answer, name)
    assert 'aria-invalid="true"' in field(answer, name)
    assert f'<a href="#id_{name}">' in answer.content.decode()  # the preview leads to the field
    assert not AuditEntry.objects.filter(action="calendar.changed").exists()


def test_a_short_name_in_use_is_refused(hours: OfficeCalendar, settings_desk: Client) -> None:
    answer = settings_desk.post("/settings/new/calendars/", given(slug="municipio"))
    assert "Another calendar has the short name “municipio”." in field(answer, "slug")


# --- the preview ---


def test_the_preview_shows_fourteen_days_as_they_will_be(hours: OfficeCalendar, settings_desk: Client) -> None:
    shown = text(settings_desk.get("/settings/calendars/municipio/"))
    assert "open Open now, until Mon 23 November, 13:00." in shown
    assert "Mon 23 November 08:30–13:00 as every week" in shown
    assert "Tue 24 November closed as every week" in shown
    assert "Wed 25 November 10:00–11:00 special hours" in shown
    assert "Sun 6 December" in shown
    assert "Mon 7 December closed" not in shown  # the fifteenth day
    assert "Mon 7 December 2026 Saint Ambrose's Day" in shown  # among the holidays of the year: Milan's patron


@pytest.mark.parametrize("language, name", [("it", "Santi Pietro e Paolo"), ("en", "Saints Peter and Paul's Day")])
def test_the_patron_saints_of_rome_are_named_in_the_readers_language(
    language: str, name: str, settings_desk: Client
) -> None:
    answer = settings_desk.post(
        "/settings/new/calendars/preview/", given(), headers={**HTMX, "Accept-Language": language}
    )
    assert f"2027 {name}" in text(answer)


def test_a_night_reaches_into_the_day_after(settings_desk: Client) -> None:
    shown = text(settings_desk.post("/settings/new/calendars/preview/", given(), headers=HTMX))
    assert "Sat 28 November 22:00–06:00 as every week" in shown
    assert "Sun 29 November closed as every week · until 06:00 from the night before" in shown


def test_a_holiday_in_the_coming_days_says_its_name(hours: OfficeCalendar, settings_desk: Client) -> None:
    every_day = {f"hours_{day}": "9-12" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    # Thanksgiving is on 26 November.
    sent = given(**every_day, zone="America/New_York", holidays="US", parts_of="US", subdivision="", special_hours="")
    shown = text(settings_desk.post("/settings/calendars/municipio/preview/", sent, headers=HTMX))
    assert "Thu 26 November closed Thanksgiving" in shown


def test_looking_keeps_nothing_and_needs_no_name(settings_desk: Client) -> None:
    nameless = given(name="", slug="", look="1")
    assert "Mon 23 November 08:30–13:00, 14:00–17:00" in text(settings_desk.post("/settings/new/calendars/", nameless))
    settings_desk.post("/settings/new/calendars/preview/", given(slug="x"), headers=HTMX)
    assert not OfficeCalendar.objects.exists()


def test_another_country_offers_its_own_parts(settings_desk: Client) -> None:
    answer = settings_desk.post("/settings/new/calendars/preview/", given(holidays="ES"), headers=HTMX)
    page = answer.content.decode()
    assert '<option value="CT">Catalunya</option>' in page
    assert "Roma</option>" not in page
    assert '<input type="hidden" name="parts_of" value="ES">' in page
    assert "08:30–13:00" in page  # the part of before is forgotten, so there is nothing wrong


def test_a_country_whose_holidays_nobody_knows_says_so(settings_desk: Client) -> None:
    sent = given(holidays="UA", subdivision="", parts_of="UA")
    shown = text(settings_desk.post("/settings/new/calendars/preview/", sent, headers=HTMX))
    assert "Ukraine: no public holidays are known for 2026." in shown


def test_a_calendar_that_never_opens_is_kept_with_a_warning(settings_desk: Client) -> None:
    sent = given(slug="mai", hours_mon="", hours_sat="", special_hours="")
    page = settings_desk.post("/settings/new/calendars/", sent, follow=True)
    assert "no opening in the next 400 days" in text(page)
    listed = text(settings_desk.get("/settings/calendars/"))
    assert "Never open." in listed
    assert "no opening in the next 400 days" in listed


# --- the list, and removing ---


def test_the_list_says_how_each_stands(hours: OfficeCalendar, settings_desk: Client) -> None:
    listed = text(settings_desk.get("/settings/calendars/"))
    assert "Municipio Europe/Rome Monday 08:30–13:00 Italy, Milano" in listed
    assert "Open now, until Mon 23 November, 13:00." in listed


def test_a_calendar_nobody_uses_can_be_removed(hours: OfficeCalendar, settings_desk: Client) -> None:
    answer = settings_desk.post("/settings/calendars/municipio/remove/", follow=True)
    assert "Municipio is removed." in text(answer)
    assert not OfficeCalendar.objects.exists()


def test_one_in_use_stays_and_says_who_uses_it(hours: OfficeCalendar, settings_desk: Client, town: Town) -> None:
    Queue.objects.filter(slug="tributi").update(calendar=hours)
    answer = settings_desk.post("/settings/calendars/municipio/remove/", follow=True)
    assert "This calendar is used by “Tributi”. Give them another one first, then remove it." in text(answer)
    assert OfficeCalendar.objects.exists()


def test_one_that_is_not_there_is_not_found(settings_desk: Client) -> None:
    for address in ("calendars/x/", "calendars/x/preview/", "calendars/x/remove/"):
        assert settings_desk.post(f"/settings/{address}", given()).status_code == 404
