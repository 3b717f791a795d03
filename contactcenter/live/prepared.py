"""Statements that are asked all day, worked out once: building one through the ORM costs many times what it asks."""

from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import QuerySet


class Prepared:
    """A `values_list` with places to fill. `places` are values that stand in its filters, each once, for the later ones."""

    def __init__(self, rows: QuerySet[Any, Any], *places: object) -> None:
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            self.sql, params = compiler.as_sql()
        except EmptyResultSet:  # nothing can fit, whatever is asked
            self.sql, params = "", ()
        self.params = list(params)
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
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            found = [list(row) for row in cursor.fetchall()]
        for row in found:
            for at, (converters, column) in self.converters:
                for convert in converters:
                    row[at] = convert(row[at], column, connection)
        return found


def _stored(value: object) -> object:
    """As the database's driver takes it."""
    return value.hex if isinstance(value, UUID) and not connection.features.has_native_uuid_field else value
