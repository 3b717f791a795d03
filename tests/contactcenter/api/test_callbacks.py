"""Programs read which call was promised in a conversation, and don't finish it before somebody called."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone

from contactcenter.calls import callbacks
from contactcenter.queues import work_items
from crm.models import User
from tests.contactcenter.api.conftest import Program
from tests.contactcenter.calls.conftest import NUMBER, Asked, calls_back, promised, waits_long
from tests.contactcenter.calls.test_asking import of
from tests.contactcenter.queues.conftest import Queues, queues_up

__all__ = ["calls_back", "promised", "queues_up", "waits_long"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
Build = Callable[..., Program]


def test_a_conversation_says_which_call_was_promised_and_what_came_of_it(
    promised: Asked, queues_up: Queues, anna: User, program: Build
) -> None:
    item = promised("Giulia")
    queues_up("Marco")
    told = program(anna).get(f"interactions/{of(item).public_id}/").json()["callback"]
    assert (told["number"], told["state"], told["tries"], told["result"]) == (NUMBER, "waiting", 0, "")
    assert dt.datetime.fromisoformat(told["since"]) == timezone.now() - dt.timedelta(seconds=120)
    callbacks.tell(item=work_items.claim(item=item, actor=anna), actor=anna, result="no-answer")
    rows = {row["id"]: row["callback"] for row in program(anna).get("interactions/").json()["results"]}
    assert (rows[str(of(item).public_id)]["tries"], rows[str(of(item).public_id)]["result"]) == (1, "no-answer")
    assert sorted(callback is None for callback in rows.values()) == [False, True]


def test_a_program_does_not_finish_what_somebody_was_promised_a_call_for(
    promised: Asked, anna: User, program: Build
) -> None:
    item = work_items.claim(item=promised("Giulia"), actor=anna)
    answer = program(anna).post(f"work-items/{of(item).public_id}/close/", {})
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["callback"])
    assert "A call was promised here." in answer.json()["error"]["fields"]["callback"][0]


@pytest.mark.parametrize(
    "result, state", [("reached", "kept"), ("wrong-number", "given_up"), ("not-needed", "withdrawn")]
)
def test_a_program_says_what_came_of_the_call_and_then_closes(
    promised: Asked, anna: User, program: Build, result: str, state: str
) -> None:
    item = work_items.claim(item=promised("Giulia"), actor=anna)
    address = f"work-items/{of(item).public_id}"
    assert program(anna).post(f"{address}/called/", {"result": "sung"}).status_code == 400
    stale = program(anna).post(f"{address}/called/", {"result": result, "version": 0})
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "stale")
    assert program(anna).post(f"{address}/called/", {"result": result}).json()["state"] == "claimed"
    assert program(anna).get(f"interactions/{of(item).public_id}/").json()["callback"]["state"] == state
    again = program(anna).post(f"{address}/called/", {"result": result})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "no-call-promised")
    assert program(anna).post(f"{address}/close/", {}).status_code == 200
