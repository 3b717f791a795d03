"""Taking hold of rows, always in the same order: presences by the id of their user, then the item, then its interaction.

Whoever took them in another order would wait for somebody who waits for them. What the clock brings about waits for
nobody: a row that another holds just now, for a moment or because its process is frozen, is left to the next round.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from contactcenter.queues import records, states
from contactcenter.queues.models import Offer, Presence, WorkItem
from crm.models import User


@dataclass(frozen=True)
class Held:
    """An item under lock, with everybody whom it concerns. Its owner and its offer don't change before the commit."""

    item: WorkItem
    presences: Mapping[int, Presence]  # by id of the user
    offer: Offer | None  # the one that is open

    @property
    def owner(self) -> Presence | None:
        return self.presences[self.item.owner_id] if self.item.owner_id is not None else None

    def of(self, user: User) -> Presence:
        return self.presences[user.pk]


class _ConcernsOthers(Exception):
    """While we waited it came to somebody else; rolling back lets go of what we hold."""


def hold(item: WorkItem, at: datetime, *people: User) -> Held:
    """The item with the presences of these people, of its owner and of whoever is being asked. Inside a transaction that
    holds no presence, item or interaction yet."""
    return hold_all([item], at, *people)[0]


def hold_all(items: Sequence[WorkItem], at: datetime, *people: User) -> list[Held]:
    """Several items at once, as `hold`; in the order given."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("What is held outside a transaction is let go of at once.")
    while True:
        try:
            with transaction.atomic():
                return _hold(items, at, people)
        except _ConcernsOthers:
            continue  # each time somebody else has got on


def _hold(items: Sequence[WorkItem], at: datetime, people: tuple[User, ...]) -> list[Held]:
    concerned = {user.pk: user for user in people}
    for row in WorkItem.objects.select_related("owner").filter(pk__in=[item.pk for item in items]):
        concerned |= {user.pk: user for user in _concerned(row, _open_offer(row))}
    presences = {pk: states.row(concerned[pk], at) for pk in sorted(concerned)}
    held = {pk: _locked(pk, presences) for pk in sorted(item.pk for item in items)}
    return [held[item.pk] for item in items]


def _locked(pk: int, presences: Mapping[int, Presence]) -> Held:
    row = records.locked(WorkItem(pk=pk))
    offer = _open_offer(row)
    if any(user.pk not in presences for user in _concerned(row, offer)):
        raise _ConcernsOthers
    if offer is not None:
        offer.item = row
    return Held(row, presences, offer)


def _open_offer(item: WorkItem) -> Offer | None:
    return Offer.objects.select_related("agent").filter(item=item, state=Offer.State.PENDING).first()


def _concerned(item: WorkItem, offer: Offer | None) -> list[User]:
    return [user for user in (item.owner, offer.agent if offer else None) if user is not None]


def presence_if_free(user: User, at: datetime) -> Presence | None:
    """Their presence under lock, made where there is none; None where another holds it. Inside a transaction."""
    presence = Presence.objects.select_for_update(skip_locked=True).filter(user=user).first()
    if presence is not None:
        presence.user = user
    elif not Presence.objects.filter(user=user).exists():
        presence = states.row(user, at)
    return presence


def item_if_free(item_id: int) -> WorkItem | None:
    """As it is now, under lock; None where another holds it. Inside a transaction."""
    free = WorkItem.objects.select_for_update(skip_locked=True).filter(pk=item_id).values_list("pk", flat=True)
    return records.read(item_id) if list(free) else None
