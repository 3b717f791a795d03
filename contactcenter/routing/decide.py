"""Which queue a contact goes to, with which requirements, and why: step by step, so that everybody can follow. Pure.

Rules of the account (and those of every account) are read from top to bottom.

- A rule that holds and names no queue adds its requirements and its priority, and reading goes on.
- The first rule that holds and names a queue decides: it adds its own as well, and reading ends. What stands below it is
  not looked at.
- A rule whose queue can't take the contact is passed over whole: the queue is gone or switched off, or its office is
  closed and somebody is on the line (written words may wait for the morning).
- Where no rule decided, the queue of the topic takes it, and where that can't, the queue of the account, always.

Requirements add up: all of them must be met. The citizen's language is required besides wherever somebody of the chosen
queue speaks it, and never relaxed; where nobody does, it isn't asked for, since it would be waited for in vain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.utils.translation import get_language_info, gettext as _, gettext_noop

from contactcenter.routing import expression
from contactcenter.routing.rules import Conditions, Facts, Line, Rule, base, failing

__all__ = ["Conditions", "Decision", "Facts", "Line", "Rule", "Step", "decide", "in_words"]

BEHIND_PEOPLE = -10  # the priority of what a program wrote
LIVE = frozenset({"call", "chat"})  # somebody is waiting at the other end

What = Literal[
    "not-topics", "not-languages", "not-families", "not-citizen", "not-priorities", "not-hours", "not-words",
    "queue-unknown", "queue-inactive", "queue-closed", "requirements", "requirements-unreadable", "priority", "rule",
    "topic-inactive", "topic-closed", "topic", "account", "automatic", "language", "language-unspoken",
]  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One thing that was found. `queue` and `rule` are names for people; `text` the requirements or the language."""

    what: What
    rule: str = ""
    queue: str = ""
    text: str = ""
    number: int = 0


@dataclass(frozen=True)
class Decision:
    """`requirements` as in `expression`, empty = none; `language` empty = whoever; `why` is the step that chose it."""

    queue: str
    requirements: str
    priority: int
    language: str
    why: Step
    steps: tuple[Step, ...] = ()
    rule: int | None = None  # id of the rule that decided


@dataclass
class _Course:
    """What is gathered on the way."""

    priority: int = 0
    requirements: str = ""
    steps: list[Step] = field(default_factory=list)

    def say(self, what: What, **parameters: Any) -> Step:
        self.steps.append(Step(what, **parameters))
        return self.steps[-1]


def decide(facts: Facts, rules: Iterable[Rule] = ()) -> Decision:
    """See above. `rules` in their order; those of other accounts are left aside. Never fails: broken ones are told of."""
    course = _Course()
    queue, why, rule = _by_rule(facts, rules, course) or _by_topic(facts, course) or _by_account(facts, course)
    line = facts.queues.get(queue) or Line(queue)
    if facts.automatic:
        course.priority += BEHIND_PEOPLE
        course.say("automatic", number=BEHIND_PEOPLE)
    language = _language(facts, line, course)
    return Decision(
        queue, course.requirements, line.priority + course.priority, language, why, tuple(course.steps), rule
    )


Chosen = tuple[str, Step, int | None]


def _by_rule(facts: Facts, rules: Iterable[Rule], course: _Course) -> Chosen | None:
    for rule in rules:
        if rule.account not in ("", facts.account) or not _holds(rule, facts, course):
            continue
        _add(rule, course)
        if rule.queue:
            return rule.queue, course.say("rule", rule=rule.name, queue=facts.queues[rule.queue].name), rule.id
    return None


NOT: Mapping[str, What] = {
    "topics": "not-topics", "languages": "not-languages", "families": "not-families", "citizen": "not-citizen",
    "priorities": "not-priorities", "hours": "not-hours", "words": "not-words",
}  # fmt: skip


def _holds(rule: Rule, facts: Facts, course: _Course) -> bool:
    if failed := failing(rule.conditions, facts):
        course.say(NOT[failed], rule=rule.name)
        return False
    if not rule.queue:
        return True
    line = facts.queues.get(rule.queue)
    if line is None:
        course.say("queue-unknown", rule=rule.name, queue=rule.queue)
    elif not line.active:
        course.say("queue-inactive", rule=rule.name, queue=line.name)
    elif _is_shut(line, facts):
        course.say("queue-closed", rule=rule.name, queue=line.name)
    else:
        return True
    return False


def _is_shut(line: Line, facts: Facts) -> bool:
    return not line.open and facts.family in LIVE


def _add(rule: Rule, course: _Course) -> None:
    if rule.requirements.strip():
        try:
            course.requirements = _together(course.requirements, rule.requirements)
            course.say("requirements", rule=rule.name, text=rule.requirements)
        except expression.Mistake:  # refused when it is saved; one that slipped in must not stop the citizen
            course.say("requirements-unreadable", rule=rule.name, text=rule.requirements)
    if rule.priority:
        course.priority += rule.priority
        course.say("priority", rule=rule.name, number=rule.priority)


def _together(one: str, other: str) -> str:
    """Both, as a text that is certain to be read. Raises `Mistake`."""
    both = expression.every(expression.read(one), expression.read(other))
    return "" if both == expression.Anybody() else str(expression.read(str(both)))


def _by_topic(facts: Facts, course: _Course) -> Chosen | None:
    line = facts.queues.get(facts.topic_queue)
    if line is None:
        return None
    if not line.active:
        course.say("topic-inactive", queue=line.name)
    elif _is_shut(line, facts):
        course.say("topic-closed", queue=line.name)
    else:
        return facts.topic_queue, course.say("topic", queue=line.name), None
    return None


def _by_account(facts: Facts, course: _Course) -> Chosen:
    line = facts.queues.get(facts.account_queue) or Line(facts.account_queue)
    return facts.account_queue, course.say("account", queue=line.name), None


def _language(facts: Facts, line: Line, course: _Course) -> str:
    language = base(facts.language)
    if not language:
        return ""
    if language in {base(spoken) for spoken in line.languages}:
        course.say("language", queue=line.name, text=language)
        return language
    course.say("language-unspoken", queue=line.name, text=language)
    return ""


# --- in words ---------------------------------------------------------------------------------------------------------

WORDS: Mapping[What, str] = {
    "not-topics": gettext_noop("The rule “%(rule)s” doesn't apply: it is about another topic."),
    "not-languages": gettext_noop("The rule “%(rule)s” doesn't apply: it is about another language."),
    "not-families": gettext_noop("The rule “%(rule)s” doesn't apply: it is about other channels."),
    "not-citizen": gettext_noop("The rule “%(rule)s” doesn't apply: it is about other citizens."),
    "not-priorities": gettext_noop("The rule “%(rule)s” doesn't apply: it is about another priority."),
    "not-hours": gettext_noop("The rule “%(rule)s” doesn't apply at this hour."),
    "not-words": gettext_noop("The rule “%(rule)s” doesn't apply: none of its words is there."),
    "queue-unknown": gettext_noop("The rule “%(rule)s” is passed over: there is no queue “%(queue)s” any more."),
    "queue-inactive": gettext_noop("The rule “%(rule)s” is passed over: the queue %(queue)s is switched off."),
    "queue-closed": gettext_noop("The rule “%(rule)s” is passed over: the queue %(queue)s is closed now."),
    "requirements": gettext_noop("The rule “%(rule)s” asks for somebody with: %(text)s."),
    "requirements-unreadable": gettext_noop(
        "The requirements of the rule “%(rule)s” can't be used and are left out. Correct the rule."
    ),
    "priority": gettext_noop("The rule “%(rule)s” changes the priority by %(number)s."),
    "rule": gettext_noop("The rule “%(rule)s” leads to the queue %(queue)s."),
    "topic-inactive": gettext_noop("The topic belongs to the queue %(queue)s, which is switched off."),
    "topic-closed": gettext_noop("The topic belongs to the queue %(queue)s, which is closed now."),
    "topic": gettext_noop("The topic belongs to the queue %(queue)s."),
    "account": gettext_noop("This channel leads to the queue %(queue)s."),
    "automatic": gettext_noop("A program wrote this: it waits behind what people wrote (priority %(number)s)."),
    "language": gettext_noop("Somebody who speaks this language is needed: %(text)s."),
    "language-unspoken": gettext_noop(
        "Nobody in the queue %(queue)s speaks this language, so it isn't required: %(text)s."
    ),
}


def in_words(step: Step) -> str:
    """A whole sentence in the reader's language."""
    text = language_name(step.text) if step.what in ("language", "language-unspoken") else step.text
    return _(WORDS[step.what]) % {
        "rule": step.rule, "queue": step.queue, "text": text, "number": f"{step.number:+d}".replace("-", "−"),
    }  # fmt: skip


def language_name(code: str) -> str:
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code
