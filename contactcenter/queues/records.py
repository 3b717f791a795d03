"""Writing down what happened to a work item: the fact, the audit entry, and a new version for every screen that shows it."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from uuid import UUID

from django.utils.translation import gettext as _

from contactcenter.queues import states
from contactcenter.queues.models import WorkItem
from crm import audit, events, writing
from crm.models import Event, Interaction, User
from crm.prepared import Prepared, PreparedModel
from crm.writing import Write

SOME = 2_147_000_067  # stands for a row in a prepared statement


class AlreadyTaken(Exception):
    """Somebody else was quicker; says who."""

    def __init__(self, owner: User | None) -> None:
        self.owner = owner
        name = owner.display_name if owner else _("somebody else")
        super().__init__(_("%(name)s has just taken this. Pick the next one.") % {"name": name})


class NotYours(Exception):
    """Only the owner may do this with the item."""


def locked(item: WorkItem) -> WorkItem:
    """As it is now, and nobody takes it meanwhile. Presences are locked before items, items before interactions.

    Two statements: after a wait PostgreSQL joins the row as it is now with the others as they were before, so that an item
    that changed its queue or owner meanwhile would come without it, or not at all.
    """
    if not _lock().rows(item.pk):
        raise WorkItem.DoesNotExist
    return read(item.pk)


@cache
def _lock() -> Prepared:
    return Prepared(WorkItem.objects.select_for_update().order_by().filter(pk=SOME).values_list("pk"), SOME)


def read(pk: int) -> WorkItem:
    """With what the verbs ask of it; the caller has it under lock."""
    item = _whole().first(pk)
    if item is None:
        raise WorkItem.DoesNotExist
    return item


@cache
def _whole() -> PreparedModel[WorkItem]:
    rows = WorkItem.objects.select_related("owner", "queue", "callback", "interaction__citizen", "interaction__case")
    return PreparedModel(rows.filter(pk=SOME).order_by(), SOME)


def of_owner(item: WorkItem, actor: User) -> WorkItem:
    """The item under lock. Raises `NotYours` unless the person has it."""
    row = locked(item)
    if row.owner_id != actor.pk or row.state not in WorkItem.OWNED:
        raise not_yours(row)
    return row


def not_yours(item: WorkItem) -> NotYours:
    name = item.owner.display_name if item.owner else _("nobody")
    return NotYours(_("This is with %(name)s now. Take it first, then try again.") % {"name": name})


def person(public_id: UUID) -> tuple[str, int]:
    """The topic on which somebody's own screens look again."""
    return (f"person.{public_id}", 0)


def record(
    name: str,
    item: WorkItem,
    actor: User | None,
    *,
    at: datetime | None = None,
    concerns: tuple[User, ...] = (),
    also: tuple[Event, ...] = (),
    interaction: Interaction | None = None,
    along: Sequence[Write] = (),
    settled: states.Settled = states.NOTHING,
    **data: object,
) -> None:
    """`concerns`: whose screens look again besides the actor's. `also`: facts that are written in the same statement.
    `interaction`: the item's, with its citizen and case, where the caller has just read it. `along`, `settled`:
    changes that are sent with the facts.
    """
    if interaction is None and item.interaction_id is not None:
        interaction = item.interaction = _talk().first(item.interaction_id)
    if interaction is not None:
        along = (writing.increase(interaction, "version"), *along)
        interaction.version += 1  # for the ping, which is a hint: what is true stands in the row
    people = {user.public_id for user in (*concerns, actor) if user is not None}
    events.record(
        events.fact(name, interaction=item.interaction, actor=actor, at=at, queue=item.queue.slug, data=data),
        *also,
        *settled.facts,
        also=(*(person(public_id) for public_id in people), *settled.look),
        along=(*along, *settled.writes, _audited(name, item, actor)),
    )


@cache
def _talk() -> PreparedModel[Interaction]:
    return PreparedModel(Interaction.objects.select_related("citizen", "case").filter(pk=SOME).order_by(), SOME)


def _audited(name: str, item: WorkItem, actor: User | None) -> Write:
    return audit.write(
        name,
        subject=f"interaction:{item.interaction.public_id}" if item.interaction else f"item:{item.pk}",
        actor=actor,
        citizen=item.interaction.citizen.public_id if item.interaction and item.interaction.citizen else None,
    )
