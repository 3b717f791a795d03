"""What is wrong with a queue, a rule or somebody's abilities: place by place, in whole sentences.

Pages and programs show each sentence at its place; for requirements the character is known, too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from contactcenter.queues.models import Queue, Skill
from contactcenter.queues.models.people import MOST_SLOTS
from contactcenter.routing import expression
from contactcenter.routing.expression import Expression, Mistake, terms
from contactcenter.routing.matching import FAMILIES
from crm.models import Office, Topic

LANGUAGE = re.compile(r"[a-z]{2}")
TEXTS = ("greeting", "waiting", "closed", "emergency")
LONGEST_TEXT = 1000  # characters that citizens read
LONGEST_REQUIREMENTS = 500
PRIORITY = (-100, 100)
LEVEL = (1, 5)
DAY = 86_400
LONGEST_WAIT = 30 * DAY
MOST_STEPS = 10
OFFER_LASTS = (5, 3600)  # seconds
SLOTS = {"call": 1, "chat": MOST_SLOTS, "written": MOST_SLOTS}


class Wrong(ValueError):
    """Settings that can't be kept. `sentences` by place ("steps.0.requirements"); `mistakes` mark a character there."""

    def __init__(self, sentences: Mapping[str, list[str]], mistakes: Mapping[str, Mistake]) -> None:
        super().__init__(" ".join(sentence for place in sentences.values() for sentence in place))
        self.sentences, self.mistakes = sentences, mistakes


class Faults:
    """What was found so far."""

    def __init__(self) -> None:
        self.sentences: dict[str, list[str]] = {}
        self.mistakes: dict[str, Mistake] = {}

    def say(self, place: str, sentence: str) -> None:
        self.sentences.setdefault(place, []).append(sentence)

    def refuse(self) -> None:
        """Raises `Wrong` where anything was found."""
        if self.sentences:
            raise Wrong(self.sentences, self.mistakes)

    def number(self, place: str, value: int, least: int, most: int) -> None:
        if not least <= value <= most:
            self.say(
                place,
                _("Must be a whole number from %(least)d to %(most)d.") % {"least": least, "most": most},
            )

    def slug(self, place: str, value: str) -> None:
        if not expression.NAME.fullmatch(value):
            self.say(place, _("A short name has letters, digits, hyphens and underscores, 50 at most, and no spaces."))

    def one_of(self, place: str, value: str, known: Sequence[str]) -> None:
        if value not in known:
            self.say(place, _("“%(value)s” is unknown here. Known: %(known)s.") % {
                "value": value[:40], "known": ", ".join(each for each in known if each),
            })  # fmt: skip

    def language(self, place: str, code: str) -> None:
        if not LANGUAGE.fullmatch(code):
            self.say(place, _("“%(entry)s” is no code of a language, such as it or uk.") % {"entry": code[:20]})

    def names(self, place: str, names: Mapping[str, str], longest: int) -> dict[str, str]:
        """What something is called, by language, without what is empty; one language at least has a name."""
        kept = {code: " ".join(name.replace("\x00", "").split()) for code, name in names.items()}
        kept = {code: name for code, name in kept.items() if name}
        if not kept:
            self.say(place, _("Write the name in one language at least."))
        for code, name in kept.items():
            self.language(f"{place}.{code}", code)
            if len(name) > longest:
                self.say(f"{place}.{code}", _("That is more than %(n)d characters. Shorten it.") % {"n": longest})
        return kept

    def requirements(self, place: str, text: str, *, widens: bool = False) -> None:
        """`widens`: a step that lets more people have a contact; language is no part of it."""
        try:
            found = _read(text)
            _refuse_unknown(text, found)
            if widens and terms(found).languages:
                _refuse_language(text, found)
        except Mistake as mistake:
            self.say(place, mistake.sentence)
            self.mistakes[place] = mistake


def _read(text: str) -> Expression:
    found = expression.read(text)
    if len(text) > LONGEST_REQUIREMENTS:
        sentence = _("Requirements are %(number)d characters long at most. Shorten them.")
        raise Mistake(sentence % {"number": LONGEST_REQUIREMENTS}, LONGEST_REQUIREMENTS, 1, text)
    return found


def _refuse_language(text: str, found: Expression) -> None:
    place = re.search(r"languages", text, re.IGNORECASE)
    begin, end = place.span() if place else (0, len(text))
    raise Mistake(
        _("Language never relaxes. Leave languages out of the steps: they go on being required."),
        begin, end - begin, text,
    )  # fmt: skip


def _refuse_unknown(text: str, found: Expression) -> None:
    """What nobody can ever have would be waited for in vain. Raises `Mistake`."""
    named = terms(found)
    for code in sorted(named.languages):
        if not LANGUAGE.fullmatch(code):
            raise _at("languages", code, text, _("“%(name)s” is no code of a language, such as it or uk."))
    for kind, names, rows in (
        ("skills", named.skills, Skill.objects.all()),
        ("topics", named.topics, Topic.objects.all()),
        ("offices", named.offices, Office.objects.all()),
    ):
        if names:
            known = set(rows.filter(slug__in=names, active=True).values_list("slug", flat=True))
            for name in sorted(names - known):
                raise _at(kind, name, text, _UNKNOWN[kind]())


_UNKNOWN = {
    "skills": lambda: _("There is no skill “%(name)s” in use. Create it first, or correct its short name."),
    "topics": lambda: _("There is no topic “%(name)s” in use. Correct its short name."),
    "offices": lambda: _("There is no office “%(name)s” in use. Correct its short name."),
}


def _at(kind: str, name: str, text: str, sentence: str) -> Mistake:
    """Where the name stands among those of its kind."""
    word = re.escape(name)
    ways = (rf"\b{kind}\.({word})(?![\w-])", rf'\b{kind}\s[^)]*?"({word})"', rf'"({word})"')
    found = next((place for way in ways if (place := re.search(way, text, re.IGNORECASE))), None)
    begin, end = found.span(1) if found else (0, len(text))
    return Mistake(sentence % {"name": name}, begin, end - begin, text)


# --- a queue ----------------------------------------------------------------------------------------------------------


def check_queue(queue: Queue, faults: Faults) -> None:
    """The columns of a row that isn't kept yet; where it overflows to is looked at by `lines`."""
    if not queue.name.strip():
        faults.say("name", _("Write a name."))
    faults.number("priority", queue.priority, *PRIORITY)
    faults.one_of("mode", queue.mode, Queue.Mode.values)
    faults.one_of("strategy", queue.strategy, Queue.Strategy.values)
    faults.one_of("overflow", queue.overflow, Queue.Overflow.values)
    for name, most in (("sticky_seconds", LONGEST_WAIT), ("ageing_seconds", 7 * DAY), ("wrap_up_seconds", DAY)):
        faults.number(name, getattr(queue, name), 0, most)
    if queue.max_wait_seconds is not None:
        faults.number("max_wait_seconds", queue.max_wait_seconds, 1, LONGEST_WAIT)
    if queue.max_length is not None:
        faults.number("max_length", queue.max_length, 1, 100_000)
    faults.requirements("requirements", queue.requirements)
    _check_steps(queue.steps, faults)
    _check_targets(queue.targets, faults)
    for family, seconds in queue.offer_lasts.items():
        faults.one_of(f"offer_lasts.{family}", family, FAMILIES)
        faults.number(f"offer_lasts.{family}", seconds, *OFFER_LASTS)
    check_texts(queue, faults)


def check_texts(queue: Queue, faults: Faults) -> None:
    """What citizens read; during an emergency there must be something."""
    _check_texts(queue.texts, faults)
    if queue.emergency and not queue.texts.get("emergency"):
        faults.say("texts.emergency", _("Write what citizens read during the emergency, in one language at least."))


def _check_steps(steps: Sequence[Mapping[str, Any]], faults: Faults) -> None:
    if len(steps) > MOST_STEPS:
        faults.say("steps", _("There are more than %(number)d steps. Join some of them.") % {"number": MOST_STEPS})
    before = 0
    for number, step in enumerate(steps):
        faults.number(f"steps.{number}.after", step["after"], 1, LONGEST_WAIT)
        if number and step["after"] <= before:
            faults.say(f"steps.{number}.after", _("Each step comes later than the one before it. Put them in order."))
        before = step["after"]
        faults.requirements(f"steps.{number}.requirements", step["requirements"], widens=True)


def _check_targets(targets: Mapping[str, Sequence[int]], faults: Faults) -> None:
    for family, target in targets.items():
        place = f"targets.{family}"
        faults.one_of(place, family, FAMILIES)
        if len(target) != 2:
            faults.say(place, _("A target is a percentage and a number of seconds."))
            continue
        percent, seconds = target
        if not 1 <= percent <= 100:
            faults.say(place, _("The percentage goes from 1 to 100."))
        if not 1 <= seconds <= LONGEST_WAIT:
            faults.say(place, _("The time is at least one second, and at most %(days)d days.") % {"days": 30})


def _check_texts(texts: Mapping[str, Mapping[str, str]], faults: Faults) -> None:
    for name, by_language in texts.items():
        faults.one_of(f"texts.{name}", name, TEXTS)
        for code, text in by_language.items():
            place = f"texts.{name}.{code}"
            faults.language(place, code)
            if len(text) > LONGEST_TEXT:
                faults.say(place, _("That is more than %(n)d characters. Shorten it.") % {"n": LONGEST_TEXT})


def tidy_texts(texts: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Without what is empty."""
    written = {name: {code: text.strip() for code, text in texts[name].items() if text.strip()} for name in texts}
    return {name: by_language for name, by_language in written.items() if by_language}
