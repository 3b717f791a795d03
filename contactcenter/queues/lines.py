"""Opening a line that contacts wait in, changing it, and the switch for emergencies."""

from collections.abc import Collection, Mapping
from copy import copy
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, DateTimeField, DurationField, ExpressionWrapper, F, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from contactcenter.accounts.models import ChannelAccount
from contactcenter.queues import checking, hints, hours, overflow, rulebook, wrap_up
from contactcenter.queues.checking import Faults, Wrong
from contactcenter.queues.models import Queue, WorkItem
from contactcenter.queues.models.lines import FRONT, STRICT
from contactcenter.sla.calendars import NeverOpen
from crm import audit, events
from crm.access import require
from crm.models import Office, Topic, User

__all__ = ["COLUMNS", "Wrong", "change", "draft", "open", "switch_emergency"]
COLUMNS = (
    "name", "office", "calendar", "priority", "active", "mode", "strategy", "sticky_seconds", "requirements", "steps",
    "ageing_seconds", "targets", "offer_lasts", "wrap_up_seconds", "wrap_up_needs", "outcomes",
    "max_wait_seconds", "max_length", "overflow", "overflow_to", "texts",
    "emergency",
)  # fmt: skip
NAMED = 5  # of what keeps a queue from being switched off


def open(
    *, slug: str, name: str, office: Office, actor: User | None, topics: Collection[Topic] = (), **fields: Any
) -> Queue:
    """A new queue, in use at once; without a calendar it is always open. `fields` as in `COLUMNS`.

    Raises `Forbidden`, `Wrong`. Without an actor the house itself opens it.
    """
    _allowed(actor)
    _only_columns(fields)
    queue = Queue(slug=slug, name=name, office=office)
    with transaction.atomic():
        _set(queue, fields)
        faults = Faults()
        faults.slug("slug", slug)
        _check(queue, faults)
        faults.refuse()
        try:
            with transaction.atomic():
                queue.save(force_insert=True)
        except IntegrityError:
            taken = _("Another queue has the short name “%(slug)s”. Choose a different one.") % {"slug": slug}
            raise Wrong({"slug": [taken]}, {}) from None
        queue.topics.set(topics)
        _record("queue.opened", queue, actor, {})
    return queue


def change(*, queue: Queue, actor: User | None, topics: Collection[Topic] | None = None, **fields: Any) -> list[str]:
    """Set some of `COLUMNS`, and the topics that lead here; what isn't named stays. Returns what did change.

    What waits is put in order anew where priority or ageing change. Raises `Forbidden`, `Wrong`.
    """
    _allowed(actor)
    _only_columns(fields)
    with transaction.atomic():
        _read_again(queue)
        before = _values(queue)
        _set(queue, fields)
        changed = _changes(queue, before)
        faults = Faults()
        _check(queue, faults)
        if "active" in changed and not queue.active:
            _refuse_needed(queue, faults)
        faults.refuse()
        if topics is not None and set(queue.topics.all()) != set(topics):
            queue.topics.set(topics)
            changed.append("topics")
        _keep(queue, before, changed, actor)
    return changed


def _keep(queue: Queue, before: Mapping[str, Any], changed: list[str], actor: User | None) -> None:
    if not changed:
        return
    queue.save(update_fields=[name for name in changed if name != "topics"])
    if {"priority", "ageing_seconds"} & set(changed):
        _line_up_anew(queue, queue.priority - before["priority"])
    _record("queue.changed", queue, actor, {"fields": changed})
    if "emergency" in changed:
        _record("queue.emergency_began" if queue.emergency else "queue.emergency_ended", queue, actor, {})


def draft(*, queue: Queue | None, **fields: Any) -> Queue:
    """The queue as it would be, for a preview; nothing is kept. Raises `Wrong`."""
    _only_columns(fields)
    drawn = copy(queue) if queue is not None else Queue()
    _set(drawn, fields)
    faults = Faults()
    _check(drawn, faults)
    faults.refuse()
    return drawn


def switch_emergency(*, queue: Queue, on: bool, actor: User, texts: Mapping[str, str] | None = None) -> None:
    """On: no chat begins, citizens read the emergency's text, and what waits flows on where that is set.

    `texts` by language; None = those of last time. Nothing else that may be wrong with the queue stands in the way.
    Raises `Forbidden`, `Wrong` where there is no text at all.
    """
    _allowed(actor)
    with transaction.atomic():
        _read_again(queue)
        before = _values(queue)
        _set(queue, {"emergency": on, "texts": queue.texts if texts is None else {**queue.texts, "emergency": texts}})
        faults = Faults()
        checking.check_texts(queue, faults)
        faults.refuse()
        _keep(queue, before, _changes(queue, before), actor)


# --- how it is done ---------------------------------------------------------------------------------------------------


def _allowed(actor: User | None) -> None:
    if actor is not None:
        require(actor, "settings.change")


def _only_columns(fields: Mapping[str, Any]) -> None:
    if unknown := set(fields) - set(COLUMNS):
        raise TypeError(f"a queue has no {sorted(unknown)}")


def _read_again(queue: Queue) -> None:
    """As it is now. Every queue is locked: two changes at once must not close a circle between them."""
    list(Queue.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    queue.refresh_from_db()


def _values(queue: Queue) -> dict[str, Any]:
    return {name: getattr(queue, f"{name}_id", getattr(queue, name)) for name in COLUMNS}


def _changes(queue: Queue, before: Mapping[str, Any]) -> list[str]:
    return sorted(name for name, value in _values(queue).items() if value != before[name])


def _set(queue: Queue, fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        setattr(queue, name, value)
    if queue.overflow != Queue.Overflow.QUEUE:
        queue.overflow_to = None
    queue.requirements = queue.requirements.strip()
    queue.outcomes = wrap_up.tidied(queue.outcomes)
    queue.wrap_up_needs = [need for need in wrap_up.NEEDS if need in queue.wrap_up_needs]
    queue.texts = checking.tidy_texts(queue.texts)


def _check(queue: Queue, faults: Faults) -> None:
    checking.check_queue(queue, faults)
    wrap_up.check_outcomes(queue.outcomes, faults)
    if queue.overflow == Queue.Overflow.CALLBACK:
        _check_callback(queue, faults)
    if queue.overflow != Queue.Overflow.QUEUE:
        return
    if queue.overflow_to is None:
        faults.say("overflow_to", _("Choose the queue it goes to."))
        return
    if not queue.overflow_to.active:
        faults.say("overflow_to", _("%(queue)s is switched off. Choose another queue.") % {"queue": queue.overflow_to})
    try:
        overflow.refuse_circles(queue, queue.overflow_to)
    except overflow.GoesInCircles as error:
        faults.say("overflow_to", str(error))


def _check_callback(queue: Queue, faults: Faults) -> None:
    """Citizens are asked when they wait too long, and called while the queue is open."""
    if queue.max_wait_seconds is None and queue.max_length is None:
        faults.say("overflow", _("Nobody would ever be asked. Set a longest wait or a longest line as well."))
    try:
        hours.next_open(queue, timezone.now())
    except NeverOpen:
        faults.say("overflow", _("This queue is never open, so nobody could call. Give it another calendar first."))


def _refuse_needed(queue: Queue, faults: Faults) -> None:
    """Nobody is offered anything from a queue that is switched off: nothing may lead there, nothing may be left."""
    if left := WorkItem.objects.filter(queue=queue).exclude(state__in=WorkItem.ENDED).count():
        faults.say("active", ngettext(
            "%(n)d contact is still here. Move it to another queue first.",
            "%(n)d contacts are still here. Move them to another queue first.", left,
        ) % {"n": left})  # fmt: skip
    if accounts := _names(ChannelAccount.objects.filter(queue=queue), "name"):
        faults.say(
            "active", _("These channels lead here: %(names)s. Give them another queue first.") % {"names": accounts}
        )
    if others := _names(Queue.objects.filter(overflow_to=queue), "name"):
        faults.say("active", _("These queues overflow to it: %(names)s. Give them another target first.") % {
            "names": others,
        })  # fmt: skip


def _names(rows: QuerySet[Any], field: str) -> str:
    return ", ".join(rows.values_list(field, flat=True)[:NAMED])


def _line_up_anew(queue: Queue, more: int) -> None:
    """The places of everything that is open here, in one statement. What was put in front stays in front."""
    priority = F("priority") + more
    weight = timedelta(seconds=queue.ageing_seconds or STRICT)
    earlier = ExpressionWrapper(Value(weight) * priority, output_field=DurationField())
    place = ExpressionWrapper(F("queued_at") - earlier, output_field=DateTimeField())
    in_front = ExpressionWrapper(F("queued_at") - Value(FRONT / 2), output_field=DateTimeField())
    WorkItem.objects.filter(queue=queue).exclude(state__in=WorkItem.ENDED).update(
        priority=priority,
        rank_at=Case(
            When(rank_at__lt=in_front, then=ExpressionWrapper(place - Value(FRONT), output_field=DateTimeField())),
            default=place,
        ),
    )


def _record(action: str, queue: Queue, actor: User | None, data: dict[str, Any]) -> None:
    events.record(events.fact(action, actor=actor, queue=queue.slug, data=data))
    audit.record(action, subject=f"queue:{queue.slug}", actor=actor, data=data)
    rulebook.changed()
    hints.after_commit(queue)
