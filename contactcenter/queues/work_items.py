"""Waiting, taking, giving back and finishing. One owner at a time: a claim is an UPDATE whose count must be one."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.queues.models import Queue, WorkItem
from crm import audit, events, interactions
from crm.access import require
from crm.models import Event, Interaction, User


class AlreadyTaken(Exception):
    """Somebody else was quicker; says who."""

    def __init__(self, owner: User | None) -> None:
        self.owner = owner
        name = owner.display_name if owner else _("somebody else")
        super().__init__(_("%(name)s has just taken this. Pick the next one.") % {"name": name})


class NotYours(Exception):
    """Only the owner may do this with the item."""


def enqueue(
    *, interaction: Interaction, queue: Queue, priority: int, at: datetime, why: str = ""
) -> tuple[WorkItem, Event]:
    """Put an interaction in line, inside the caller's transaction. The caller records the fact that comes back."""
    item = WorkItem.objects.create(
        interaction=interaction, queue=queue, family=interaction.family, priority=priority, queued_at=at, why=why[:200]
    )
    return item, events.fact(
        "interaction.queued", interaction=interaction, at=at, queue=queue.slug, data={"priority": priority}
    )


def open_item(interaction: Interaction) -> WorkItem | None:
    rows = WorkItem.objects.select_related("owner", "queue").filter(interaction=interaction)
    return rows.exclude(state__in=WorkItem.ENDED).first()


def is_open(interaction: Interaction) -> bool:
    """Does it wait, or has somebody got it?"""
    return WorkItem.objects.filter(interaction=interaction).exclude(state__in=WorkItem.ENDED).exists()


def claim(*, item: WorkItem, actor: User) -> WorkItem:
    """Take a waiting item. Raises `AlreadyTaken` (with the winner) and `Forbidden`. Claiming one's own again is fine."""
    require(actor, "interaction.claim", office_id=item.queue.office_id)
    now = timezone.now()
    with transaction.atomic():
        taken = WorkItem.objects.filter(pk=item.pk, state=WorkItem.State.WAITING).update(
            state=WorkItem.State.CLAIMED, owner=actor, claimed_at=now
        )
        item.refresh_from_db()
        if taken:
            _record("item.claimed", item, actor, at=now, wait=int((now - item.queued_at).total_seconds()))
        elif item.owner_id != actor.pk or item.state not in WorkItem.OWNED:
            raise AlreadyTaken(item.owner)
    return item


def release(*, item: WorkItem, actor: User) -> None:
    """Give it back to the queue, at its original place. Raises `NotYours`."""
    with transaction.atomic():
        _require_owner(item, actor)
        WorkItem.objects.filter(pk=item.pk).update(state=WorkItem.State.WAITING, owner=None, claimed_at=None)
        item.refresh_from_db()
        _record("item.released", item, actor)


def transfer(*, item: WorkItem, queue: Queue, actor: User, note: str = "") -> None:
    """Move it to another queue; the original time goes along, and the note explains. Raises `NotYours`, `Forbidden`."""
    require(actor, "interaction.claim", office_id=item.queue.office_id)
    with transaction.atomic():
        locked = _locked(item)  # the caller's copy may be older than somebody's claim
        if locked.state in WorkItem.ENDED or (locked.state in WorkItem.OWNED and locked.owner_id != actor.pk):
            raise _not_yours(locked)
        if note and item.interaction is not None:
            interactions.note(interaction=item.interaction, text=note, actor=actor)
        before = item.queue.slug
        WorkItem.objects.filter(pk=item.pk).update(
            state=WorkItem.State.WAITING, owner=None, claimed_at=None, queue=queue, priority=queue.priority
        )
        if item.interaction is not None:
            Interaction.objects.filter(pk=item.interaction.pk).update(queue=queue.slug, office=queue.office)
        item.refresh_from_db()
        _record("item.transferred", item, actor, origin=before)
        events.record(events.fact("queue.left", actor=actor, queue=before))


def finish(*, item: WorkItem, actor: User, outcome: str = "", based_on: int | None = None) -> None:
    """Close the interaction and end the work on it. Raises `NotYours`, `StaleView`, `Forbidden`."""
    with transaction.atomic():
        _require_owner(item, actor)
        if item.interaction is not None:
            interactions.close(interaction=item.interaction, actor=actor, reason=outcome, based_on=based_on)
        now = timezone.now()
        WorkItem.objects.filter(pk=item.pk).update(state=WorkItem.State.DONE, ended_at=now, outcome=outcome[:80])
        item.refresh_from_db()
        _record("item.done", item, actor, at=now)


def abandon(*, interaction: Interaction, at: datetime) -> bool:
    """The citizen left before anybody came. Waiting items only; inside the caller's transaction. False = none waited."""
    left = WorkItem.objects.filter(interaction=interaction, state=WorkItem.State.WAITING).update(
        state=WorkItem.State.ABANDONED, ended_at=at
    )
    if left:
        events.record(events.fact("item.abandoned", interaction=interaction, at=at))
    return bool(left)


def leave_to_owner(*, interaction: Interaction, actor: User) -> None:
    """Two people must not answer the same citizen at once. Raises `NotYours` where somebody else has taken it."""
    item = open_item(interaction)
    if item is not None and item.owner is not None and item.owner_id != actor.pk:
        raise _not_yours(item)


def _require_owner(item: WorkItem, actor: User) -> None:
    locked = _locked(item)
    if locked.owner_id != actor.pk or locked.state not in WorkItem.OWNED:
        raise _not_yours(locked)


def _locked(item: WorkItem) -> WorkItem:
    """As it is now, and nobody takes it meanwhile."""
    return WorkItem.objects.select_for_update(of=("self",)).select_related("owner").get(pk=item.pk)


def _not_yours(item: WorkItem) -> NotYours:
    name = item.owner.display_name if item.owner else _("nobody")
    return NotYours(_("This is with %(name)s now. Take it first, then try again.") % {"name": name})


def _record(name: str, item: WorkItem, actor: User, at: datetime | None = None, **data: object) -> None:
    """The fact, the audit entry, and a new version of the interaction for every screen that shows it."""
    if item.interaction_id:
        Interaction.objects.filter(pk=item.interaction_id).update(version=F("version") + 1)
        item.interaction = Interaction.objects.select_related("citizen", "case").get(pk=item.interaction_id)
    person = (f"person.{actor.public_id}", 0)
    events.record(
        events.fact(name, interaction=item.interaction, actor=actor, at=at, queue=item.queue.slug, data=data),
        also=(person,),
    )
    audit.record(
        name,
        subject=f"interaction:{item.interaction.public_id}" if item.interaction else f"item:{item.pk}",
        actor=actor,
        citizen=item.interaction.citizen.public_id if item.interaction and item.interaction.citizen else None,
    )
