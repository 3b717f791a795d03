"""Statements that are asked all day, worked out once: building one through the ORM costs many times what it asks."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=Model)


def cursor() -> Any:
    """For a statement whose text is always the same: where the database can, it keeps it parsed and planned."""
    here = connections[DEFAULT_DB_ALIAS]  # `connection` would look for it at every name it is asked for
    return here.prepared() if hasattr(here, "prepared") else here.cursor()


def rows(sql: str, params: Sequence[object]) -> list[tuple[Any, ...]]:
    """What a statement gives, as the database's driver gives it."""
    with cursor() as asked:
        asked.execute(sql, params)
        found: list[tuple[Any, ...]] = asked.fetchall()
    return found


class _Statement:
    """Its text, its values, and where the places are in them."""

    def __init__(self, rows: QuerySet[Any, Any], places: Sequence[object], may_miss: object) -> None:
        self.compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        stored = [_stored(place) for place in places]
        try:
            sql, params = self.compiler.as_sql()
            self.sql, self.params = _closed(sql, params, set(stored))
        except EmptyResultSet:  # nothing can fit, whatever is asked
            self.sql, self.params = "", []
        self.places = [[at for at, value in enumerate(self.params) if value == place] for place in stored]
        missing = [place for place, at in zip(places, self.places, strict=True) if not at and place != may_miss]
        if self.sql and missing:
            raise ValueError("A place stands nowhere in the statement.")
        columns = [column for column, _sql, _alias in self.compiler.select or ()]
        self._converters = list(self.compiler.get_converters(columns).items())

    def rows(self, values: Sequence[object]) -> list[list[Any]]:
        if not self.sql:
            return []
        params = list(self.params)
        for places, value in zip(self.places, values, strict=True):
            for place in places:
                params[place] = _stored(value)
        found, here = [list(row) for row in rows(self.sql, params)], connections[DEFAULT_DB_ALIAS]
        for row in found:
            for at, (converters, column) in self._converters:
                for convert in converters:
                    row[at] = convert(row[at], column, here)
        return found


class Prepared:
    """A `values_list` with places to fill. `places` are values that stand in its filters, for the later ones; the one
    that `may_miss` stands there or doesn't.

    What never changes is written into the statement: where it were left open, no plan that is kept could use an index
    that holds only some rows.
    """

    def __init__(self, rows: QuerySet[Any, Any], *places: object, may_miss: object = None) -> None:
        self._asked = _Statement(rows, places, may_miss)

    @property
    def sql(self) -> str:
        return self._asked.sql

    @property
    def params(self) -> list[object]:
        return self._asked.params

    def rows(self, *values: object) -> list[list[Any]]:
        """The rows with `values` in the places, in the same order."""
        return self._asked.rows(values)


class PreparedModel(Generic[M]):
    """The same for rows of a model, with what is selected along, put off (`only`, `defer`) and annotated."""

    def __init__(self, rows: QuerySet[M], *places: object, may_miss: object = None) -> None:
        self._asked = _Statement(rows, places, may_miss)
        if not self._asked.sql:
            return
        compiler = self._asked.compiler
        made, select = compiler.klass_info, compiler.select
        first, *_, last = made["select_fields"] if len(made["select_fields"]) > 1 else made["select_fields"] * 2
        self._model: type[M] = made["model"]
        self._own = slice(first, last + 1)
        self._names = [column[0].target.attname for column in select[self._own]]
        self._along = get_related_populators(made, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # the stubs are a version ahead
        self._annotations = compiler.annotation_col_map or {}

    def first(self, *values: object) -> M | None:
        found = self._asked.rows(values)
        return self._made(found[0]) if found else None

    def all(self, *values: object) -> list[M]:
        return [self._made(row) for row in self._asked.rows(values)]

    def _made(self, row: list[Any]) -> M:
        """As the ORM makes it."""
        whole = self._model.from_db(DEFAULT_DB_ALIAS, self._names, row[self._own])
        for part in self._along:
            part.populate(row, whole)
        for name, at in self._annotations.items():
            setattr(whole, name, row[at])
        return whole


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
