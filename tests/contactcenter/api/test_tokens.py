"""A program's key: shown once, stored as a digest, scoped, expiring, withdrawn at once, counted."""

import datetime as dt
from collections.abc import Callable
from io import StringIO

import pytest
import time_machine
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from contactcenter.api import tokens
from contactcenter.api.models import ApiToken
from crm.models import AuditEntry, User
from tests.contactcenter.api.conftest import Program

Build = Callable[..., Program]


def asks(key: str, path: str = "/api/v1/offices/") -> int:
    return Client().get(path, headers={"Authorization": f"Bearer {key}"}).status_code


def test_a_key_opens_the_door_and_is_not_in_the_database(anna: User) -> None:
    token, key = tokens.issue(user=anna, name="Sito", scope="read", days=30)
    assert asks(key) == 200
    stored = " ".join(str(value) for value in ApiToken.objects.values_list().get(pk=token.pk))
    assert key.split("_", 2)[2] not in stored
    assert len(token.digest) == 64


@pytest.mark.parametrize(
    "wrong", ["", "x", "spt_", "spt__", "spt_0_0", "spt_\0_x", "abc_def_ghi", "spt_é_ü", "a" * 5000]
)
def test_what_is_no_key_is_401_with_a_sentence(anna: User, wrong: str) -> None:
    tokens.issue(user=anna, name="Sito", scope="read", days=30)
    answer = Client().get("/api/v1/offices/", headers={"Authorization": f"Bearer {wrong}"})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer.json()["error"]["text"].startswith("This token is unknown")


def test_no_key_at_all_is_401(db: None) -> None:
    answer = Client().get("/api/v1/offices/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_authenticated")


def test_the_right_prefix_with_another_secret_is_refused(anna: User) -> None:
    token, key = tokens.issue(user=anna, name="Sito", scope="read", days=30)
    assert asks(f"spt_{token.prefix}_{'A' * 43}") == 401
    assert asks(key[:-1]) == 401


def test_a_withdrawn_key_works_no_more(anna: User) -> None:
    token, key = tokens.issue(user=anna, name="Sito", scope="read", days=30)
    tokens.revoke(token=token)
    tokens.revoke(token=token)
    assert asks(key) == 401
    assert AuditEntry.objects.filter(action="api-token.revoked").count() == 1


def test_an_expired_key_works_no_more_and_one_without_end_does(anna: User) -> None:
    _token, thirty = tokens.issue(user=anna, name="Sito", scope="read", days=30)
    _token, endless = tokens.issue(user=anna, name="Sito", scope="read", days=None)
    with time_machine.travel(timezone.now() + dt.timedelta(days=31)):
        assert (asks(thirty), asks(endless)) == (401, 200)


def test_the_key_of_somebody_who_left_works_no_more(anna: User) -> None:
    _token, key = tokens.issue(user=anna, name="Sito", scope="write", days=30)
    User.objects.filter(pk=anna.pk).update(is_active=False)
    assert asks(key) == 401


def test_somebody_without_any_role_is_told_so(db: None) -> None:
    nobody = User.objects.create_user("elio")
    _token, key = tokens.issue(user=nobody, name="Sito", scope="write", days=30)
    assert asks(key) == 403


def test_a_reading_key_reads_and_does_not_write(anna: User, program: Build) -> None:
    reader = program(anna, scope="read")
    assert reader.get("cases/").status_code == 200
    answer = reader.post("cases/", {"subject": "Buca in via Roma", "office": "accoglienza"})
    assert answer.status_code == 403
    assert "only read" in answer.json()["error"]["text"]


def test_last_use_is_noted_once_a_minute_and_no_password_hash_is_paid(
    anna: User, program: Build, django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.contrib.auth.hashers.check_password", _never)
    reader = program(anna)
    with time_machine.travel("2026-11-23T09:00:00Z", tick=False) as clock:
        reader.get("offices/")
        first = ApiToken.objects.get().last_used_at
        assert first is not None
        clock.shift(59)
        with django_assert_num_queries(3):  # the token with its user, the grants, the page
            reader.get("offices/")
        assert ApiToken.objects.get().last_used_at == first
        clock.shift(1)
        reader.get("offices/")
        assert ApiToken.objects.get().last_used_at == first + dt.timedelta(minutes=1)


def _never(*args: object) -> None:
    raise AssertionError(f"{check_password.__name__} was called")


def test_a_person_logged_in_may_read_in_the_browser_but_needs_the_form_token_to_write(anna: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(anna)
    assert browser.get("/api/v1/offices/").status_code == 200
    answer = browser.post("/api/v1/cases/", {"subject": "x", "office": "accoglienza"}, content_type="application/json")
    assert answer.status_code == 403


# --- caps -------------------------------------------------------------------------------------------------------


def test_a_program_that_asks_too_often_waits_and_others_do_not(
    anna: User, program: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contactcenter.api.permissions.PER_CALLER", (3, 60))
    with time_machine.travel("2026-11-23T09:00:00Z", tick=False):
        greedy, modest = program(anna), program(anna)
        assert [greedy.get("offices/").status_code for _n in range(5)] == [200, 200, 200, 429, 429]
        answer = greedy.get("offices/")
        assert answer.json()["error"]["code"] == "throttled"
        assert int(answer["Retry-After"]) <= 60
        assert modest.get("offices/").status_code == 200


def test_guessing_keys_is_capped_by_source(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contactcenter.api.authentication.WRONG_PER_SOURCE", (3, 60))
    with time_machine.travel("2026-11-23T09:00:00Z", tick=False):
        assert [asks("spt_a_b") for _n in range(5)] == [401, 401, 401, 429, 429]


# --- the command -------------------------------------------------------------------------------------------------


def run(*words: str) -> str:
    out = StringIO()
    call_command("api_token", *words, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def test_the_command_makes_lists_and_withdraws(anna: User) -> None:
    key = run("create", "anna", "--name", "Sito del comune", "--scope", "write", "--days", "10")
    assert asks(key) == 200
    prefix = key.split("_")[1]
    listed = run("list")
    assert prefix in listed
    assert "Sito del comune" in listed
    assert key not in listed
    run("revoke", prefix)
    assert asks(key) == 401
    assert "revoked" in run("list")


@pytest.mark.parametrize(
    "words", [("create", "nobody", "--name", "x"), ("create", "anna", "--name", "x", "--days", "-1"), ("revoke", "zz")]
)
def test_the_command_says_what_is_wrong_in_words(anna: User, words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match=r"\.$"):
        run(*words)
