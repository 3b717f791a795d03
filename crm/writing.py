"""Rows written without the ORM's compiler, and several of them in one statement where the database can.

Facts and audit entries accompany every change there is. Their SQL is worked out once; and on PostgreSQL they travel with
the change itself, so that all of it costs one trip to the server. On SQLite, where a trip costs nothing, each is a
statement of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

from crm import prepared


class Write(NamedTuple):
    """One change, not sent yet. What several of them find in the database is what was there before the first."""

    sql: str
    params: Sequence[object]
    row: tuple[type[models.Model], object] | None = None  # which one it changes; None = it makes new ones


def send(*writes: Write) -> list[tuple[Any, ...]]:
    """Carry them out, in the running transaction; gives what the last one returns, none where it returns nothing.

    Raises `ValueError` for two changes of one row: sent together only one of them would take place.
    """
    changed = [write.row for write in writes if write.row is not None]
    if len(set(changed)) != len(changed):
        raise ValueError("Two changes of one row can't be sent together.")
    if connection.vendor != "postgresql":
        return [_sent(write) for write in writes][-1]
    return _sent(Write(_together(tuple(write.sql for write in writes)), [v for write in writes for v in write.params]))


def _sent(write: Write) -> list[tuple[Any, ...]]:
    with prepared.cursor() as cursor:
        cursor.execute(write.sql, write.params)
        return cursor.fetchall() if cursor.description else []


@lru_cache(maxsize=500)
def _together(statements: tuple[str, ...]) -> str:
    *first, last = statements
    named = ", ".join(f"w{number} AS ({sql})" for number, sql in enumerate(first))
    return f"WITH {named} {last}" if named else last


def insertion(rows: Sequence[models.Model]) -> Write:
    """New rows of one model; returns their ids in order. Every field is written as it stands in the row."""
    fields = _written(type(rows[0]))
    here = connections[DEFAULT_DB_ALIAS]  # looked up once: `connection` looks for it at every name it is asked for
    params = [field.get_db_prep_save(getattr(row, field.attname), here) for row in rows for field in fields]
    return Write(_insert(type(rows[0]), len(rows)), params)


def update(row: models.Model, *names: str) -> Write:
    """These fields of a row that is there, as they stand in it now."""
    sql, fields = _update(type(row), names)
    here = connections[DEFAULT_DB_ALIAS]
    params = [field.get_db_prep_save(getattr(row, field.attname), here) for field in fields]
    return Write(sql, [*params, row.pk], (type(row), row.pk))


def increase(row: models.Model, name: str) -> Write:
    """One more in a column that counts, whatever it is at by now."""
    return Write(_increase(type(row), name), [row.pk], (type(row), row.pk))


def insert(*rows: models.Model) -> None:
    """Write new rows of one model at once, and note their ids."""
    written(rows, send(insertion(rows)))


def written(rows: Sequence[models.Model], returned: Sequence[tuple[Any, ...]]) -> None:
    """The rows are in the database, with what their insertion returned."""
    for row, (pk,) in zip(rows, returned, strict=True):
        row.pk = pk
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


@lru_cache(maxsize=100)
def _written(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    return [field for field in model._meta.concrete_fields if not field.primary_key]


@lru_cache(maxsize=100)
def _insert(model: type[models.Model], count: int) -> str:
    fields = _written(model)
    columns = ", ".join(_name(field.column) for field in fields)
    places = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * count)
    return f"INSERT INTO {_name(model._meta.db_table)} ({columns}) VALUES {places} RETURNING {_key(model)}"  # nosec B608


@lru_cache(maxsize=100)
def _update(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, list[models.Field[Any, Any]]]:
    fields = [field for field in _written(model) if field.name in names or field.attname in names]
    changed = ", ".join(f"{_name(field.column)} = %s" for field in fields)
    return f"UPDATE {_name(model._meta.db_table)} SET {changed} WHERE {_key(model)} = %s", fields  # nosec B608


@lru_cache(maxsize=100)
def _increase(model: type[models.Model], name: str) -> str:
    column = _name(next(field.column for field in _written(model) if field.name == name))
    return f"UPDATE {_name(model._meta.db_table)} SET {column} = {column} + 1 WHERE {_key(model)} = %s"  # nosec B608


def _key(model: type[models.Model]) -> str:
    return _name(model._meta.pk.column if model._meta.pk else None)


def _name(name: str | None) -> str:
    return connection.ops.quote_name(name or "")
