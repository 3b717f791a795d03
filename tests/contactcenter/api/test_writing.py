"""What a program changes, under its user's rights: once, on what it saw, or a 409 that says how things stand."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from contactcenter.api import idempotency
from contactcenter.api.models import IdempotentRequest
from contactcenter.outbox import sweep
from contactcenter.queues import work_items
from contactcenter.queues.models import WorkItem
from crm import cases, interactions
from crm.models import AuditEntry, Case, Event, Interaction, Message, User
from tests import paper
from tests.contactcenter.api.conftest import Program
from tests.people import Town

Build = Callable[..., Program]
Write = Callable[..., Interaction]
HOLE = {"subject": "Buca in via Roma", "office": "accoglienza"}


# --- opening a case ----------------------------------------------------------------------------------------------


def test_a_case_is_opened_with_number_owner_fact_and_audit(
    anna: User, town: Town, program: Build, write: Write
) -> None:
    citizen = write("giulia").citizen
    assert citizen is not None
    answer = program(anna).post("cases/", {**HOLE, "topic": "tari-rimborso", "citizen": str(citizen.public_id)})
    assert answer.status_code == 201
    told = answer.json()
    case = Case.objects.get(public_id=told["id"])
    assert (told["number"], told["status"], told["citizen"]) == (case.number, "open", str(citizen.public_id))
    assert told["owner"] == str(anna.public_id)
    assert told["legal_due_at"] is not None
    assert Event.objects.filter(name="case.opened", case=case, actor=anna).exists()
    assert AuditEntry.objects.filter(action="case.opened", subject=f"case:{case.public_id}", actor=anna).exists()


def test_the_same_key_twice_is_one_case_with_the_same_answer(anna: User, program: Build) -> None:
    writer = program(anna)
    first = writer.post("cases/", HOLE, headers={"Idempotency-Key": "modulo-7"})
    again = writer.post("cases/", HOLE, headers={"Idempotency-Key": "modulo-7"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Case.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_under_one_key_are_one_case(anna: User, program: Build) -> None:
    key = program(anna).key

    def ask(_number: int) -> tuple[int, str]:
        try:
            answer = Program(key).post("cases/", HOLE, headers={"Idempotency-Key": "modulo-7"})
            return answer.status_code, answer.json().get("id", answer.content)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(ask, range(8)))
    assert answers == {(201, str(Case.objects.get().public_id))}


def test_a_key_used_for_something_else_is_a_conflict(anna: User, program: Build) -> None:
    writer = program(anna)
    writer.post("cases/", HOLE, headers={"Idempotency-Key": "modulo-7"})
    answer = writer.post("cases/", {**HOLE, "subject": "Un lampione"}, headers={"Idempotency-Key": "modulo-7"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "key-reused")
    assert Case.objects.count() == 1


def test_two_people_may_choose_the_same_key(anna: User, bruno: User, program: Build) -> None:
    for person in (anna, bruno):
        assert program(person).post("cases/", HOLE, headers={"Idempotency-Key": "1"}).status_code == 201
    assert Case.objects.count() == 2


def test_without_a_key_twice_is_two_cases(anna: User, program: Build) -> None:
    for _time in range(2):
        program(anna).post("cases/", HOLE)
    assert Case.objects.count() == 2


def test_a_refused_request_uses_up_no_key(anna: User, program: Build) -> None:
    writer = program(anna)
    refused = writer.post("cases/", {**HOLE, "office": "nowhere"}, headers={"Idempotency-Key": "1"})
    assert refused.status_code == 400
    assert writer.post("cases/", HOLE, headers={"Idempotency-Key": "1"}).status_code == 201


def test_keys_are_forgotten_after_a_week(anna: User, program: Build) -> None:
    program(anna).post("cases/", HOLE, headers={"Idempotency-Key": "1"})
    with time_machine.travel(timezone.now() + dt.timedelta(days=6)):
        assert idempotency.forget() == 0
    with time_machine.travel(timezone.now() + dt.timedelta(days=8)):
        assert idempotency.forget() == 1
    assert not IdempotentRequest.objects.exists()


@pytest.mark.parametrize(
    "body, field",
    [
        ({"office": "accoglienza"}, "subject"),
        ({"subject": "x"}, "office"),
        ({**HOLE, "subject": ""}, "subject"),
        ({**HOLE, "subject": "x" * 301}, "subject"),
        ({**HOLE, "subject": "a\0b"}, "subject"),
        ({**HOLE, "subject": ["x"]}, "subject"),
        ({**HOLE, "office": "nowhere"}, "office"),
        ({**HOLE, "topic": "nothing"}, "topic"),
        ({**HOLE, "citizen": "not-an-id"}, "citizen"),
        ({**HOLE, "citizen": "00000000-0000-4000-8000-000000000000"}, "citizen"),
        ({**HOLE, "priority": 1}, "priority"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_opened(
    anna: User, program: Build, body: dict[str, Any], field: str
) -> None:
    answer = program(anna).post("cases/", body)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["code"] == "invalid"
    assert list(error["fields"]) == [field]
    assert all(sentence.endswith(".") for sentence in error["fields"][field])
    assert not Case.objects.exists()


def test_a_citizen_of_another_office_is_the_same_as_none(carla: User, program: Build, write: Write) -> None:
    citizen = write("giulia").citizen
    assert citizen is not None
    hers = program(carla).post("cases/", {"subject": "x", "office": "tributi", "citizen": str(citizen.public_id)})
    nobodys = program(carla).post(
        "cases/", {"subject": "x", "office": "tributi", "citizen": "00000000-0000-4000-8000-000000000000"}
    )
    assert hers.status_code == nobodys.status_code == 400
    assert hers.json() == nobodys.json()


# --- changing one --------------------------------------------------------------------------------------------------


@pytest.fixture
def hole(anna: User, town: Town) -> Case:
    return cases.open(subject="Buca in via Roma", office=town.front, actor=anna)


def test_only_what_is_given_changes(anna: User, program: Build, hole: Case) -> None:
    told = program(anna).patch(f"cases/{hole.public_id}/", {"priority": 1}).json()
    assert (told["priority"], told["subject"], told["status"], told["version"]) == (1, "Buca in via Roma", "open", 1)
    assert Event.objects.get(name="case.changed").data == {"fields": ["priority"]}


def test_subject_topic_and_status_change_together(anna: User, program: Build, hole: Case) -> None:
    change = {"subject": "Due buche", "topic": "tari-rimborso", "status": "closed", "reason": "Riparata", "version": 0}
    told = program(anna).patch(f"cases/{hole.public_id}/", change).json()
    assert (told["subject"], told["topic"], told["status"]) == ("Due buche", "tari-rimborso", "closed")
    assert told["closed_at"] is not None
    assert AuditEntry.objects.get(action="case.closed").purpose == "Riparata"


@pytest.mark.parametrize("how", ["body", "header", "weak header"])
def test_acting_on_a_stale_case_answers_409_and_how_it_stands(anna: User, program: Build, hole: Case, how: str) -> None:
    cases.change(case=hole, actor=anna, priority=2)
    body: dict[str, Any] = {"status": "closed"} | ({"version": 0} if how == "body" else {})
    headers = {"header": {"If-Match": '"0"'}, "weak header": {"If-Match": 'W/"0"'}}.get(how)
    answer = program(anna).patch(f"cases/{hole.public_id}/", body, headers=headers)
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "stale"
    assert answer.json()["error"]["now"] == {"version": 1, "status": "open"}
    hole.refresh_from_db()
    assert hole.status == "open"


def test_if_match_that_is_no_version_is_refused(anna: User, program: Build, hole: Case) -> None:
    answer = program(anna).patch(f"cases/{hole.public_id}/", {"priority": 1}, headers={"If-Match": '"abc"'})
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["If-Match"])


def test_an_agent_of_another_office_cannot_even_see_it(carla: User, program: Build, hole: Case) -> None:
    assert program(carla).patch(f"cases/{hole.public_id}/", {"priority": 1}).status_code == 404


# --- messages -------------------------------------------------------------------------------------------------------


def test_a_reply_leaves_once_however_often_it_is_asked_for(anna: User, program: Build, write: Write) -> None:
    interaction, writer = write("giulia"), program(anna)
    sweep.sweep()
    paper.reset()
    path, body = f"interactions/{interaction.public_id}/messages/", {"kind": "reply", "text": "Verifichiamo."}
    first = writer.post(path, body, headers={"Idempotency-Key": "r-1"})
    again = writer.post(path, {**body, "client_id": "r-1"})
    assert (first.status_code, first.json()["state"], first.json()["author_name"]) == (201, "queued", "Anna Bianchi")
    assert again.json()["id"] == first.json()["id"]
    sweep.sweep()
    assert [sheet.text for sheet in paper.posted] == ["Verifichiamo."]


def test_what_somebody_else_has_taken_is_answered_by_them_alone(
    anna: User, bruno: User, program: Build, write: Write
) -> None:
    interaction = write("giulia")
    work_items.claim(item=WorkItem.objects.get(interaction=interaction), actor=anna)
    path, body = f"interactions/{interaction.public_id}/messages/", {"kind": "reply", "text": "Eccomi."}
    refused = program(bruno).post(path, body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "not-yours")
    assert "Anna Bianchi" in refused.json()["error"]["text"]
    assert program(anna).post(path, body).status_code == 201


@pytest.mark.parametrize("kind", ["reply", "note"])
def test_an_id_of_other_words_is_refused_and_swallows_nothing(
    anna: User, bruno: User, program: Build, write: Write, kind: str
) -> None:
    interaction = write("giulia")
    path = f"interactions/{interaction.public_id}/messages/"
    program(anna).post(path, {"kind": "reply", "text": "Verifichiamo.", "client_id": "1"})
    refused = program(bruno).post(path, {"kind": kind, "text": "Abbiamo verificato.", "client_id": "1"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "client-id-taken")
    assert not Message.objects.filter(text="Abbiamo verificato.").exists()


def test_a_note_stays_inside(anna: User, program: Build, write: Write) -> None:
    interaction = write("giulia")
    answer = program(anna).post(
        f"interactions/{interaction.public_id}/messages/", {"kind": "note", "text": "Chiamare Tributi."}
    )
    assert (answer.status_code, answer.json()["direction"]) == (201, "note")
    sweep.sweep()
    assert "Chiamare Tributi." not in [sheet.text for sheet in paper.posted]


def test_a_reply_to_what_changed_meanwhile_answers_409(anna: User, program: Build, write: Write) -> None:
    seen = write("giulia").version
    interaction = write("giulia", text="Anzi no.", external_id="giulia-2", references=("giulia-1",))
    body = {"kind": "reply", "text": "Verifichiamo.", "version": seen}
    answer = program(anna).post(f"interactions/{interaction.public_id}/messages/", body)
    assert answer.status_code == 409
    now = answer.json()["error"]["now"]
    assert (now["version"], now["last_seq"]) == (interaction.version, interaction.last_seq)
    assert not Message.objects.filter(text="Verifichiamo.").exists()


def test_a_closed_conversation_takes_no_reply_and_says_so(anna: User, program: Build, write: Write) -> None:
    interaction = write("giulia")
    interactions.close(interaction=interaction, actor=anna)
    answer = program(anna).post(f"interactions/{interaction.public_id}/messages/", {"kind": "reply", "text": "Eccomi."})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "closed")


def test_a_reply_longer_than_the_channel_takes_is_refused_in_a_sentence(
    anna: User, program: Build, write: Write
) -> None:
    interaction = write("giulia")
    answer = program(anna).post(
        f"interactions/{interaction.public_id}/messages/", {"kind": "reply", "text": "x" * 2001}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "cannot-reply")
    assert "2000" in answer.json()["error"]["text"]


# --- work ---------------------------------------------------------------------------------------------------------


def test_work_is_claimed_given_back_and_closed(anna: User, program: Build, write: Write) -> None:
    interaction, agent = write("giulia"), program(anna)
    path = f"work-items/{interaction.public_id}"
    claimed = agent.post(f"{path}/claim/").json()
    assert (claimed["state"], claimed["owner"]["id"]) == ("claimed", str(anna.public_id))
    assert agent.post(f"{path}/release/").json()["state"] == "waiting"
    version = agent.post(f"{path}/claim/").json()["version"]
    done = agent.post(f"{path}/close/", {"outcome": "risolto", "version": version}).json()
    assert (done["state"], done["outcome"]) == ("done", "risolto")
    interaction.refresh_from_db()
    assert interaction.status == "closed"
    assert agent.post(f"{path}/claim/").status_code == 404  # nothing waits any more


def test_second_agent_cannot_claim_and_learns_who_has_it(anna: User, bruno: User, program: Build, write: Write) -> None:
    path = f"work-items/{write('giulia').public_id}"
    program(anna).post(f"{path}/claim/")
    answer = program(bruno).post(f"{path}/claim/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "taken")
    assert answer.json()["error"]["now"]["owner"] == {"id": str(anna.public_id), "name": "Anna Bianchi"}


@pytest.mark.parametrize("verb", ["release", "close"])
def test_only_the_owner_gives_back_or_ends(anna: User, bruno: User, program: Build, write: Write, verb: str) -> None:
    path = f"work-items/{write('giulia').public_id}"
    program(anna).post(f"{path}/claim/")
    answer = program(bruno).post(f"{path}/{verb}/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not-yours")


def test_closing_on_a_stale_view_answers_409_and_nothing_is_closed(anna: User, program: Build, write: Write) -> None:
    interaction, agent = write("giulia"), program(anna)
    agent.post(f"work-items/{interaction.public_id}/claim/")
    answer = agent.post(f"work-items/{interaction.public_id}/close/", {"version": 0})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "stale")
    interaction.refresh_from_db()
    assert interaction.status == "open"


# --- citizens --------------------------------------------------------------------------------------------------------


def test_a_name_is_corrected_and_recorded(anna: User, program: Build, write: Write) -> None:
    citizen = write("giulia").citizen
    assert citizen is not None
    told = program(anna).patch(f"citizens/{citizen.public_id}/", {"name": "Giulia Ferri Rossi"}).json()
    assert told["name"] == "Giulia Ferri Rossi"
    assert AuditEntry.objects.filter(action="citizen.renamed", actor=anna, citizen=citizen.public_id).exists()
