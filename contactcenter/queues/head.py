"""The head of the line, under lock: the statement that everybody asks who takes what is next, worked out once."""

from __future__ import annotations

from collections.abc import Set
from functools import lru_cache
from typing import NamedTuple

from contactcenter.queues.models import Queue, WorkItem
from crm.models import Case, Citizen, Interaction
from crm.prepared import PreparedModel, part


class Within(NamedTuple):
    """Which part of the line: ids of queues, families of channels, languages ("" = whichever)."""

    queues: Set[int]
    families: Set[str]
    languages: Set[str]


PARTS = (
    part("", WorkItem),
    part(
        "interaction", Interaction,
        "id", "public_id", "account", "family", "queue", "office_id", "version", "status", "citizen_id", "case_id",
    ),
    part("interaction__citizen", Citizen, "id", "public_id"),
    part("interaction__case", Case, "id", "public_id", "version"),
    part("queue", Queue, "id", "slug", "name", "office_id", "mode"),
)  # fmt: skip


def lock(within: Within) -> WorkItem | None:
    """The first that nobody else holds, with its queue, interaction, citizen and case. In the caller's transaction."""
    queues, families, languages = (sorted(part) for part in within)
    return _statement(len(queues), len(families), len(languages)).first(*queues, *families, *languages)


@lru_cache(maxsize=50)
def _statement(queues: int, families: int, languages: int) -> PreparedModel[WorkItem]:
    """For so many of each."""
    places = [-1 - n for n in range(queues)], [f"f{n}" for n in range(families)], [f"l{n}" for n in range(languages)]
    rows = WorkItem.objects.filter(
        state=WorkItem.State.WAITING, queue__in=places[0], family__in=places[1], language__in=places[2]
    )
    first = rows.in_order().select_for_update(skip_locked=True, of=("self",))[:1]
    return PreparedModel(first, PARTS, *places[0], *places[1], *places[2])
