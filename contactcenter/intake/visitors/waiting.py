"""Is anybody there, which place has somebody in the queue, how long may it honestly take, and what the office says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Q
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from channels_adapters.contract import Place
from contactcenter.accounts.models import ChannelAccount
from contactcenter.calls import numbers
from contactcenter.queues import hours, presence, roster, rulebook
from contactcenter.queues.models import Queue, WorkItem
from contactcenter.routing import waits
from contactcenter.routing.matching import LIVE
from contactcenter.sla.calendars import NeverOpen

ENOUGH_WHO_LEFT = 5  # fewer say nothing about patience
RECENT = timedelta(hours=2)
REMEMBERED = 20  # how many of the recent waits count
FRESH_FOR = 10  # seconds that a queue's figures are kept
Entrance = Literal["open", "busy", "closed", "emergency"]
IN_LINE = (WorkItem.State.WAITING, WorkItem.State.OFFERED)


def entrance(account: ChannelAccount) -> Entrance:
    """What a newcomer finds: somebody to chat with, nobody at the moment, a closed office, or an emergency."""
    queue = rulebook.queue_of(account.queue_id)
    if queue.emergency:
        return "emergency"
    if not hours.calendar(queue).is_open(timezone.now()):
        return "closed"
    return "open" if presence.staffed(queue) else "busy"


def words(account: ChannelAccount, state: Entrance, language: str) -> str:
    """What the queue says to somebody who finds it like this; "" = nothing is set."""
    name = {"open": "greeting", "closed": "closed", "emergency": "emergency"}.get(state, "")
    return rulebook.queue_of(account.queue_id).text(name, language)


def opens_at(account: ChannelAccount) -> datetime | None:
    try:
        return hours.calendar(rulebook.queue_of(account.queue_id)).next_opening(timezone.now())
    except NeverOpen:
        return None


def day_and_hour(at: datetime) -> str:
    """In the active language: Monday 23 November, 09:00. Only English writes days and months with a capital."""
    words = formats.date_format(timezone.localtime(at), _("l j F, H:i"))
    return words if (translation.get_language() or "").startswith("en") else words.lower()


def place(item: WorkItem, language: str = "") -> Place | None:
    """Place in line, from 1, and the wait where something can be said about it; None unless the item waits.

    What went over from a live line into writing has no place any more: the answer comes when it comes. Whoever is to be
    called is told so for as long as nobody is at it.
    """
    if item.is_to_call and item.state not in WorkItem.OWNED:
        return _promised(item, language)
    if item.state not in IN_LINE:
        return None
    queue = rulebook.queue_of(item.queue_id)
    if item.family not in LIVE:
        return Place(0, text=queue.text("emergency", language) if queue.emergency else "", in_writing=True)
    position = _ahead(item) + 1
    wait = _promise(item, _estimate(item, queue, position))
    low, high = (int(wait.low), int(wait.high)) if wait else (None, None)
    call: Literal["", "ask"] = "ask" if item.may_ask_to_be_called else ""
    return Place(position, low, high, text=_now_said(queue, language), call=call)


def _promised(item: WorkItem, language: str) -> Place:
    """On which number, and from when."""
    promise = item.callback
    if promise is None:
        raise ValueError(item)
    with translation.override(language or settings.LANGUAGE_CODE):
        number = numbers.shown(promise.number)
        text = _("On %(number)s, as soon as an agent is free.") % {"number": number}
        if promise.not_before > timezone.now():
            text = _("On %(number)s, not before %(when)s.") % {
                "number": number,
                "when": day_and_hour(promise.not_before),
            }
        return Place(0, text=text, in_writing=True, title=_("We will call you back"), call="promised")


def _now_said(queue: Queue, language: str) -> str:
    if queue.emergency:
        return queue.text("emergency", language)
    is_open = hours.calendar(queue).is_open(timezone.now())
    return queue.text("waiting" if is_open else "closed", language)


def _ahead(item: WorkItem) -> int:
    """How many are served before it, in the order of the line: those in writing are in nobody's way."""
    earlier = Q(rank_at__lt=item.rank_at) | Q(rank_at=item.rank_at, id__lt=item.pk)
    return WorkItem.objects.filter(earlier, queue=item.queue_id, state=WorkItem.State.WAITING, family__in=LIVE).count()


def _promise(item: WorkItem, wait: waits.Range | None) -> waits.Range | None:
    """In whole minutes. What was promised once stays the upper bound for as long as this item waits."""
    if wait is None:
        return None
    promised = None
    if item.promised_low is not None and item.promised_high is not None:
        promised = waits.Range(item.promised_low, item.promised_high)
    told = waits.announce(wait.low, wait.high, promised)
    if told != promised:
        item.promised_low, item.promised_high = int(told.low), int(told.high)
        rows = WorkItem.objects.filter(pk=item.pk, state__in=IN_LINE)
        rows.update(promised_low=item.promised_low, promised_high=item.promised_high)
    return told


# --- the figures of a queue -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Lately:
    """Of the last two hours. Seconds; `patience` None = too few gave up to tell."""

    handling_times: list[float]
    recent_waits: list[float]
    patience: float | None
    staff: float


def _estimate(item: WorkItem, queue: Queue, position: int) -> waits.Range | None:
    key = f"lately:{queue.pk}:{item.family}"
    lately: _Lately | None = cache.get(key)
    if lately is None:
        lately = _measured(queue, item.family)
        cache.set(key, lately, FRESH_FOR)
    return waits.estimate(
        position=position, family=item.family, handling_times=lately.handling_times, staff=lately.staff,
        recent_waits=lately.recent_waits, patience=lately.patience,
        waited=(timezone.now() - item.queued_at).total_seconds(),
    )  # fmt: skip


def _measured(queue: Queue, family: str) -> _Lately:
    since = timezone.now() - RECENT
    rows = WorkItem.objects.filter(queue=queue, family=family)
    served = rows.filter(claimed_at__gte=since).order_by("-claimed_at")
    times = list(served.values_list("queued_at", "claimed_at", "ended_at")[:REMEMBERED])
    waited = [_seconds(queued, claimed) for queued, claimed, _ended in times]
    left = rows.filter(state=WorkItem.State.ABANDONED, ended_at__gte=since).order_by("-ended_at")
    gave_up = [_seconds(queued, ended) for queued, ended in left.values_list("queued_at", "ended_at")[:REMEMBERED]]
    return _Lately(
        handling_times=[_seconds(claimed, ended) for _queued, claimed, ended in times if ended],
        recent_waits=waited,
        # Everybody's waiting over those who gave up: the usual estimate where most never do.
        patience=(sum(waited) + sum(gave_up)) / len(gave_up) if len(gave_up) >= ENOUGH_WHO_LEFT else None,
        staff=_staff(queue, family),
    )


def _seconds(begin: datetime | None, end: datetime | None) -> float:
    return (end - begin).total_seconds() if begin and end else 0.0


def _staff(queue: Queue, family: str) -> float:
    """Serving places that the queue may count on now, those that are busy included."""
    people = roster.known().people
    here = [people[user] for user in presence.available() if user in people]
    waiting = WorkItem.objects.filter(state=WorkItem.State.WAITING).order_by()
    loads = {str(pk): float(n) for pk, n in waiting.values_list("queue").annotate(n=Count("id"))}
    agents = ((map(str, person.queues), float(person.capacity.get(family, 0))) for person in here)
    return waits.staff(str(queue.pk), agents, loads)
