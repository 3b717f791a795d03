"""The head of the line, under lock: the statement that everybody asks who takes what is next, worked out once.

It counts what that person has as well: a trip to the database costs more than the counting.
"""

from __future__ import annotations

from collections.abc import Set
from functools import lru_cache
from typing import NamedTuple

from django.db.models.expressions import RawSQL

from contactcenter.queues import states
from contactcenter.queues.models import WorkItem
from crm.prepared import PreparedModel


class Within(NamedTuple):
    """Which part of the line: ids of queues, families of channels, languages ("" = whichever)."""

    queues: Set[int]
    families: Set[str]
    languages: Set[str]


READ = (
    *(field.attname for field in WorkItem._meta.concrete_fields),
    *(f"interaction__{name}" for name in (
        "public_id", "account", "family", "queue", "office_id", "version", "status", "citizen_id", "case_id",
    )),
    "interaction__citizen__public_id",
    *(f"interaction__case__{name}" for name in ("public_id", "version", "confidentiality")),
    *(f"queue__{name}" for name in ("slug", "name", "office_id", "mode")),
)  # fmt: skip
OWNER, ASKED = 2_147_000_037, 2_147_000_041  # stand for the person in the statement


def lock(within: Within, user_id: int) -> tuple[WorkItem, states.Load] | None:
    """The first that nobody else holds, with its queue, interaction, citizen and case; and what this person has now.
    In the caller's transaction, who holds the person's presence: what is counted doesn't change any more."""
    queues, families, languages = (sorted(part) for part in within)
    asked = _statement(len(queues), len(families), len(languages))
    item = asked.first(user_id, user_id, *queues, *families, *languages)
    return (item, states.read(item.load_of_person)) if item is not None else None  # type: ignore[attr-defined]  # the annotation of `_statement`


@lru_cache(maxsize=50)
def _statement(queues: int, families: int, languages: int) -> PreparedModel[WorkItem]:
    """For so many of each."""
    places = [-1 - n for n in range(queues)], [f"f{n}" for n in range(families)], [f"l{n}" for n in range(languages)]
    rows = WorkItem.objects.filter(
        state=WorkItem.State.WAITING, queue__in=places[0], family__in=places[1], language__in=places[2]
    )
    rows = rows.annotate(load_of_person=RawSQL(states.in_one_value(), [OWNER, ASKED]))  # nosec B611 - SQL of ours
    rows = rows.select_related("interaction__citizen", "interaction__case", "queue").only(*READ)
    first = rows.in_order().select_for_update(skip_locked=True, of=("self",))[:1]
    every = (OWNER, ASKED, *places[0], *places[1], *places[2])
    return PreparedModel(first, *every)
