"""Two at the same promise in the same moment: one of them has it, the other reads a sentence, and nothing is left half done."""

import pytest

from contactcenter.calls import callbacks, numbers
from contactcenter.calls.models import Callback
from contactcenter.queues import work_items
from contactcenter.queues.models import WorkItem
from crm.models import Event, User
from tests.contactcenter.calls.conftest import NUMBER, Asked
from tests.contactcenter.calls.test_asking import of
from tests.contactcenter.queues import test_parallel
from tests.contactcenter.queues.test_parallel import at_once, fresh

ROUNDS = 4
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("now")]


@pytest.fixture(autouse=True)
def _refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    known = (*test_parallel.REFUSALS, callbacks.NotOffered, callbacks.AlreadyPromised, numbers.NoNumber)
    monkeypatch.setattr(test_parallel, "REFUSALS", known)


def test_two_citizens_leave_the_same_number_and_it_is_promised_once(waits_long: Asked) -> None:
    for n in range(ROUNDS):
        number = f"+3905523456{n:02}"
        one, two = waits_long(f"Giulia {n}"), waits_long(f"Marco {n}")
        told = at_once(
            lambda one=one, number=number: callbacks.ask(interaction=of(one), number=number),  # type: ignore[misc]
            lambda two=two, number=number: callbacks.ask(interaction=of(two), number=number),  # type: ignore[misc]
        )
        assert sorted("already promised" in sentence for sentence in told) == [False, True], told
        promise = Callback.objects.get(number=number)
        got, other = (one, two) if promise.interaction_id == one.interaction_id else (two, one)
        assert (fresh(got).family, fresh(got).is_to_call) == ("written", True)
        assert (fresh(other).family, fresh(other).callback) == ("chat", None)


def test_a_citizen_presses_twice_and_is_promised_one_call(waits_long: Asked) -> None:
    item = waits_long("Giulia")
    told = at_once(*[lambda: callbacks.ask(interaction=of(item), number=NUMBER)] * 3)
    assert told == ["", "", ""]
    assert Callback.objects.count() == 1
    assert Event.objects.filter(name="callback.asked").count() == 1


def test_two_agents_take_the_same_call_while_its_citizen_takes_it_back(
    promised: Asked, anna: User, bruno: User
) -> None:
    for n in range(ROUNDS):
        item = promised(f"Giulia {n}", number=f"+3905523457{n:02}")
        told = at_once(
            lambda item=item: work_items.claim(item=fresh(item), actor=anna),  # type: ignore[misc]
            lambda item=item: work_items.claim(item=fresh(item), actor=bruno),  # type: ignore[misc]
            lambda item=item: callbacks.withdraw(interaction=of(item)),  # type: ignore[misc]
        )
        now = fresh(item)
        assert now.owner in (anna, bruno)
        assert sorted(map(bool, told[:2])) == [False, True], told
        assert now.is_to_call is bool(told[2])
        WorkItem.objects.filter(pk=item.pk).update(owner=None, state="done", ended_at=now.queued_at)


def test_an_agent_says_what_came_of_it_twice_at_once_and_it_counts_once(promised: Asked, anna: User) -> None:
    for n in range(ROUNDS):
        item = work_items.claim(item=promised(f"Giulia {n}", number=f"+3905523458{n:02}"), actor=anna)
        told = at_once(
            lambda item=item: callbacks.tell(item=fresh(item), actor=anna, result="no-answer"),  # type: ignore[misc]
            lambda item=item: callbacks.tell(item=fresh(item), actor=anna, result="reached"),  # type: ignore[misc]
        )
        assert sorted(map(bool, told)) == [False, True], told
        promise = Callback.objects.get(number=f"+3905523458{n:02}")
        assert (promise.tries, promise.state) in {(1, "waiting"), (1, "kept")}
        WorkItem.objects.filter(pk=item.pk).update(owner=None, state="done", ended_at=item.queued_at)
