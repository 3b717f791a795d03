"""Queues, calendars and rules as a decision wants to know them. Kept for two seconds a process, like the roster."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction

from contactcenter.queues import hours, roster
from contactcenter.queues.models import Queue, RoutingRule
from contactcenter.routing import rules as routing
from contactcenter.sla import office_calendars
from contactcenter.sla.models import OfficeCalendar
from crm.models import Topic

V = TypeVar("V")


@dataclass(frozen=True)
class Rulebook:
    """`queues` with their office, calendar and the queue they overflow to; switched-off ones, too."""

    queues: Mapping[str, Queue]  # by slug
    calendars: Mapping[str, OfficeCalendar]  # by slug
    of_topic: Mapping[int, str]  # slug of the queue by id of the topic
    rules: tuple[routing.Rule, ...]  # in their order, those in use

    @cached_property
    def by_id(self) -> Mapping[int, Queue]:
        return {queue.pk: queue for queue in self.queues.values()}

    def lines(self, at: datetime) -> Mapping[str, routing.Line]:
        """The queues as the rules see them at a moment; each is looked at when somebody asks for it."""
        return _Lazy(self.queues, lambda queue: line(queue, at))

    def open_calendars(self, at: datetime) -> Mapping[str, bool]:
        return _Lazy(self.calendars, lambda row: office_calendars.calendar_of(row).is_open(at))


class _Lazy(Mapping[str, V]):
    def __init__(self, rows: Mapping[str, object], made: Callable[..., V]) -> None:
        self._rows, self._made = rows, made

    def __getitem__(self, key: str) -> V:
        return self._made(self._rows[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def line(queue: Queue, at: datetime) -> routing.Line:
    """An emergency shuts a queue as an office closes."""
    return routing.Line(
        name=queue.name,
        priority=queue.priority,
        active=queue.active,
        open=not queue.emergency and hours.calendar(queue).is_open(at),
        languages=roster.languages_of(queue),
    )


def facts(*, account: str, account_queue: str, at: datetime, topic: Topic | None, **more: Any) -> routing.Facts:
    """What a decision at a moment rests on; `more` as in `routing.Facts`, of the contact itself."""
    book = known()
    return routing.Facts(
        account=account, account_queue=account_queue, at=at, queues=book.lines(at), calendars=book.open_calendars(at),
        topic=topic.slug if topic else "", topic_queue=book.of_topic.get(topic.pk, "") if topic else "",
        zone=settings.TIME_ZONE, **more,
    )  # fmt: skip


_kept: dict[str, tuple[float, Rulebook]] = {}


def known() -> Rulebook:
    """At most two seconds old."""
    kept = _kept.get("rulebook")
    if kept is None or time.monotonic() - kept[0] > roster.FRESH_FOR:
        kept = _kept["rulebook"] = (time.monotonic(), _read())
    return kept[1]


def queue_of(queue_id: int) -> Queue:
    """A queue as it was two seconds ago at most, with office and calendar. Raises `Queue.DoesNotExist`."""
    found = known().by_id.get(queue_id)
    return found or Queue.objects.select_related("office", "calendar", "overflow_to").get(pk=queue_id)


def forget() -> None:
    _kept.clear()
    roster.forget()


def changed() -> None:
    """What the running transaction changes counts in this process at once, and for certain when it is committed."""
    forget()
    transaction.on_commit(forget)


def _read() -> Rulebook:
    rows = Queue.objects.select_related("office", "calendar", "overflow_to")
    queues = {queue.slug: queue for queue in rows}
    rules = RoutingRule.objects.filter(active=True).select_related("queue")
    through = Queue.topics.through.objects.filter(queue__active=True).order_by("-queue__name")
    return Rulebook(
        queues=queues,
        calendars={row.slug: row for row in OfficeCalendar.objects.all()},
        of_topic=dict(through.values_list("topic_id", "queue__slug")),  # the first by name stands last and stays
        rules=tuple(as_rule(rule) for rule in rules),
    )


def as_rule(rule: RoutingRule) -> routing.Rule:
    """Conditions that slipped in unread hold for nobody: a broken rule must not catch every contact."""
    try:
        conditions = routing.conditions_from(rule.conditions)
    except routing.NotUnderstood:
        conditions = NOBODY
    return routing.Rule(
        id=rule.pk, name=rule.name, account=rule.account, conditions=conditions,
        queue=rule.queue.slug if rule.queue else "", requirements=rule.requirements, priority=rule.priority,
    )  # fmt: skip


NOBODY = routing.Conditions(families=("none",))
