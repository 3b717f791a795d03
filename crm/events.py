"""The append-only log of facts. Recording a fact announces it on commit, so no verb can forget to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from crm import announce, writing
from crm.models import Case, Event, Interaction, User

# What is said in a conversation concerns whoever watches it. Whoever lets a waiting one hear more says so by another fact.
QUIET = ("message.", "note.", "aside.")


def fact(
    name: str,
    *,
    interaction: Interaction | None = None,
    case: Case | None = None,
    actor: User | None = None,
    at: datetime | None = None,
    queue: str = "",
    data: dict[str, Any] | None = None,
) -> Event:
    """A fact in the past tense, not written yet. `data` holds numbers, slugs and public ids, never a citizen's words."""
    return Event(
        name=name,
        at=at or timezone.now(),
        interaction=interaction,
        case=case or (interaction.case if interaction and interaction.case_id else None),
        actor=actor,
        queue=queue or (interaction.queue if interaction else ""),
        account=interaction.account if interaction else "",
        data=data or {},
        quiet=name.startswith(QUIET),
    )


def record(
    *facts: Event, also: tuple[tuple[str, int], ...] = (), along: Sequence[writing.Write] = ()
) -> tuple[Event, ...]:
    """Write facts in the running transaction and announce the screens that show them.

    `also`: further topics. `along`: changes that are sent together with the facts, before them.
    """
    writing.written(facts, writing.send(*along, writing.insertion(facts)))
    announce.look_again(
        [*(topic for event in facts if not event.quiet for topic in _topics(event)), *also],
        quiet=[topic for event in facts if event.quiet for topic in _topics(event)],
    )
    return facts


def _topics(event: Event) -> list[tuple[str, int]]:
    topics = []
    if event.interaction is not None:
        topics.append((event.interaction.topic_group, event.interaction.version))
    if event.case_id and event.case is not None:
        topics.append((f"case.{event.case.public_id}", event.case.version))
    if event.queue and not event.quiet:
        topics.append((f"queue.{event.queue}", event.pk or 0))
    return topics
