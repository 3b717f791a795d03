"""Who may have a contact, and who gets it: pure, so that the house and a simulation decide alike.

Reference: the domain's usual rules (longest idle, least loaded, most skilled, preserve scarce skills, sticky), bullseye
steps that only ever widen, and capacity per family of channels with voice exclusive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from contactcenter.routing.expression import All, Attributes, Expression, every, terms

FAMILIES = ("call", "chat", "written")
CAPACITY: Mapping[str, int] = {"call": 1, "chat": 3, "written": 5}
LIVE = frozenset({"call", "chat"})  # somebody is waiting at the other end
OFFER_LASTS = {"call": timedelta(seconds=20), "chat": timedelta(seconds=30), "written": timedelta(minutes=5)}
GRACE = timedelta(seconds=45)  # without a heartbeat for longer, nobody sits there
PASSED_OVER = timedelta(
    minutes=2
)  # whoever declined or let an offer expire isn't asked about the same contact for so long


@dataclass(frozen=True)
class Agent:
    """Somebody who could take something now. `used` counts what they own and what is offered to them."""

    id: int
    queues: frozenset[int]
    attributes: Attributes
    capacity: Mapping[str, int] = field(default_factory=lambda: CAPACITY)
    used: Mapping[str, int] = field(default_factory=dict)
    idle_since: datetime | None = None  # when they last became free of work; None = not yet today


@dataclass(frozen=True)
class Step:
    """From `after` on, whoever meets `expression` may have it as well. Language is no part of it."""

    after: timedelta
    expression: Expression


@dataclass(frozen=True)
class Line:
    """How one queue finds its people."""

    id: int
    strategy: str = "longest-idle"
    sticky: timedelta = timedelta()
    requirements: Expression | None = None
    steps: tuple[Step, ...] = ()
    offers_last: Mapping[str, timedelta] = field(default_factory=dict)  # by family, where it isn't the usual

    def lasts(self, family: str) -> timedelta:
        """How long somebody is asked before the contact goes to another."""
        return self.offers_last.get(family, OFFER_LASTS[family])


@dataclass(frozen=True)
class Contact:
    """What waits. `language` empty = whoever; `not_to` were asked a moment ago and didn't take it."""

    id: int
    line: Line
    family: str
    queued_at: datetime
    language: str = ""
    requirements: Expression | None = None
    not_to: frozenset[int] = frozenset()
    last_agent: int | None = None  # who talked with this citizen last


def has_room(agent: Agent, family: str) -> bool:
    """A call wants the whole person: it is given to nobody in a live conversation, and nothing is given beside it.

    Written work keeps its slot beside a call: it is only paused.
    """
    used = agent.used.get
    if used("call", 0) or (family == "call" and any(used(live, 0) for live in LIVE)):
        return False
    return used(family, 0) < agent.capacity.get(family, 0)


def qualifies(agent: Agent, contact: Contact, now: datetime) -> bool:
    """Queue, language and skills, as far as waiting has widened the circle by now. Only ever grows with `now`."""
    if contact.line.id not in agent.queues:
        return False
    if contact.language and contact.language not in agent.attributes.languages:
        return False
    return _meets(agent.attributes, contact) or (
        _speaks(agent.attributes, contact)
        and any(step.expression.holds(agent.attributes) for step in steps_reached(contact, now))
    )


def _meets(attributes: Attributes, contact: Contact) -> bool:
    asked = (contact.line.requirements, contact.requirements)
    return all(expression is None or expression.holds(attributes) for expression in asked)


def _speaks(attributes: Attributes, contact: Contact) -> bool:
    """The part of what is asked that never relaxes."""
    asked = (contact.line.requirements, contact.requirements)
    return all(expression is None or language_part(expression).holds(attributes) for expression in asked)


@lru_cache(maxsize=2_000)
def language_part(expression: Expression) -> Expression:
    """Of conditions that must all hold, those that speak of languages."""
    parts = expression.inner() if isinstance(expression, All) else (expression,)
    return every(*(part for part in parts if terms(part).languages))


def steps_reached(contact: Contact, now: datetime) -> tuple[Step, ...]:
    waited = now - contact.queued_at
    return tuple(step for step in contact.line.steps if waited >= step.after)


def fits(agent: Agent, contact: Contact, now: datetime) -> bool:
    """May be offered it right now."""
    return agent.id not in contact.not_to and has_room(agent, contact.family) and qualifies(agent, contact, now)


def best(agents: Iterable[Agent], contact: Contact, now: datetime) -> Agent | None:
    """The one to offer it to; None where nobody fits. While the line is sticky, only the agent of last time is asked
    as long as that one is among `agents` (that is: here, whether or not there is room)."""
    here = list(agents)
    if contact.last_agent is not None and now - contact.queued_at < contact.line.sticky:
        familiar = [agent for agent in here if agent.id == contact.last_agent and agent.id not in contact.not_to]
        if familiar and qualifies(familiar[0], contact, now):
            return familiar[0] if fits(familiar[0], contact, now) else None
    able = [agent for agent in here if fits(agent, contact, now)]
    key = STRATEGIES[contact.line.strategy]
    return min(able, key=lambda agent: key(agent, contact), default=None)


def _idle(agent: Agent) -> tuple[float, int]:
    """Longest idle first; who has had nothing yet is idle longest. The id makes it certain."""
    return (agent.idle_since.timestamp() if agent.idle_since else 0.0, agent.id)


def _longest_idle(agent: Agent, _contact: Contact) -> tuple[float, ...]:
    return _idle(agent)


def _least_loaded(agent: Agent, _contact: Contact) -> tuple[float, ...]:
    room = sum(agent.capacity.values())
    return (sum(agent.used.values()) / room if room else 1.0, *_idle(agent))


def _most_skilled(agent: Agent, contact: Contact) -> tuple[float, ...]:
    skills, languages = _asked(contact)
    points = sum(agent.attributes.skills.get(skill, 0) for skill in skills)
    points += sum(agent.attributes.languages.get(language, 0) for language in languages)
    return (-points, *_idle(agent))


def _preserve_scarce(agent: Agent, contact: Contact) -> tuple[float, ...]:
    """Who can do least besides: the others stay free for what only they can."""
    skills, languages = _asked(contact)
    surplus = len(set(agent.attributes.skills) - skills) + len(set(agent.attributes.languages) - languages)
    return (surplus, *_idle(agent))


def _asked(contact: Contact) -> tuple[frozenset[str], frozenset[str]]:
    """Skills and languages that are wanted of whoever takes it."""
    skills: frozenset[str] = frozenset()
    languages = frozenset({contact.language} - {""})
    for expression in (contact.line.requirements, contact.requirements):
        if expression is not None:
            named = terms(expression)
            skills, languages = skills | named.skills, languages | named.languages
    return skills, languages


STRATEGIES: Mapping[str, Callable[[Agent, Contact], tuple[float, ...]]] = {
    "longest-idle": _longest_idle,
    "least-loaded": _least_loaded,
    "most-skilled": _most_skilled,
    "preserve-scarce": _preserve_scarce,
}
