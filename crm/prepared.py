"""Statements that are asked all day, worked out once: building one through the ORM costs many times what it asks."""

import re
from collections.abc import Sequence, Set
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import QuerySet


def cursor() -> Any:
    """For a statement whose text is always the same: where the database can, it keeps it parsed and planned."""
    made = getattr(connection, "prepared", connection.cursor)
    return made()


def rows(sql: str, params: Sequence[object]) -> list[tuple[Any, ...]]:
    """What a statement gives, as the database's driver gives it."""
    with cursor() as asked:
        asked.execute(sql, params)
        found: list[tuple[Any, ...]] = asked.fetchall()
    return found


class Prepared:
    """A `values_list` with places to fill. `places` are values that stand in its filters, each once, for the later ones.

    What never changes is written into the statement: where it were left open, no plan that is kept could use an index
    that holds only some rows.
    """

    def __init__(self, rows: QuerySet[Any, Any], *places: object) -> None:
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            sql, params = compiler.as_sql()
            self.sql, self.params = _closed(sql, params, {_stored(place) for place in places})
        except EmptyResultSet:  # nothing can fit, whatever is asked
            self.sql, self.params = "", []
        self.places = [self.params.index(_stored(place)) for place in places] if self.sql else []
        columns = [column for column, _sql, _alias in compiler.select or ()]
        self.converters = list(compiler.get_converters(columns).items())

    def rows(self, *values: object) -> list[list[Any]]:
        """The rows with `values` in the places, in the same order."""
        if not self.sql:
            return []
        params = list(self.params)
        for place, value in zip(self.places, values, strict=True):
            params[place] = _stored(value)
        found = [list(row) for row in rows(self.sql, params)]
        for row in found:
            for at, (converters, column) in self.converters:
                for convert in converters:
                    row[at] = convert(row[at], column, connection)
        return found


def _closed(sql: str, params: Sequence[object], places: Set[object]) -> tuple[str, list[object]]:
    """The statement with its words and whole numbers written in, but for those that stand for others."""
    parts, left = sql.split("%s"), []
    closed = parts[0]
    for value, part in zip(params, parts[1:], strict=True):
        fixed = _literal(value) if value not in places else ""
        left += [] if fixed else [value]
        closed += (fixed or "%s") + part
    return closed, left


def _literal(value: object) -> str:
    """ "" for what isn't a plain word or number."""
    if type(value) is int:
        return str(value)
    return f"'{value}'" if isinstance(value, str) and re.fullmatch(r"[\w.: -]+", value) else ""


def _stored(value: object) -> object:
    """As the database's driver takes it."""
    return value.hex if isinstance(value, UUID) and not connection.features.has_native_uuid_field else value
