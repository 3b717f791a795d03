"""Running a macro: its steps in words first, then each through the verb that does it alone. The first refusal ends it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from babel import Locale
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language, gettext as _

from contactcenter.queues import languages, parking, transfers, work_items, wrap_up
from contactcenter.queues.models import Queue, WorkItem
from contactcenter.writing import canned, macros, placeholders, tongue
from contactcenter.writing.models import Macro
from crm import access, cases, interactions
from crm.models import Interaction, Topic, User

WAITS = {"quarter": timedelta(minutes=15), "hour": timedelta(hours=1), "day": timedelta(days=1)}


class CannotDo(Exception):
    """A step of a macro that can't be done here; the sentence says why."""


REFUSALS = (
    CannotDo, access.Forbidden, access.NotVisible, work_items.NotYours, work_items.NoRoom, transfers.ClosedQueue,
    transfers.NoQueue, parking.CannotPark, interactions.AlreadyClosed, interactions.StaleView, languages.Unknown,
    wrap_up.NotFilledIn,
)  # fmt: skip


@dataclass
class Insertion:
    """What the page puts into the composer: words of a canned answer, and whose use it will be."""

    text: str = ""
    canned: str = ""


@dataclass(frozen=True)
class Step:
    words: str
    do: Callable[[], object]


@dataclass(frozen=True)
class Ran:
    done: list[str]
    left: list[str]  # the first of them was refused
    refusal: str = ""
    insertion: Insertion = field(default_factory=Insertion)


def steps(*, macro: Macro, interaction: Interaction, actor: User) -> tuple[list[Step], Insertion]:
    """What it would do here, in its order. The insertion is empty until its step was done."""
    put, given = Insertion(), macro.steps
    makers: dict[str, Callable[[], Step]] = {
        "language": lambda: _language(interaction, actor, given["language"]),
        "topic": lambda: _topic(interaction, actor, given["topic"]),
        "note": lambda: _note(interaction, actor, given["note"]),
        "case": lambda: _case(interaction, actor),
        "answer": lambda: _answer(interaction, actor, given["answer"], put),
        "ending": lambda: _ending(interaction, actor, given),
    }
    return [make() for name, make in makers.items() if given.get(name)], put


def run(*, macro: Macro, interaction: Interaction, actor: User, based_on: int) -> Ran:
    """Do it. Raises `StaleView` before anything is done; what is refused later stands in the result."""
    access.get(actor, Interaction.objects.all(), pk=interaction.pk)
    interactions.check_version(interaction, based_on)
    planned, put = steps(macro=macro, interaction=interaction, actor=actor)
    done, refusal = 0, ""
    for step in planned:
        try:
            step.do()
        except REFUSALS as error:
            refusal = str(error) or _("This can’t be done here.")
            break
        done += 1
    macros.count(macro=macro, interaction=interaction, actor=actor, done=done, of=len(planned))
    words = [step.words for step in planned]
    return Ran(words[:done], words[done:], refusal, put)


def _language(interaction: Interaction, actor: User, code: str) -> Step:
    words = _("Set the language to %(language)s") % {"language": _called(code)}
    return Step(words, partial(languages.correct, interaction=interaction, language=code, actor=actor))


def _called(code: str) -> str:
    return str(Locale.parse((get_language() or "en")[:2]).languages.get(code, code)).lower()


def _topic(interaction: Interaction, actor: User, slug: str) -> Step:
    topic = Topic.objects.filter(slug=slug, active=True).first()

    def do() -> None:
        if topic is None:
            raise CannotDo(_("This topic isn’t in use any more."))
        interactions.set_topic(interaction=interaction, topic=topic, actor=actor)

    return Step(_("Set the topic to %(topic)s") % {"topic": topic.name if topic else slug}, do)


def _note(interaction: Interaction, actor: User, text: str) -> Step:
    known = placeholders.values(interaction=interaction, actor=actor, language=settings.LANGUAGE_CODE[:2])
    filled = placeholders.fill(text, known)
    words = _("Note for colleagues: “%(text)s”") % {"text": filled[:200]}
    return Step(words, partial(interactions.note, interaction=interaction, text=filled, actor=actor))


def _case(interaction: Interaction, actor: User) -> Step:
    if interaction.case is not None:
        return Step(_("Open a case (it has %(number)s already)") % {"number": interaction.case.number}, lambda: None)

    def do() -> None:
        subject = (interaction.subject or interaction.preview)[:300]
        cases.open_for(interaction=interaction, subject=subject, topic=interaction.topic, actor=actor)

    return Step(_("Open a case"), do)


def _answer(interaction: Interaction, actor: User, public_id: str, put: Insertion) -> Step:
    row = canned.usable(user=actor, interaction=interaction).filter(public_id=public_id).first()

    def do() -> None:
        if row is None:
            raise CannotDo(_("This canned answer isn’t offered here any more."))
        house = settings.LANGUAGE_CODE[:2]
        text, code = row.text_in(tongue.spoken(interaction) or house, house)
        known = placeholders.values(interaction=interaction, actor=actor, language=code)
        put.text, put.canned = placeholders.fill(text, known), str(row.public_id)

    return Step(_("Put “%(title)s” into the composer, to be read and sent") % {"title": row.title if row else "?"}, do)


def _ending(interaction: Interaction, actor: User, given: dict[str, str]) -> Step:
    if given["ending"] == "transfer":
        queue = Queue.objects.filter(slug=given.get("queue", ""), active=True).first()
        words = _("Pass it on to %(queue)s") % {"queue": queue.name if queue else given.get("queue", "")}
        return Step(words, lambda: _transfer(interaction, actor, queue))
    if given["ending"] == "park":
        until = given.get("until", "answer")
        words = _("Put it aside: %(until)s") % {"until": macros.UNTIL[until]}
        return Step(words, lambda: _park(interaction, actor, until))
    outcome = given.get("outcome", "")
    words = _("Close it: %(outcome)s") % {"outcome": outcome} if outcome else _("Close it")
    return Step(words, lambda: _close(interaction, actor, outcome))


def _transfer(interaction: Interaction, actor: User, queue: Queue | None) -> None:
    if queue is None:
        raise CannotDo(_("This queue isn’t in use any more."))
    transfers.to_queue(item=_item(interaction), queue=queue, actor=actor)


def _park(interaction: Interaction, actor: User, until: str) -> None:
    at = timezone.now() + WAITS[until] if until in WAITS else None
    parking.park(item=_item(interaction), actor=actor, until=at)


def _close(interaction: Interaction, actor: User, outcome: str) -> None:
    item = work_items.open_item(interaction)
    if item is None:
        interactions.close(interaction=interaction, actor=actor, reason=outcome)
    else:
        work_items.finish(item=item, actor=actor, outcome=outcome)


def _item(interaction: Interaction) -> WorkItem:
    item = work_items.open_item(interaction)
    if item is None:
        raise CannotDo(_("Nobody has to work on this any more: it is finished."))
    return item
