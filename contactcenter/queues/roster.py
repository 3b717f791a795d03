"""Who could take contacts, as the pure matching wants to know it. What rarely changes is kept for two seconds a process."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from django.conf import settings
from django.db.models import Prefetch
from django.utils import timezone

from contactcenter.queues import states
from contactcenter.queues.models import Agent, AgentLanguage, AgentSkill, Presence, Queue
from contactcenter.routing import expression, matching
from contactcenter.routing.expression import Attributes, Expression
from crm.access import ACTIONS
from crm.models import Grant, User

FRESH_FOR = 2.0  # seconds that a changed skill, right or rule of a queue takes to count
DEFAULT_LEVEL = 3
NATIVE = 5


@dataclass(frozen=True)
class Roster:
    lines: Mapping[int, matching.Line]  # by id of the queue
    offering: frozenset[int]  # queues whose contacts are offered
    picking: frozenset[int]  # queues whose contacts may be picked from the list
    people: Mapping[int, matching.Agent]  # by id of the user, without what they have to do

    @cached_property
    def languages(self) -> Mapping[int, frozenset[str]]:
        """What the people of each queue speak, whether they are there now or not."""
        found: dict[int, set[str]] = defaultdict(set)
        for person in self.people.values():
            for queue in person.queues:
                found[queue] |= person.attributes.languages.keys()
        return {queue: frozenset(codes) for queue, codes in found.items()}


_kept: dict[str, tuple[float, Roster]] = {}


def forget() -> None:
    """What was changed in this process counts from now on."""
    _kept.clear()


def known() -> Roster:
    """Everybody who may take contacts somewhere, with their queues and abilities, at most two seconds old."""
    kept = _kept.get("roster")
    if kept is None or time.monotonic() - kept[0] > FRESH_FOR:
        kept = _kept["roster"] = (time.monotonic(), _read())
    return kept[1]


def line_of(queue: Queue) -> matching.Line:
    return matching.Line(
        id=queue.pk,
        strategy=queue.strategy,
        sticky=timedelta(seconds=queue.sticky_seconds),
        requirements=read(queue.requirements),
        steps=tuple(
            matching.Step(timedelta(seconds=step["after"]), expression.read(step["requirements"]))
            for step in queue.steps
        ),
        offers_last={family: timedelta(seconds=seconds) for family, seconds in queue.offer_lasts.items()},
    )


def offer_lasts(queue_id: int, family: str) -> timedelta:
    """As the queue says; one that nothing is known of asks as long as usual."""
    line = known().lines.get(queue_id)
    return line.lasts(family) if line else matching.OFFER_LASTS[family]


def read(text: str) -> Expression | None:
    """Requirements as they were kept; pages and programs refuse what can't be read."""
    return expression.read(text) if text.strip() else None


def _read() -> Roster:
    queues = list(Queue.objects.filter(active=True).select_related("office"))
    return Roster(
        lines={queue.pk: line_of(queue) for queue in queues},
        offering=frozenset(queue.pk for queue in queues if queue.offers),
        picking=frozenset(queue.pk for queue in queues if queue.mode != Queue.Mode.PUSH),
        people=_people(queues),
    )


def _people(queues: list[Queue]) -> dict[int, matching.Agent]:
    grants: dict[int, list[Grant]] = defaultdict(list)
    for grant in Grant.objects.filter(role__in=ACTIONS["interaction.claim"], user__is_active=True):
        grants[grant.user_id].append(grant)
    profiles = {agent.user_id: agent for agent in _profiles()}
    return {user: _person(user, given, profiles.get(user), queues) for user, given in grants.items()}


def _profiles() -> Iterable[Agent]:
    skills = AgentSkill.objects.filter(skill__active=True).select_related("skill__topic")
    return Agent.objects.prefetch_related(
        Prefetch("skills", skills), Prefetch("languages", AgentLanguage.objects.all()), "home_queues"
    )


def _person(user: int, grants: list[Grant], profile: Agent | None, queues: list[Queue]) -> matching.Agent:
    may = frozenset(queue.pk for queue in queues if any(_covers(grant, queue) for grant in grants))
    offices = frozenset(queue.office.slug for queue in queues if queue.pk in may)
    if profile is None:
        return matching.Agent(user, may, Attributes(_own_language(), {}, frozenset(), offices, DEFAULT_LEVEL))
    home = frozenset(queue.pk for queue in profile.home_queues.all())
    skills = {row.skill.slug: row.level for row in profile.skills.all()}
    languages = {row.language: row.level for row in profile.languages.all()} or _own_language()
    topics = frozenset(row.skill.topic.slug for row in profile.skills.all() if row.skill.topic)
    return matching.Agent(
        id=user,
        queues=may & home if home else may,
        attributes=Attributes(languages, skills, topics, offices, profile.level),
        capacity=profile.capacity,
    )


def _covers(grant: Grant, queue: Queue) -> bool:
    return grant.office_id in (None, queue.office_id) and grant.queue in ("", queue.slug)


def _own_language() -> dict[str, int]:
    """Of somebody about whom nothing is noted: the office's own."""
    return {settings.LANGUAGE_CODE[:2]: NATIVE}


# --- with what they have to do now ---


def present(users: Iterable[int] | None = None) -> dict[int, matching.Agent]:
    """Those who take work now, with their loads. Two statements besides the one for the presences."""
    people = known().people
    rows = Presence.objects.filter(
        status=Presence.Status.AVAILABLE, break_next__isnull=True, missed=False, lost=False,
        seen_at__gte=timezone.now() - matching.GRACE,
    )  # fmt: skip
    if users is not None:
        rows = rows.filter(user__in=list(users))
    idle = {user: at for user, at in rows.values_list("user_id", "idle_since") if user in people}
    loads = states.loads(idle)
    return {user: replace(people[user], used=loads[user].used, idle_since=at) for user, at in idle.items()}


def as_agent(user: User, used: Mapping[str, int], idle_since: datetime | None = None) -> matching.Agent | None:
    """One person with a load that the caller has read under lock; None for somebody who takes no contacts."""
    person = known().people.get(user.pk)
    return replace(person, used=dict(used), idle_since=idle_since) if person else None


def languages_of(queue: Queue) -> frozenset[str]:
    """What the people of a queue speak, whether they are there now or not."""
    return known().languages.get(queue.pk, frozenset())
