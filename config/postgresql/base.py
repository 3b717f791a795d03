"""PostgreSQL, with a second sort of cursor: what is asked all day is parsed and planned once a connection.

Django sends every statement as text with its values written in, so the server works each one out anew. What goes
through `prepared` carries its values beside the text instead, and from its second time on is sent by name. Where a
pooler between us and the server hands out connections by the transaction, names mean nothing: DATABASE_PREPARED=0.
"""

from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.backends.postgresql.psycopg_any import mogrify

KEPT = 300  # statements by name on one connection; psycopg's own 100 are fewer than the product has


class Prepared(base.ServerBindingCursor):
    """Values are sent beside the statement; `prepare_threshold` of the connection says from when on by name."""


class Operations(DatabaseOperations):
    def last_executed_query(self, cursor: Any, sql: str, params: Any) -> str:
        """With its values written in, as the log shows every other."""
        if isinstance(cursor, Prepared):
            return mogrify(sql, params, self.connection)
        return super().last_executed_query(cursor, sql, params)


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = Operations

    def prepared(self) -> Any:
        """A cursor for a statement whose text is always the same. Logged and counted as any other."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            self.connection.prepared_max = KEPT
            return self._prepare_cursor(Prepared(self.connection))  # type: ignore[attr-defined, call-arg]  # not in Django's stubs
