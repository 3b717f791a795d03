"""Bad input gets a sentence and a 4xx, in one shape; the whole schema is fuzzed for 5xx."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st

from contactcenter.accounts.models import ChannelAccount
from contactcenter.queues import lines, rules, skills
from crm import cases
from crm.models import Case, Citizen, Interaction, User
from tests.contactcenter.api.conftest import Program
from tests.people import Town

Build = Callable[..., Program]
Write = Callable[..., Interaction]


@pytest.mark.parametrize(
    "body, status, sentence",
    [
        (b"{", 400, "not JSON"),
        (b"", 400, "fields"),
        (b"\xff\xfe", 400, "not JSON"),
        (b"[]", 400, "one JSON object"),
        (b'"text"', 400, "one JSON object"),
        (b"null", 400, "one JSON object"),
        (b'{"subject": NaN}', 400, "not JSON"),
        (b"[" * 100_000, 400, "not JSON"),
        (b'{"a":' * 100_000, 400, "not JSON"),
        (b'{"subject": ' + b"9" * 10_000 + b"}", 400, "not JSON"),
        (b'{"subject": "' + b"x" * 1_100_000 + b'"}', 413, "larger than 1 MB"),
        (b'{"subject": "\\ud800", "office": "accoglienza"}', 400, "fields"),
    ],
)
def test_a_body_that_cannot_be_read_is_answered_in_words(
    anna: User, program: Build, body: bytes, status: int, sentence: str
) -> None:
    asking = program(anna)
    answer = asking.client.post(
        "/api/v1/cases/", body, content_type="application/json", headers={"Authorization": f"Bearer {asking.key}"}
    )
    assert answer.status_code == status
    assert sentence in answer.json()["error"]["text"]
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x"]
)
def test_other_forms_of_body_are_415(anna: User, program: Build, content_type: str) -> None:
    asking = program(anna)
    answer = asking.client.generic(
        "POST", "/api/v1/cases/", b"a=1", content_type=content_type, headers={"Authorization": f"Bearer {asking.key}"}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_media_type")


def test_a_charset_nobody_knows_changes_nothing(anna: User, program: Build) -> None:
    asking = program(anna)
    answer = asking.client.generic(
        "POST",
        "/api/v1/cases/",
        b'{"subject": "Buca", "office": "accoglienza"}',
        content_type="application/json; charset=klingon",
        headers={"Authorization": f"Bearer {asking.key}"},
    )
    assert answer.status_code == 201


def test_other_methods_are_405(anna: User, program: Build) -> None:
    asking = program(anna)
    answer = asking.client.delete("/api/v1/cases/", headers={"Authorization": f"Bearer {asking.key}"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    "path, query",
    [
        ("cases/", {"status": "eaten"}),
        ("cases/", {"opened_after": "yesterday"}),
        ("cases/", {"opened_after": "0001-01-01T00:00:00+14:00"}),
        ("cases/", {"opened_before": "9999-12-31T23:59:59-14:00"}),
        ("cases/", {"citizen": "1"}),
        ("cases/", {"office": "a\0b"}),
        ("cases/", {"office": "x" * 51}),
        ("citizens/", {"language": "i\0t"}),
        ("contact-points/", {"scheme": "x" * 81}),
        ("messages/", {"interaction": "x"}),
        ("work-items/", {"owner": "x"}),
    ],
)
def test_a_filter_that_makes_no_sense_is_named(diego: User, program: Build, path: str, query: dict[str, Any]) -> None:
    answer = program(diego).get(path, **query)
    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == list(query)


@pytest.mark.parametrize("key", ["x" * 101, "a\x07b"])
def test_an_idempotency_key_has_a_shape(anna: User, program: Build, key: str) -> None:
    answer = program(anna).post("cases/", {"subject": "x", "office": "accoglienza"}, headers={"Idempotency-Key": key})
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["Idempotency-Key"])


def test_a_bug_of_ours_shows_nothing_of_itself(anna: User, program: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: Any) -> None:
        raise RuntimeError("the canary of via Roma")

    monkeypatch.setattr(cases, "open", broken)
    asking = program(anna)
    asking.client.raise_request_exception = False
    answer = asking.post("cases/", {"subject": "x", "office": "accoglienza"})
    assert answer.status_code == 500
    assert b"canary" not in answer.content
    assert b"Traceback" not in answer.content


# --- the whole schema -----------------------------------------------------------------------------------------------


@pytest.fixture
def api_schema(db: None) -> Iterator[Any]:
    """The product as a server would run it, but inside the test's transaction: it may not close the connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", WSGIHandler())
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_nothing_in_the_schema_answers_5xx(api_schema: Any, diego: User, program: Build, write: Write) -> None:
    """As a manager's program, in a town where something is going on; with ids that exist and ids that don't."""
    interaction, fuzzer = write("giulia"), program(diego)
    real = {
        "interactions": interaction.public_id,
        "work-items": interaction.public_id,
        "messages": interaction.messages.get(direction="in").public_id,
        "cases": Case.objects.get().public_id,
        "citizens": Citizen.objects.get().public_id,
    }
    operations = [found.ok() for found in api_schema.get_all_operations()]
    for operation in operations:
        _fuzz(operation, fuzzer, str(real.get(operation.path.split("/")[3], "")))
    assert len(operations) >= 20


def test_nothing_an_administrator_may_do_answers_5xx(
    api_schema: Any, ada: User, anna: User, program: Build, letters: ChannelAccount, town: Town
) -> None:
    """The settings, with names that exist: what is odd is refused in words, whatever is sent."""
    lines.change(queue=town.front_queue, actor=ada, steps=[{"after": 60, "requirements": "level >= 2"}])
    skills.create(slug="tributi", name="Tributi", actor=ada)
    rule = rules.create(name="Regola", priority=1, actor=ada)
    real = {"agents": anna.public_id, "skills": "tributi", "queues": "accoglienza", "rules": rule.pk}
    fuzzer = program(ada)
    for operation in (found.ok() for found in api_schema.get_all_operations()):
        kind = operation.path.split("/")[3]
        if kind in real:
            _fuzz(operation, fuzzer, str(real[kind]))


def _fuzz(operation: Any, fuzzer: Program, real_id: str) -> None:
    @hypothesis_settings(
        max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
    )
    @given(case=operation.as_strategy(), exists=st.booleans())
    def run(case: Any, exists: bool) -> None:
        if exists and real_id and case.path_parameters:
            case.path_parameters = dict.fromkeys(case.path_parameters, real_id)
        answer = case.call(headers={"Authorization": f"Bearer {fuzzer.key}"})
        assert answer.status_code < 500, f"{operation.label}: {answer.status_code}"

    run()


def test_the_schema_names_every_address_and_how_to_prove_oneself(db: None, client: Any) -> None:
    told = client.get("/api/v1/schema/?format=json").json()
    assert told["openapi"].startswith("3.")
    assert told["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}
    assert {"/api/v1/cases/", "/api/v1/interactions/{id}/messages/", "/api/v1/work-items/{interaction}/claim/"} <= set(
        told["paths"]
    )
    page = told["paths"]["/api/v1/cases/"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    listed = told["components"]["schemas"][page["$ref"].rsplit("/", 1)[1]]
    assert set(listed["properties"]) == {"next", "results"}
