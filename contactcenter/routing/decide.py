"""Which queue a contact goes to, and why in words. Rules with conditions join here; the shape stays."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Facts:
    account_queue: str  # slug of the account's own queue
    topic: str = ""  # slug of the chosen topic
    topic_queues: Mapping[str, str] = field(default_factory=dict)  # topic slug → queue slug
    priorities: Mapping[str, int] = field(default_factory=dict)  # queue slug → base priority
    automatic: bool = False  # written by a program


@dataclass(frozen=True)
class Decision:
    queue: str
    priority: int
    why: str  # a msgid with its reason: "topic" or "account"


def decide(facts: Facts) -> Decision:
    """The topic's queue where the citizen chose a topic that has one, else the account's."""
    queue = facts.topic_queues.get(facts.topic, "") if facts.topic else ""
    chosen = queue or facts.account_queue
    priority = facts.priorities.get(chosen, 0) - (10 if facts.automatic else 0)
    return Decision(queue=chosen, priority=priority, why="topic" if queue else "account")
