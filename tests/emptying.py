"""Emptying the tables after a test, where a thread that the test set off is still reading.

A socket that closes does not wait for the thread that reads for it; nothing depends on what it brings. On PostgreSQL such a
reader and the TRUNCATE of all tables may each wait for the other, and the server then picks one of them to fail. Where it
was the TRUNCATE, it is said once more: the reader has got on meanwhile.
"""

from collections.abc import Callable, Iterable

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from psycopg.errors import DeadlockDetected

TRIES = 5
Flush = Callable[[Iterable[str]], None]


def be_patient() -> None:
    """From here on, in this process."""
    operations = connections[DEFAULT_DB_ALIAS].ops
    vars(operations)["execute_sql_flush"] = patient(operations.execute_sql_flush)


def patient(flush: Flush) -> Flush:
    """The same, said again while it fell into a deadlock. Raises what it raised when `TRIES` were not enough."""

    def flush_again(statements: Iterable[str]) -> None:
        for tries_left in reversed(range(TRIES)):
            try:
                return flush(statements)
            except OperationalError as error:
                if not isinstance(error.__cause__, DeadlockDetected) or not tries_left:
                    raise
        return None

    return flush_again
