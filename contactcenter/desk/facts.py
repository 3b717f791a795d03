"""What the system did, in words, from the log of facts. What isn't here is not worth a line in a conversation."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from contactcenter.desk import names
from contactcenter.templatetags.house import hour
from crm.models import Event, Interaction

MOST = 200
Words = Callable[[Event, dict[str, str]], str]


def _name(event: Event) -> str:
    return names.person(event.actor_id) or _("Somebody")


def _queued(event: Event, queues: dict[str, str]) -> str:
    return _("waiting in %(queue)s since %(time)s") % {"queue": _queue(event, queues), "time": hour(event.at)}


def _claimed(event: Event, queues: dict[str, str]) -> str:
    return _("taken by %(name)s at %(time)s") % {"name": _name(event), "time": hour(event.at)}


def _released(event: Event, queues: dict[str, str]) -> str:
    return _("put back into the queue by %(name)s at %(time)s") % {"name": _name(event), "time": hour(event.at)}


def _transferred(event: Event, queues: dict[str, str]) -> str:
    words = {"name": _name(event), "queue": _queue(event, queues), "time": hour(event.at)}
    return _("passed on to %(queue)s by %(name)s at %(time)s") % words


def _closed(event: Event, queues: dict[str, str]) -> str:
    if event.actor_id is None:
        return _("closed at %(time)s") % {"time": hour(event.at)}
    return _("closed by %(name)s at %(time)s") % {"name": _name(event), "time": hour(event.at)}


def _reopened(event: Event, queues: dict[str, str]) -> str:
    return _("taken up again by a new message at %(time)s") % {"time": hour(event.at)}


def _linked(event: Event, queues: dict[str, str]) -> str:
    number = event.case.number if event.case else ""
    return _("made part of case %(number)s by %(name)s") % {"number": number, "name": _name(event)}


def _abandoned(event: Event, queues: dict[str, str]) -> str:
    return _("the citizen left at %(time)s, before anybody came") % {"time": hour(event.at)}


def _left(event: Event, queues: dict[str, str]) -> str:
    return _("the citizen left the page at %(time)s") % {"time": hour(event.at)}


def _returned(event: Event, queues: dict[str, str]) -> str:
    return _("the citizen came back at %(time)s") % {"time": hour(event.at)}


def _ended(event: Event, queues: dict[str, str]) -> str:
    return _("the citizen ended the conversation at %(time)s") % {"time": hour(event.at)}


def _idle(event: Event, queues: dict[str, str]) -> str:
    return _("the chat ended for the citizen at %(time)s: no word from them") % {"time": hour(event.at)}


def _renamed(event: Event, queues: dict[str, str]) -> str:
    return _("name corrected by %(name)s") % {"name": _name(event)}


def _verified(event: Event, queues: dict[str, str]) -> str:
    return _("address verified by %(name)s") % {"name": _name(event)}


def _queue(event: Event, queues: dict[str, str]) -> str:
    return queues.get(event.queue, event.queue)


WORDS: dict[str, Words] = {
    "interaction.queued": _queued,
    "interaction.closed": _closed,
    "interaction.reopened": _reopened,
    "item.claimed": _claimed,
    "item.released": _released,
    "item.transferred": _transferred,
    "item.abandoned": _abandoned,
    "case.linked": _linked,
    "visitor.left": _left,
    "visitor.returned": _returned,
    "visitor.ended": _ended,
    "visitor.idle": _idle,
    "citizen.renamed": _renamed,
    "contact-point.verified": _verified,
}


def of(interaction: Interaction) -> list[Event]:
    """The facts of a conversation that are told, oldest first; the newest `MOST` of them."""
    rows = Event.objects.filter(interaction=interaction, name__in=WORDS).only("name", "at", "queue", "actor", "case")
    found = sorted(rows.order_by("-id")[:MOST], key=lambda event: (event.at, event.pk))
    for event in found:
        if event.case_id is not None and event.case_id == interaction.case_id:
            event.case = interaction.case
    return found


def words(event: Event, queues: dict[str, str]) -> str:
    return WORDS[event.name](event, queues)
