"""What happens between two tests, when a thread of the first still reads while the tables are emptied."""

from collections.abc import Iterable

import pytest
from django.db import OperationalError
from psycopg.errors import DeadlockDetected, LockNotAvailable

from tests import emptying


class Flush:
    """Fails with these causes, one after the other, then succeeds."""

    def __init__(self, *causes: Exception) -> None:
        self.causes = list(causes)
        self.said = 0

    def __call__(self, statements: Iterable[str]) -> None:
        self.said += 1
        if self.causes:
            raise OperationalError from self.causes.pop(0)


def test_a_reader_in_the_way_is_met_again_when_it_has_got_on() -> None:
    flush = Flush(DeadlockDetected(), DeadlockDetected())
    emptying.patient(flush)(["TRUNCATE everything"])
    assert flush.said == 3


def test_a_reader_that_never_gets_on_fails_the_test() -> None:
    flush = Flush(*(DeadlockDetected() for _ in range(emptying.TRIES)))
    with pytest.raises(OperationalError):
        emptying.patient(flush)(["TRUNCATE everything"])
    assert flush.said == emptying.TRIES


def test_whatever_else_goes_wrong_is_told_at_once() -> None:
    flush = Flush(LockNotAvailable())
    with pytest.raises(OperationalError):
        emptying.patient(flush)(["TRUNCATE everything"])
    assert flush.said == 1
