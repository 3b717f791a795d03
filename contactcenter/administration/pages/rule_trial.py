"""Trying the rules out: what would become of a contact, step by step, and who would be asked. Nothing is kept."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.accounts.models import ChannelAccount
from contactcenter.queues import roster, rulebook
from contactcenter.queues.models import Queue
from contactcenter.routing import language as detection, matching
from contactcenter.routing.decide import Decision, decide, in_words, language_name
from crm.models import Topic, User


@dataclass(frozen=True)
class Trial:
    """`asked` would be asked in this order; the `others` serve the queue, each with what keeps them from being asked."""

    steps: list[str]
    queue: str
    requirements: str
    language: str
    priority: int
    asked: list[str] = field(default_factory=list)
    others: list[tuple[str, str]] = field(default_factory=list)


def tried(
    *, account: ChannelAccount, at: datetime, topic: Topic | None = None, language: str = "", words: str = "",
    citizen: Any = "known",
) -> Trial:  # fmt: skip
    """As a contact that came in through `account` at `at`; without a language it is told from the words."""
    steps = []
    family = account.adapter_class.abilities.family
    if not language and (guess := detection.detect(words)):
        language = guess.language
        steps.append(_("The words sound like this language: %(name)s.") % {"name": language_name(language)})
    facts = rulebook.facts(
        account=account.slug, account_queue=account.queue.slug, at=at, topic=topic, language=language, family=family,
        text=words, citizen=citizen,
    )  # fmt: skip
    decision = decide(facts, rulebook.known().rules)
    queue = rulebook.known().queues.get(decision.queue, account.queue)
    asked, others = _people(queue, decision, family)
    return Trial(
        [*steps, *map(in_words, decision.steps)], queue.name, decision.requirements,
        language_name(decision.language) if decision.language else "", decision.priority, asked, others,
    )  # fmt: skip


def _people(queue: Queue, decision: Decision, family: str) -> tuple[list[str], list[tuple[str, str]]]:
    now = timezone.now()
    contact = matching.Contact(
        id=0, line=roster.line_of(queue), family=family, queued_at=now, language=decision.language,
        requirements=roster.read(decision.requirements),
    )  # fmt: skip
    here = roster.present()
    order = _order(list(here.values()), contact, now) if queue.offers else []
    serving = [person for person in roster.known().people.values() if queue.pk in person.queues]
    names = {user.pk: user.display_name for user in User.objects.filter(pk__in=[person.id for person in serving])}
    others = [
        (names[person.id], _why_not(here.get(person.id), person, contact, now, queue))
        for person in serving
        if person.id not in order
    ]
    return [names[pk] for pk in order], others


def _order(agents: list[matching.Agent], contact: matching.Contact, now: datetime) -> list[int]:
    """Who would be asked, and who next when they decline."""
    order: list[int] = []
    while found := matching.best(agents, replace(contact, not_to=frozenset(order)), now):
        order.append(found.id)
    return order


def _why_not(
    here: matching.Agent | None, person: matching.Agent, contact: matching.Contact, now: datetime, queue: Queue
) -> str:
    if contact.language and contact.language not in person.attributes.languages:
        return _("doesn't speak %(language)s") % {"language": language_name(contact.language)}
    if not matching.qualifies(person, contact, now):
        step = next(
            (step for step in contact.line.steps if matching.qualifies(person, contact, now + step.after)), None
        )
        if step is None:
            return _("doesn't meet what is required")
        return _("only after %(n)d seconds of waiting") % {"n": step.after.total_seconds()}
    if here is None:
        return _("isn't available now")
    return _("has no room now") if queue.offers else _("picks from the list by themselves")
