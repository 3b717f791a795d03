"""What a queue wants to know before a contact is finished there."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from contactcenter.queues.models import Queue, WorkItem

NEEDS = ("outcome", "topic")
LONGEST_OUTCOME = 80  # characters
MOST_OUTCOMES = 40


class NotFilledIn(Exception):
    """Something is missing; `sentences` by field, "outcome", "topic" or "callback"."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        super().__init__(" ".join(sentences.values()))
        self.sentences = dict(sentences)


def check(queue: Queue, *, outcome: str, has_topic: bool) -> None:
    """Raises `NotFilledIn` where the queue wants more, or another outcome than those it knows."""
    missing = {}
    if "outcome" in queue.wrap_up_needs and not outcome.strip():
        missing["outcome"] = _("Say what came of it: %(queue)s wants to know.") % {"queue": queue.name}
    elif outcome.strip() and queue.outcomes and outcome not in queue.outcomes:
        missing["outcome"] = _("Choose one of these: %(outcomes)s.") % {"outcomes": ", ".join(queue.outcomes)}
    if "topic" in queue.wrap_up_needs and not has_topic:
        missing["topic"] = _("Choose what it was about: %(queue)s wants to know.") % {"queue": queue.name}
    if missing:
        raise NotFilledIn(missing)


def check_called(item: WorkItem) -> None:
    """A promise to call is kept, given up or taken back before its contact ends. Raises `NotFilledIn`."""
    if item.is_to_call:
        raise NotFilledIn(
            {"callback": _("A call was promised here. Say first what came of it, or that it isn't needed.")}
        )
