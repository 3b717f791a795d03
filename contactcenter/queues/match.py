"""Bringing what waits to who has room. Reads a snapshot, asks the pure matching, and lets each offer prove itself anew.

The line is walked in its order, a page at a time. Contacts alike (queue, family, language, requirements, how far their
circle is widened) are judged once: where nobody fits one of them, the rest of the walk leaves them all out, so that
thousands that must wait cost no more than a few.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from contactcenter.queues import head, hints, kept, offers, roster, states
from contactcenter.queues.models import Offer, WorkItem, WorkItems
from contactcenter.routing import matching
from crm.models import User

PAGE = 50
MOST = 500  # offers of one run; the next one follows at once
LONGEST = 2.0  # seconds of one run: its offers are made, and begin to expire, at the moment it began


class Waiting(NamedTuple):
    """Columns of a waiting item, in their order."""

    id: int
    queue: int
    family: str
    queued_at: datetime
    rank_at: datetime
    language: str
    requirements: str
    last_agent: int | None

    @classmethod
    def of(cls, item: WorkItem) -> Waiting:
        return cls._make(getattr(item, name) for name in COLUMNS)


COLUMNS = ("id", "queue_id", "family", "queued_at", "rank_at", "language", "requirements", "last_agent_id")
EVER = datetime(1, 1, 1, tzinfo=UTC)
Kind = tuple[int, str, str, str]  # queue, family, language, requirements


def run(now: datetime) -> int:
    """Make every offer that can be made; returns how many. Two matchers at once do no harm: each offer is one atomic step."""
    hints.heard()
    free = _Free(roster.present())
    made, began = 0, time.monotonic()
    walk = _Walk(free)
    for page in walk.pages(now):
        not_to = _not_to([row.id for row in page], free, now)
        for row in page:
            try:
                made += _match(row, frozenset(not_to[row.id]), free, walk, now)
            except offers.Elsewhere:
                made += _match_beside(free, walk, now)
            if made >= MOST or not free or time.monotonic() - began > LONGEST:
                return made
    return made


def next_for(user: User, now: datetime, limit: int = 5) -> Iterator[int]:
    """Ids of waiting items that fit this person, in the order of the line; for taking by hand, whatever their presence."""
    me = roster.as_agent(user, states.load(user).used)
    free = _Free({me.id: me} if me else {})
    found = 0
    walk = _Walk(free, picking=True)
    for page in walk.pages(now):
        not_mine = kept.from_whom([row.id for row in page], [user.pk])
        for row in page:
            if walk.is_hopeless(row):
                continue
            contact = walk.contact(row, not_mine.get(row.id, frozenset()))
            if free.fitting(contact, now) is not None:
                yield row.id
                found += 1
                if found == limit:
                    return
            else:
                walk.give_up(row, contact, now)


def lock_next(user: User, now: datetime) -> tuple[WorkItem, states.Load] | None:
    """The first of the line that this person may pick and fits, under lock, and what they have besides. What others hold
    just now is passed over. In the caller's transaction, which holds the person's presence."""
    idle = roster.as_agent(user, {})
    if idle is None:
        return None
    walk = _Walk(_Free({idle.id: idle}), picking=True)
    found = walk.lock_head(user)
    if found is None:
        return None  # not even for somebody who had nothing yet
    item, has = found
    me = replace(idle, used=has.used)
    if matching.fits(me, walk.contact(Waiting.of(item), frozenset()), now) and not _is_kept(item, user):
        return found
    further = _lock_further(me, user, now)
    return (further, has) if further is not None else None


def _lock_further(me: matching.Agent, user: User, now: datetime) -> WorkItem | None:
    """Past what this person has no room for, or can't do."""
    walk = _Walk(_Free({me.id: me}), picking=True)
    while (item := walk.first_unlocked()) is not None:
        row = Waiting.of(item)
        contact = walk.contact(row, frozenset())
        if walk.fits(contact, now):
            if not _is_kept(item, user):
                return item
            walk.pass_over(item)
            continue
        walk.give_up(row, contact, now)
    return None


def _match_beside(free: _Free, walk: _Walk, now: datetime) -> int:
    """Others are at the head of the line just now: the first contact that nobody holds is locked before anybody is asked.
    Neither it nor the person is waited for, so the usual order of locks doesn't matter here."""
    with transaction.atomic():
        item = walk.first_unlocked()
        if item is None:
            return 0
        return _match(Waiting.of(item), frozenset(_not_to([item.pk], free, now)[item.pk]), free, walk, now)


def _match(row: Waiting, not_to: frozenset[int], free: _Free, walk: _Walk, now: datetime) -> int:
    """Returns how many offers it made, one or none. Raises `offers.Elsewhere`."""
    if walk.is_hopeless(row):
        return 0
    contact = walk.contact(row, not_to)
    while agent := matching.best(free.agents, contact, now):
        why = "sticky" if contact.last_agent == agent.id and now - row.queued_at < contact.line.sticky else ""
        step = len(matching.steps_reached(contact, now))
        offer = offers.make(item_id=row.id, user_id=agent.id, at=now, why=why or contact.line.strategy, step=step)
        if offer is not None:
            free.give(agent, row.family)
            return 1
        free.drop(agent)  # they changed meanwhile; the next run sees them as they are then
    walk.give_up(row, contact, now)
    return 0


def _is_kept(item: WorkItem, user: User) -> bool:
    """Most contacts have no case, or one that is everybody's: the row that was locked says so itself."""
    case = item.interaction.case if item.interaction is not None else None
    return case is not None and case.confidentiality != kept.NORMAL and kept.is_kept_from(user, item)


def _not_to(items: list[int], free: _Free, now: datetime) -> dict[int, set[int]]:
    """Who isn't asked: those who declined a moment ago, and those who may not read the case."""
    found = _asked_lately(items, now)
    for item, users in kept.from_whom(items, [agent.id for agent in free.agents]).items():
        found[item] |= users
    return found


def _asked_lately(items: list[int], now: datetime) -> dict[int, set[int]]:
    """Who declined these, or let them pass, a moment ago."""
    ended = Offer.objects.filter(
        item__in=items, state__in=[Offer.State.DECLINED, Offer.State.EXPIRED], ended_at__gt=now - matching.PASSED_OVER
    )
    found: dict[int, set[int]] = defaultdict(set)
    for item, agent in ended.values_list("item_id", "agent_id"):
        found[item].add(agent)
    return found


class _Free:
    """Those who take work now. What is given to them here is counted here; the offer counts again under lock."""

    def __init__(self, everybody: dict[int, matching.Agent]) -> None:
        self._agents = {agent.id: agent for agent in everybody.values() if _any_room(agent)}
        # A familiar agent without room is worth waiting for: they stay among those who are here.
        self._here = everybody

    def __bool__(self) -> bool:
        return bool(self._agents)

    @property
    def agents(self) -> list[matching.Agent]:
        return list(self._here.values())

    @property
    def with_room(self) -> list[matching.Agent]:
        return list(self._agents.values())

    def fitting(self, contact: matching.Contact, now: datetime) -> matching.Agent | None:
        return next((agent for agent in self._agents.values() if matching.fits(agent, contact, now)), None)

    def give(self, agent: matching.Agent, family: str) -> None:
        fuller = replace(agent, used={**agent.used, family: agent.used.get(family, 0) + 1})
        self._here[agent.id] = fuller
        if _any_room(fuller):
            self._agents[agent.id] = fuller
        else:
            self._agents.pop(agent.id, None)

    def drop(self, agent: matching.Agent) -> None:
        self._here.pop(agent.id, None)
        self._agents.pop(agent.id, None)


def _any_room(agent: matching.Agent) -> bool:
    return any(matching.has_room(agent, family) for family in matching.FAMILIES)


class _Walk:
    """Along the line, past what nobody could take."""

    def __init__(self, free: _Free, *, picking: bool = False) -> None:
        known = roster.known()
        self._free = free
        self._lines = known.lines
        self._queues = known.picking if picking else known.offering
        self._hopeless: dict[Kind, datetime] = {}  # since which queue time
        self._passed: set[int] = set()  # ids of items that are kept from whoever picks

    def pages(self, now: datetime) -> Iterator[list[Waiting]]:
        begins: Waiting | None = None
        while self._free:
            rows = self._rows(begins).values_list(*COLUMNS)[:PAGE]
            page = list(map(Waiting._make, rows))
            if page:
                yield page
            if len(page) < PAGE:
                return
            begins = page[-1]

    def _rows(self, begins: Waiting | None) -> WorkItems:
        """What anybody here might take, in order, after a place in it."""
        queues, families, languages = self._within()
        rows = WorkItem.objects.filter(
            state=WorkItem.State.WAITING, queue__in=queues, family__in=families, language__in=languages
        )
        if self._passed:
            rows = rows.exclude(pk__in=self._passed)
        for (queue, family, language, requirements), since in self._hopeless.items():
            rows = rows.exclude(
                queue=queue, family=family, language=language, requirements=requirements, queued_at__gte=since
            )
        if begins is not None:
            after = Q(rank_at__gt=begins.rank_at) | Q(rank_at=begins.rank_at, id__gt=begins.id)
            rows = rows.filter(after, rank_at__gte=begins.rank_at)
        return rows.in_order()

    def first_unlocked(self) -> WorkItem | None:
        if not self._free:
            return None
        rows = self._rows(None).select_related("interaction__citizen", "interaction__case", "queue")
        return next(iter(rows.select_for_update(skip_locked=True, of=("self",))[:1]), None)

    def pass_over(self, item: WorkItem) -> None:
        """This one alone; those like it may fit."""
        self._passed.add(item.pk)

    def lock_head(self, user: User) -> tuple[WorkItem, states.Load] | None:
        """The first that nobody else holds, locked, and what this person has. It may be one they have no room for."""
        return head.lock(self._within(), user.pk) if self._free else None

    def _within(self) -> head.Within:
        """What anybody here might take."""
        agents = self._free.with_room
        return head.Within(
            self._queues & {queue for agent in agents for queue in agent.queues},
            {family for agent in agents for family in matching.FAMILIES if matching.has_room(agent, family)},
            {"", *(code for agent in agents for code in agent.attributes.languages)},
        )

    def fits(self, contact: matching.Contact, now: datetime) -> bool:
        return self._free.fitting(contact, now) is not None

    def contact(self, row: Waiting, not_to: frozenset[int]) -> matching.Contact:
        return matching.Contact(
            id=row.id, line=self._lines[row.queue], family=row.family, queued_at=row.queued_at, language=row.language,
            requirements=roster.read(row.requirements), not_to=not_to, last_agent=row.last_agent,
        )  # fmt: skip

    def is_hopeless(self, row: Waiting) -> bool:
        since = self._hopeless.get(_kind(row))
        return since is not None and row.queued_at >= since

    def give_up(self, row: Waiting, contact: matching.Contact, now: datetime) -> None:
        """Nobody takes this one. Where it isn't for its own reasons, nobody takes those like it that came later either:
        their circle is widened no further than this one's."""
        alike = replace(contact, not_to=frozenset(), last_agent=None)
        if self._free.fitting(alike, now) is None:
            kind = _kind(row)
            self._hopeless[kind] = (
                min(row.queued_at, self._hopeless.get(kind, row.queued_at)) if contact.line.steps else EVER
            )


def _kind(row: Waiting) -> Kind:
    return (row.queue, row.family, row.language, row.requirements)
