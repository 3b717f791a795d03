"""What a queue wants to know before a contact is finished there, and what may come of one.

An outcome of a queue is `{"key": "solved", "names": {"it": "risolto", "en": "solved"}}`. The key is what is kept, told and
counted, and never changes; names are read by people, each in their own language. A queue without outcomes takes words.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.text import slugify
from django.utils.translation import get_language, gettext as _

from contactcenter.queues.checking import Faults
from contactcenter.queues.models import Queue, WorkItem
from contactcenter.queues.spoken import spoken

NEEDS = ("outcome", "topic", "note")
LONGEST_OUTCOME = 80  # characters
LONGEST_KEY = 50
MOST_OUTCOMES = 40
Outcome = Mapping[str, Any]


class NotFilledIn(Exception):
    """Something is missing; `sentences` by field, "outcome", "topic", "note" or "callback"."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        super().__init__(" ".join(sentences.values()))
        self.sentences = dict(sentences)


def check(queue: Queue, *, outcome: str, has_topic: bool, has_note: bool) -> str:
    """The outcome as it is kept: the key of one that the queue knows, however it was named, or words.

    Raises `NotFilledIn` where the queue wants more, or another outcome than those it knows.
    """
    said = outcome.strip()[:LONGEST_OUTCOME]
    kept = key_of(queue, said)
    missing = {}
    if said and queue.outcomes and kept is None:
        known = ", ".join(name for _key, name in offered(queue))
        missing["outcome"] = _("Choose one of these: %(outcomes)s.") % {"outcomes": known}
    for name in unsaid(queue, outcome=said, has_topic=has_topic, has_note=has_note):
        missing[name] = _WANTS[name]() % {"queue": queue.name}
    if missing:
        raise NotFilledIn(missing)
    return kept or said


_WANTS = {
    "outcome": lambda: _("Say what came of it: %(queue)s wants to know."),
    "topic": lambda: _("Choose what it was about: %(queue)s wants to know."),
    "note": lambda: _("Write a note for colleagues: %(queue)s wants one."),
}


def unsaid(queue: Queue, *, outcome: str, has_topic: bool, has_note: bool) -> list[str]:
    """Which of its needs stay open."""
    said = {"outcome": bool(outcome.strip()), "topic": has_topic, "note": has_note}
    return [name for name in NEEDS if name in queue.wrap_up_needs and not said[name]]


def key_of(queue: Queue, said: str) -> str | None:
    """Of an outcome that is named by its key, or by its name in any language; None = none of these."""
    for outcome in queue.outcomes:
        if said.casefold() in {outcome["key"].casefold(), *(name.casefold() for name in outcome["names"].values())}:
            return str(outcome["key"])
    return None


def offered(queue: Queue) -> list[tuple[str, str]]:
    """Keys, and names in the reader's language."""
    return [(outcome["key"], called(outcome)) for outcome in queue.outcomes]


def called(outcome: Outcome) -> str:
    return spoken(outcome["names"], get_language() or "") or str(outcome["key"])


# --- setting it up ----------------------------------------------------------------------------------------------------


def tidied(given: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Without what has no name. Whatever has no key yet gets one from its name, and keeps it."""
    written = [(str(outcome.get("key") or ""), _names(outcome.get("names", {}))) for outcome in given]
    taken = {key for key, _names in written}
    found = []
    for key, names in written:
        if names:
            key = key or _key(spoken(names, settings.LANGUAGE_CODE), taken)
            taken.add(key)
            found.append({"key": key, "names": names})
    return found


def _names(given: Mapping[str, str]) -> dict[str, str]:
    tidy = {code: " ".join(name.replace("\x00", "").split()) for code, name in given.items()}
    return {code: name for code, name in tidy.items() if name}


def _key(name: str, taken: Collection[str]) -> str:
    base, n = slugify(name)[: LONGEST_KEY - 3].strip("-_") or "outcome", 1
    key = base
    while key in taken:
        n += 1
        key = f"{base}-{n}"
    return key


def check_outcomes(outcomes: Sequence[Outcome], faults: Faults) -> None:
    if len(outcomes) > MOST_OUTCOMES:
        faults.say("outcomes", _("Name %(n)d outcomes at most.") % {"n": MOST_OUTCOMES})
    keys = [outcome["key"] for outcome in outcomes]
    for number, outcome in enumerate(outcomes):
        place = f"outcomes.{number}"
        faults.slug(f"{place}.key", outcome["key"])
        if outcome["key"] in keys[:number]:
            faults.say(f"{place}.key", _("Two outcomes have the key “%(key)s”. Change one.") % {"key": outcome["key"]})
        faults.names(f"{place}.names", outcome["names"], LONGEST_OUTCOME)


def check_called(item: WorkItem) -> None:
    """A promise to call is kept, given up or taken back before its contact ends. Raises `NotFilledIn`."""
    if item.is_to_call:
        raise NotFilledIn(
            {"callback": _("A call was promised here. Say first what came of it, or that it isn't needed.")}
        )
