"""Statements that are asked all day, worked out once: building one through the ORM costs many times what it asks."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


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


class Part(NamedTuple):
    """What is read of one table along the way; the rest is read where somebody asks for it."""

    path: str  # from the first model on, as the ORM writes it; "" = that model itself
    model: type[Model]
    columns: tuple[str, ...]  # in the order of the model's


def part(path: str, model: type[Model], *columns: str) -> Part:
    """`columns` by the name of the attribute; none = all."""
    every = (field.attname for field in model._meta.concrete_fields)
    return Part(path, model, tuple(column for column in every if column in columns or not columns))


class PreparedModel(Generic[M]):
    """The same for rows of a model, with what is read along: `parts`, the model's own first, each before its own."""

    def __init__(
        self, rows: QuerySet[M], parts: Sequence[Part], *places: object, annotations: Sequence[str] = ()
    ) -> None:
        self._parts, self._annotations = parts, annotations
        columns = [f"{part.path}__{column}" if part.path else column for part in parts for column in part.columns]
        self._asked = Prepared(rows.values_list(*columns, *annotations), *places)

    def first(self, *values: object) -> M | None:
        found = self._asked.rows(*values)
        return self._made(found[0]) if found else None

    def all(self, *values: object) -> list[M]:
        return [self._made(row) for row in self._asked.rows(*values)]

    def _made(self, row: list[Any]) -> M:
        made: dict[str, Any] = {}
        begin = 0
        for path, model, columns in self._parts:
            mine = row[begin : begin + len(columns)]
            begin += len(columns)
            # An outer join that found nothing gives a row without a key.
            made[path] = model.from_db(DEFAULT_DB_ALIAS, columns, mine) if mine[0] is not None else None
            _tie(made, path)
        whole: M = made[""]
        for name, value in zip(self._annotations, row[begin:], strict=True):
            setattr(whole, name, value)
        return whole


def _tie(made: dict[str, Any], path: str) -> None:
    before, _, name = path.rpartition("__")
    if path and made[before] is not None:
        setattr(made[before], name, made[path])


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
    """Nothing for what isn't a plain word or number."""
    if type(value) is int:
        return str(value)
    return f"'{value}'" if isinstance(value, str) and re.fullmatch(r"[\w.: -]+", value) else ""


def _stored(value: object) -> object:
    """As the database's driver takes it."""
    return value.hex if isinstance(value, UUID) and not connection.features.has_native_uuid_field else value
