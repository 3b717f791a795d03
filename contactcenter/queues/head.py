"""The head of the line, under lock: the statement that everybody asks who takes what is next, worked out once."""

from __future__ import annotations

from collections.abc import Iterator, Set
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection, models

from contactcenter.queues.models import Queue, WorkItem
from crm.models import Case, Citizen, Interaction
from crm.prepared import Prepared


class Within(NamedTuple):
    """Which part of the line: ids of queues, families of channels, languages ("" = whichever)."""

    queues: Set[int]
    families: Set[str]
    languages: Set[str]


class Part(NamedTuple):
    """What is read of one table; the rest is read where somebody asks for it."""

    model: type[models.Model]
    path: str  # from the work item, as the ORM writes it
    columns: tuple[str, ...]  # in the order of the model's


def _part(model: type[models.Model], path: str, *names: str) -> Part:
    columns = (field.attname for field in model._meta.concrete_fields)
    return Part(model, path, tuple(column for column in columns if column in names or not names))


ITEM = _part(WorkItem, "")
INTERACTION = _part(
    Interaction, "interaction__",
    "id", "public_id", "account", "family", "queue", "office_id", "version", "status", "citizen_id", "case_id",
)  # fmt: skip
CITIZEN = _part(Citizen, "interaction__citizen__", "id", "public_id")
CASE = _part(Case, "interaction__case__", "id", "public_id", "version")
QUEUE = _part(Queue, "queue__", "id", "slug", "name", "office_id", "mode")
PARTS = (ITEM, INTERACTION, CITIZEN, CASE, QUEUE)


def lock(within: Within) -> WorkItem | None:
    """The first that nobody else holds, with its queue, interaction, citizen and case. In the caller's transaction."""
    queues, families, languages = (sorted(part) for part in within)
    found = _statement(len(queues), len(families), len(languages)).rows(*queues, *families, *languages)
    return _read(found[0]) if found else None


@lru_cache(maxsize=50)
def _statement(*counts: int) -> Prepared:
    """For so many queues, families and languages."""
    places = (
        [-1 - n for n in range(counts[0])],
        [f"f{n}" for n in range(counts[1])],
        [f"l{n}" for n in range(counts[2])],
    )
    queues, families, languages = places
    rows = WorkItem.objects.filter(
        state=WorkItem.State.WAITING, queue__in=queues, family__in=families, language__in=languages
    )
    columns = [f"{part.path}{column}" for part in PARTS for column in part.columns]
    first = rows.in_order().select_for_update(skip_locked=True, of=("self",)).values_list(*columns)[:1]
    return Prepared(first, *queues, *families, *languages)


def _read(row: list[Any]) -> WorkItem:
    values = iter(row)
    item, interaction, citizen, case, queue = (_row(part, values) for part in PARTS)
    assert isinstance(item, WorkItem)
    item.queue = queue
    item.interaction = interaction
    if interaction is not None:
        interaction.citizen, interaction.case = citizen, case
    return item


def _row(part: Part, values: Iterator[Any]) -> Any:
    """None where the outer join found none."""
    mine = [next(values) for _column in part.columns]
    return part.model.from_db(connection.alias, part.columns, mine) if mine[0] is not None else None
