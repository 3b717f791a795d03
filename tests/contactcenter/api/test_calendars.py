"""Programs of administrators read and change calendars; everything wrong is named at its place."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st

from contactcenter.sla import office_calendars
from contactcenter.sla.models import OfficeCalendar
from crm.models import AuditEntry, User
from tests.contactcenter.api.conftest import Program

Build = Callable[..., Program]
TOWN_HALL: dict[str, Any] = {
    "slug": "municipio",
    "name": "Municipio",
    "zone": "Europe/Rome",
    "week": {"mon": [["14:00", "18:00"], ["09:00", "13:00"]]},
    "holidays": "IT",
    "subdivision": "RM",
    "closed_days": ["2026-12-24"],
    "special_hours": {"2026-12-31": [["09:00", "12:00"]], "2027-01-02": []},
}


@pytest.fixture
def hours(ada: User) -> OfficeCalendar:
    return office_calendars.create(actor=ada, **TOWN_HALL)


def test_a_program_makes_reads_and_lists_a_calendar(ada: User, program: Build) -> None:
    made = program(ada).post("calendars/", TOWN_HALL)
    assert made.status_code == 201
    expected = {**TOWN_HALL, "week": {"mon": [["09:00", "13:00"], ["14:00", "18:00"]]}}
    assert made.json() == expected
    assert program(ada).get("calendars/municipio/").json() == expected
    assert program(ada).get("calendars/").json() == {"next": None, "results": [expected]}
    assert AuditEntry.objects.get(action="calendar.created").actor == ada


def test_a_calendar_can_begin_empty(ada: User, program: Build) -> None:
    made = program(ada).post("calendars/", {"slug": "nuovo", "name": "Nuovo", "zone": "Europe/Rome"}).json()
    assert (made["week"], made["holidays"], made["closed_days"]) == ({}, "", [])


def test_only_what_is_given_changes(ada: User, hours: OfficeCalendar, program: Build) -> None:
    answer = program(ada).patch("calendars/municipio/", {"week": {"tue": [["22:00", "06:00"]]}})
    assert (answer.status_code, answer.json()["week"]) == (200, {"tue": [["22:00", "06:00"]]})
    assert answer.json()["special_hours"] == TOWN_HALL["special_hours"]
    assert AuditEntry.objects.get(action="calendar.changed").data == {"fields": ["week"]}


@pytest.mark.parametrize("who, status", [("anna", 403), ("carla", 403), ("diego", 403)])
def test_others_have_nothing_to_do_here(
    who: str, status: int, hours: OfficeCalendar, program: Build, request: pytest.FixtureRequest
) -> None:
    asking = program(request.getfixturevalue(who))
    answers = [
        asking.get("calendars/"),
        asking.get("calendars/municipio/"),
        asking.post("calendars/", {**TOWN_HALL, "slug": "x"}),
        asking.patch("calendars/municipio/", {"name": "x"}),
    ]
    assert [answer.status_code for answer in answers] == [status] * 4
    assert OfficeCalendar.objects.get().name == "Municipio"


def test_a_reading_token_only_reads(ada: User, hours: OfficeCalendar, program: Build) -> None:
    reader = program(ada, scope="read")
    assert reader.get("calendars/municipio/").status_code == 200
    assert reader.patch("calendars/municipio/", {"name": "x"}).status_code == 403


@pytest.mark.parametrize(
    "wrong, place",
    [
        ({"week": {"mon": [["09:00", ""]]}}, "week.mon"),
        ({"week": {"mon": [["09:00"]]}}, "week.mon.0"),
        ({"week": {"mon": [["09:00", "13:00"], ["12:00", "14:00"]]}}, "week.mon"),
        ({"week": {"lun": []}}, "week"),
        ({"week": {"\ud800": []}}, "week"),
        ({"week": {"a\0b": []}}, "week"),
        ({"week": []}, "week"),
        ({"week": {"mon": "09:00-13:00"}}, "week.mon"),
        ({"zone": "Europe/Roma"}, "zone"),
        ({"holidays": "XX", "subdivision": ""}, "holidays"),
        ({"subdivision": "XX"}, "subdivision"),
        ({"holidays": ""}, "subdivision"),
        ({"closed_days": ["Christmas"]}, "closed_days"),
        ({"closed_days": ["2026-12-31"]}, "closed_days"),
        ({"special_hours": {"2026-12-25": [["9", "12"]]}}, "special_hours.2026-12-25"),
        ({"special_hours": {"Christmas": []}}, "special_hours"),
        ({"name": ""}, "name"),
        ({"hours": {}}, "hours"),
    ],
)
def test_what_is_wrong_is_named_at_its_place(
    wrong: dict[str, Any], place: str, ada: User, hours: OfficeCalendar, program: Build
) -> None:
    answer = program(ada).patch("calendars/municipio/", wrong)
    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == [place]
    assert not AuditEntry.objects.filter(action="calendar.changed").exists()


def test_a_short_name_in_use_is_named(ada: User, hours: OfficeCalendar, program: Build) -> None:
    answer = program(ada).post("calendars/", TOWN_HALL)
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["slug"])


def test_one_that_is_not_there_is_not_found(ada: User, program: Build) -> None:
    assert program(ada).get("calendars/x/").status_code == 404
    assert program(ada).patch("calendars/x/", {"name": "x"}).status_code == 404


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.sampled_from(["mon", "09:00", "2026-12-24", "24:00"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["mon", "2026-12-24", ""]) | st.text(), inner),
    max_leaves=8,
)  # fmt: skip


def test_nothing_a_program_sends_breaks_the_house(ada: User, hours: OfficeCalendar, program: Build) -> None:
    asking = program(ada)

    @hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.dictionaries(st.sampled_from(list(TOWN_HALL)[1:]), anything, min_size=1, max_size=3))
    def run(body: dict[str, Any]) -> None:
        assert asking.patch("calendars/municipio/", body).status_code in {200, 400}

    run()


def test_the_schema_tells_what_a_calendar_is(db: None, client: Any) -> None:
    told = client.get("/api/v1/schema/?format=json").json()
    assert set(told["paths"]["/api/v1/calendars/"]) == {"get", "post"}
    assert set(told["paths"]["/api/v1/calendars/{slug}/"]) == {"get", "patch"}
    assert told["components"]["schemas"]["NewCalendar"]["required"] == ["name", "slug", "zone"]
