"""A line of citizens, and people who sit down to serve it."""

import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone, translation

from contactcenter.queues import presence, roster, work_items
from contactcenter.queues.models import Agent, AgentLanguage, AgentSkill, Queue, Skill, WorkItem
from crm import events
from crm.models import Citizen, Interaction, User
from tests.people import Town

Queues = Callable[..., WorkItem]
SitDown = Callable[..., User]


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """Sentences are read here as the code writes them."""
    with translation.override("en"):
        yield


@pytest.fixture
def queues_up(town: Town) -> Queues:
    """`queues_up("Giulia")` waits in the front office's line; `family`, `language`, `requirements` … as in `enqueue`."""

    def joined(
        who: str,
        *,
        family: str = "chat",
        queue: Queue | None = None,
        at: dt.datetime | None = None,
        priority: int = 0,
        **more: Any,
    ) -> WorkItem:
        line, begun = queue or town.front_queue, at or timezone.now()
        interaction = Interaction.objects.create(
            account="", family=family, queue=line.slug, office=line.office, opened_at=begun,
            citizen=Citizen.objects.create(name=who, created_at=begun), preview=f"{who} scrive",
        )  # fmt: skip
        item, fact = work_items.enqueue(interaction=interaction, queue=line, priority=priority, at=begun, **more)
        events.record(fact)
        return item

    return joined


@pytest.fixture
def sits_down(town: Town) -> SitDown:
    """`sits_down(anna, languages={"it": 5}, skills={"tributi": 3}, chat=3)`: able, and available."""

    def able(
        user: User, *, languages: dict[str, int] | None = None, skills: dict[str, int] | None = None, level: int = 3,
        there: bool = True, **slots: int,
    ) -> User:  # fmt: skip
        fields = {"level": level, **{f"{family}_slots": n for family, n in slots.items()}}
        agent, _made = Agent.objects.update_or_create(user=user, defaults=fields)
        for code, points in (languages or {}).items():
            AgentLanguage.objects.update_or_create(agent=agent, language=code, defaults={"level": points})
        for slug, points in (skills or {}).items():
            skill, _new = Skill.objects.get_or_create(slug=slug, defaults={"name": slug.title()})
            AgentSkill.objects.update_or_create(agent=agent, skill=skill, defaults={"level": points})
        roster.forget()
        if there:
            presence.change(user=user, status="available")
        return user

    return able


@pytest.fixture
def colleagues(town: Town) -> Callable[[int], list[User]]:
    """So many agents of the front office."""
    from tests.people import person

    numbers = itertools.count(1)
    return lambda count: [
        person(f"collega{n}", "Collega", str(n), "agent", town.front) for n in itertools.islice(numbers, count)
    ]
