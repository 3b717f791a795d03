"""What a program sees: rows of its user's offices, filtered, page by page; every look is on record."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contactcenter.files import store
from crm import cases
from crm.models import AuditEntry, Case, Citizen, Interaction, User
from tests.conftest import MONDAY_MORNING
from tests.contactcenter.api.conftest import Program
from tests.people import Town

Build = Callable[..., Program]
Write = Callable[..., Interaction]


def test_an_interaction_is_told_with_its_citizen_case_and_version(anna: User, program: Build, write: Write) -> None:
    interaction = write("giulia", subject="TARI", language="it")
    told = program(anna).get(f"interactions/{interaction.public_id}/").json()
    assert told["id"] == str(interaction.public_id)
    assert (told["account"], told["office"], told["queue"], told["subject"]) == (
        "carta",
        "accoglienza",
        "accoglienza",
        "TARI",
    )
    assert told["citizen"] == str(interaction.citizen.public_id)
    assert told["case"] == str(interaction.case.public_id)
    assert told["contact_point"]["value"] == "giulia"
    assert told["contact_point"]["status"] == "claimed"
    assert told["version"] == interaction.version
    assert told["opened_at"] == "2026-11-23T10:00:00+01:00"


def test_the_words_of_an_interaction_come_newest_first(anna: User, program: Build, write: Write) -> None:
    write("giulia")
    interaction = write("giulia", text="C'è qualcuno?", external_id="giulia-2", references=("giulia-1",))
    told = program(anna).get(f"interactions/{interaction.public_id}/messages/").json()["results"]
    citizens = [message["text"] for message in told if message["direction"] == "in"]
    assert citizens == ["C'è qualcuno?", "Ho pagato due volte la TARI."]
    one = program(anna).get(f"messages/{told[0]['id']}/").json()
    assert one == told[0]


def test_messages_are_found_by_conversation_direction_and_state(anna: User, program: Build, write: Write) -> None:
    interaction = write("giulia")
    write("marco")
    reader = program(anna)
    assert len(reader.get("messages/", direction="in").json()["results"]) == 2
    assert len(reader.get("messages/", direction="in", interaction=interaction.public_id).json()["results"]) == 1
    assert len(reader.get("messages/", state="queued").json()["results"]) == 2  # two acknowledgements
    assert reader.get("messages/", state="failed").json()["results"] == []


def test_a_citizen_is_found_by_an_address(anna: User, program: Build, write: Write) -> None:
    write("giulia")
    write("marco")
    reader = program(anna, scope="read")
    [point] = reader.post("contact-points/search/", {"scheme": "paper", "value": "giulia"}).json()["results"]
    citizen = reader.get(f"citizens/{point['citizen']}/").json()
    assert (citizen["name"], citizen["contact_points"][0]["value"]) == ("Giulia Ferri", "giulia")
    assert AuditEntry.objects.get(action="contact-point.found").citizen == UUID(citizen["id"])
    assert reader.post("contact-points/search/", {"scheme": "tel", "value": "giulia"}).json() == {"results": []}


def test_no_list_takes_an_address_in_its_url(anna: User, program: Build, write: Write) -> None:
    """Addresses of pages end up in the logs of every server between."""
    told = program(anna).get("/api/v1/schema/?format=json").json()
    parameters = {
        parameter["name"]
        for path in told["paths"].values()
        for operation in path.values()
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query"
    }
    assert parameters & {"value", "name", "contact", "email", "phone", "q", "search", "text"} == set()


def test_cases_are_filtered_by_status_office_and_time(diego: User, town: Town, program: Build) -> None:
    for day, office in enumerate([town.front, town.taxes, town.taxes]):
        cases.open(subject=f"Pratica {day}", office=office, at=MONDAY_MORNING + dt.timedelta(days=day), actor=diego)
    cases.close(case=Case.objects.get(subject="Pratica 2"), actor=diego)
    reader = program(diego)

    def subjects(**query: Any) -> list[str]:
        return [case["subject"] for case in reader.get("cases/", **query).json()["results"]]

    assert subjects() == ["Pratica 2", "Pratica 1", "Pratica 0"]
    assert subjects(office="tributi", status="open") == ["Pratica 1"]
    assert subjects(status=["open", "closed"]) == ["Pratica 2", "Pratica 1", "Pratica 0"]
    assert subjects(opened_after="2026-11-24T09:00:00Z") == ["Pratica 2", "Pratica 1"]
    assert subjects(opened_before="2026-11-24T09:00:00Z") == ["Pratica 0"]
    assert subjects(number=Case.objects.get(subject="Pratica 0").number) == ["Pratica 0"]


def test_work_items_show_who_has_them(anna: User, bruno: User, program: Build, write: Write) -> None:
    interaction = write("giulia")
    write("marco")
    program(bruno).post(f"work-items/{interaction.public_id}/claim/")
    taken = program(anna).get("work-items/", state="claimed").json()["results"]
    assert [(item["interaction"], item["owner"]["name"]) for item in taken] == [
        (str(interaction.public_id), "Bruno Conti")
    ]
    assert (
        len(program(anna).get("work-items/", state=["claimed", "waiting"], queue="accoglienza").json()["results"]) == 2
    )
    assert program(anna).get("work-items/", owner=anna.public_id).json()["results"] == []


def test_offices_topics_and_queues_are_known_to_everybody_with_a_role(carla: User, program: Build) -> None:
    reader = program(carla)
    assert {office["slug"] for office in reader.get("offices/").json()["results"]} == {"accoglienza", "tributi"}
    assert reader.get("topics/", office="tributi").json()["results"][0]["legal_days"] == 60
    assert {queue["office"] for queue in reader.get("queues/", active="true").json()["results"]} == {
        "accoglienza",
        "tributi",
    }


def test_a_file_is_handed_out_as_a_stranger(anna: User, carla: User, program: Build, write: Write) -> None:
    interaction = write("giulia")
    message = interaction.messages.get(direction="in")
    attachment = store.keep(name="carta.html", content=[b"<script>alert(1)</script>"], limit=1000, at=MONDAY_MORNING)
    attachment.message = message
    attachment.save()
    answer = program(anna).get(f"attachments/{attachment.public_id}/")
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert program(carla).get(f"attachments/{attachment.public_id}/").status_code == 404
    [told] = program(anna).get(f"messages/{message.public_id}/").json()["attachments"]
    assert told["id"] == str(attachment.public_id)


# --- pages -----------------------------------------------------------------------------------------------------


def _walk(reader: Program, path: str, **query: Any) -> list[dict[str, Any]]:
    answer, rows = reader.get(path, **query).json(), []
    while True:
        rows += answer["results"]
        if answer["next"] is None:
            return rows
        answer = reader.get(answer["next"]).json()


@pytest.fixture
def seven_cases(diego: User, town: Town) -> None:
    for number in range(7):  # opened in pairs at the same instant, so that the primary key must break the tie
        at = MONDAY_MORNING + dt.timedelta(minutes=number // 2)
        cases.open(subject=f"Pratica {number}", office=town.front, at=at, actor=diego)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_walking_the_pages_shows_each_row_once_newest_first(
    seven_cases: None, diego: User, program: Build, limit: int
) -> None:
    rows = _walk(program(diego), "cases/", limit=limit)
    assert [row["subject"] for row in rows] == [f"Pratica {number}" for number in reversed(range(7))]


def test_a_row_that_arrives_meanwhile_moves_no_page(seven_cases: None, diego: User, town: Town, program: Build) -> None:
    reader = program(diego)
    first = reader.get("cases/", limit=3).json()
    cases.open(subject="Neu", office=town.front, actor=diego, at=MONDAY_MORNING + dt.timedelta(days=1))
    second = reader.get(first["next"]).json()
    assert [row["subject"] for row in second["results"]] == ["Pratica 3", "Pratica 2", "Pratica 1"]


def test_filters_stay_along_the_pages(seven_cases: None, diego: User, town: Town, program: Build) -> None:
    cases.open(subject="Tributi", office=town.taxes, actor=diego)
    rows = _walk(program(diego), "cases/", limit=2, office="accoglienza")
    assert len(rows) == 7


@pytest.mark.parametrize("path", ["contact-points/", "messages/", "interactions/", "citizens/", "work-items/"])
def test_every_list_can_be_walked(anna: User, program: Build, write: Write, path: str) -> None:
    for name in ("giulia", "marco", "sofia"):
        write(name)
    assert len(_walk(program(anna), path, limit=1)) == len(program(anna).get(path).json()["results"]) >= 3


@pytest.mark.parametrize("cursor", ["x", "bm90:ours:signed", "\0", "a" * 3000, "é"])
def test_a_made_up_cursor_is_refused_in_a_sentence(diego: User, program: Build, cursor: str) -> None:
    answer = program(diego).get("cases/", cursor=cursor)
    assert answer.status_code == 400
    assert "cursor" in answer.json()["error"]["fields"]


def test_a_cursor_of_one_list_is_none_of_another(anna: User, program: Build, write: Write) -> None:
    write("giulia")
    write("marco")
    following = program(anna).get("interactions/", limit=1).json()["next"]
    assert program(anna).get(following.replace("interactions", "citizens")).status_code == 400


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "1e3", "٣", ""])
def test_a_page_has_1_to_100_rows(diego: User, program: Build, limit: str) -> None:
    assert program(diego).get("cases/", limit=limit).status_code == 400


# --- cost ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["citizens/", "contact-points/", "cases/", "interactions/", "messages/", "work-items/"]
)
def test_a_longer_page_costs_no_more_statements(anna: User, program: Build, write: Write, path: str) -> None:
    reader = program(anna)
    reader.get(path)  # notes the use of the key
    costs = []
    for names in (["giulia"], ["marco", "sofia", "elena", "luca"]):
        for name in names:
            write(name)
        with CaptureQueriesContext(
            connection,
        ) as statements:
            assert reader.get(path).status_code == 200
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 6


# --- the record of who looked ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path, action",
    [
        ("interactions/{interaction}/", "interaction.read"),
        ("interactions/{interaction}/messages/", "interaction.read"),
        ("messages/{message}/", "interaction.read"),
        ("citizens/{citizen}/", "citizen.read"),
        ("cases/{case}/", "case.read"),
    ],
)
def test_a_look_at_one_thing_is_recorded_with_who_whose_and_by_which_program(
    anna: User, program: Build, write: Write, path: str, action: str
) -> None:
    interaction = write("giulia")
    citizen = Citizen.objects.get()
    ids = {
        "interaction": interaction.public_id,
        "message": interaction.messages.get(direction="in").public_id,
        "citizen": citizen.public_id,
        "case": Case.objects.get().public_id,
    }
    reader = program(anna)
    assert reader.get(path.format(**ids)).status_code == 200
    entry = AuditEntry.objects.get(action=action)
    assert (entry.actor, entry.citizen, entry.purpose) == (anna, citizen.public_id, f"api:{reader.key.split('_')[1]}")


@pytest.mark.parametrize("path", ["citizens/", "contact-points/", "cases/", "interactions/", "messages/"])
def test_a_list_is_one_entry_that_names_what_was_seen(anna: User, program: Build, write: Write, path: str) -> None:
    write("giulia")
    write("marco")
    before = AuditEntry.objects.count()
    seen = program(anna).get(path).json()["results"]
    entry = AuditEntry.objects.filter(action=f"{path[:-1]}.listed").get()
    assert AuditEntry.objects.count() == before + 2  # the key's own entry, and this
    assert entry.subject == f"list:{len(seen)}"
    if "id" in seen[0]:
        assert entry.data["seen"] == [row["id"] for row in seen]


def test_looking_at_nothing_leaves_no_entry(carla: User, program: Build, write: Write) -> None:
    write("giulia")
    program(carla).get("interactions/")
    assert not AuditEntry.objects.filter(action="interactions.listed").exists()
