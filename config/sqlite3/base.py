"""SQLite, with the writers of this process in one line.

SQLite lets one writer in and has the others try again after pauses of up to a tenth of a second, in no order: with eight
at a time some wait for seconds while the lock is often free. Here a thread waits for a lock of the process instead,
and is woken the moment the one before has committed. Between processes SQLite's own way stays as it is.
"""

import threading
from typing import Any

from django.db.backends.sqlite3 import base

PATIENCE = 20.0  # seconds, as SQLite's own time-out: who waited so long tries without the line
WRITING = ("INSERT", "UPDATE", "DELETE", "REPLACE")
line = threading.Lock()


class Cursor(base.SQLiteCursorWrapper):
    owner: "DatabaseWrapper"

    def execute(self, query: Any, params: Any = None) -> Any:
        """A writing statement outside a transaction is one by itself, and waits in line like one."""
        if self.owner.has_its_turn or not query.startswith(WRITING):
            return super().execute(query, params)
        waited = line.acquire(timeout=PATIENCE)
        try:
            return super().execute(query, params)
        finally:
            if waited:
                line.release()


class DatabaseWrapper(base.DatabaseWrapper):
    """Transactions are immediate (`config.databases`), so their turn begins with BEGIN and ends with them."""

    has_its_turn = False

    def create_cursor(self, name: Any = None) -> Any:
        cursor = self.connection.cursor(factory=Cursor)
        cursor.owner = self
        return cursor

    def _start_transaction_under_autocommit(self) -> None:
        self.has_its_turn = line.acquire(timeout=PATIENCE)
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # Django has it, its stubs do not
        except BaseException:
            self._turn_is_over()
            raise

    def _commit(self) -> Any:
        try:
            return super()._commit()  # type: ignore[misc]  # Django has it, its stubs do not
        finally:
            self._turn_is_over()

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]  # Django has it, its stubs do not
        finally:
            self._turn_is_over()

    def _close(self) -> Any:
        try:
            return super()._close()  # type: ignore[misc]  # Django has it, its stubs do not
        finally:
            self._turn_is_over()

    def _turn_is_over(self) -> None:
        if self.has_its_turn:
            self.has_its_turn = False
            line.release()
