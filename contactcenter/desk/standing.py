"""Who has a conversation, who is asked, who helps: what its head shows besides the words."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from django.utils import timezone

from contactcenter.desk import names
from contactcenter.queues.models import Companion, Offer, Queue, WorkItem
from crm import access
from crm.models import User
from crm.prepared import Prepared

State = WorkItem.State
SOME = 2_147_000_089  # stands for an item in the prepared statement


@dataclass(frozen=True)
class Standing:
    """How things stand with one conversation, for one reader."""

    claimed: bool = False  # by me, and not over yet
    wrapping: bool = False  # by me
    wrap_left: int = 0  # seconds
    parked: bool = False  # by me
    parked_until: datetime | None = None
    offer: int = 0  # id of the offer to me
    asked: str = ""  # who else is being asked
    helpers: list[str] = field(default_factory=list)  # besides me
    helps: bool = False  # do I?
    may_take: bool = False
    only_offered: bool = False  # it waits, and isn't picked from the list


def of(user: User, item: WorkItem | None) -> Standing:
    if item is None:
        return Standing()
    mine = item.owner_id == user.pk
    offer = Offer.objects.filter(item=item, state=Offer.State.PENDING).first() if item.state == State.OFFERED else None
    helpers = [pk for (pk,) in _helpers_of().rows(item.pk)]
    waits, pushed = item.state == State.WAITING, only_offered(user, item.queue)
    return Standing(
        claimed=mine and item.state == State.CLAIMED,
        wrapping=mine and item.state == State.WRAPPING,
        wrap_left=_left(item.wrap_until),
        parked=mine and item.state == State.PARKED,
        parked_until=item.parked_until,
        offer=offer.pk if offer and offer.agent_id == user.pk else 0,
        asked=names.person(offer.agent_id) if offer and offer.agent_id != user.pk else "",
        helpers=[names.person(pk) for pk in helpers if pk != user.pk],
        helps=user.pk in helpers,
        may_take=waits and not pushed,
        only_offered=waits and pushed,
    )


@cache
def _helpers_of() -> Prepared:
    return Prepared(Companion.objects.filter(item=SOME, left_at__isnull=True).values_list("user_id"), SOME)


def only_offered(user: User, queue: Queue) -> bool:
    """Is nothing picked from this queue by hand, by this person?"""
    return queue.mode == Queue.Mode.PUSH and not access.may(user, "interaction.take-over", office_id=queue.office_id)


def _left(until: datetime | None) -> int:
    return max(0, int((until - timezone.now()).total_seconds())) if until else 0
