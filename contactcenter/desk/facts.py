"""What the system did, in words, from the log of facts. What isn't here is not worth a line in a conversation."""

from collections.abc import Callable
from functools import cache

from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from contactcenter.desk import call_facts, names
from contactcenter.templatetags.house import due, hour
from crm.models import Event, Interaction
from crm.prepared import PreparedModel

MOST = 200
SOME = 2_147_000_083  # stands for a conversation in the prepared statement
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
    to = names.somebody(str(event.data.get("to", "")))
    if to:
        return _("handed to %(who)s by %(name)s at %(time)s") % {
            "who": to, "name": _name(event), "time": hour(event.at),
        }  # fmt: skip
    words = {"name": _name(event), "queue": _queue(event, queues), "time": hour(event.at)}
    return _("passed on to %(queue)s by %(name)s at %(time)s") % words


def _offered(event: Event, queues: dict[str, str]) -> str:
    return _("offered to %(name)s at %(time)s") % {"name": _name(event), "time": hour(event.at)}


def _declined(event: Event, queues: dict[str, str]) -> str:
    return _("declined by %(name)s") % {"name": _name(event)}


def _expired(event: Event, queues: dict[str, str]) -> str:
    return _("%(name)s didn’t answer") % {"name": _name(event)}


def _given_back(event: Event, queues: dict[str, str]) -> str:
    words = {"name": names.somebody(str(event.data.get("had", ""))) or _("Somebody"), "time": hour(event.at)}
    if event.data.get("reason") == "rested":
        return _("in the queue again at %(time)s") % words
    if event.data.get("reason") == "connection lost":
        return _("%(name)s’s connection was lost at %(time)s, so it waits again, in front") % words
    return _("back in the queue at %(time)s: %(name)s went away") % words


OVERFLOWED: dict[str, Promise] = {
    "message": gettext_lazy("goes on in writing since %(time)s"),
    "callback": gettext_lazy("waited too long: asked at %(time)s whether to be called back"),
}


def _overflowed(event: Event, queues: dict[str, str]) -> str:
    if event.data.get("to") in OVERFLOWED:
        return str(OVERFLOWED[event.data["to"]]) % {"time": hour(event.at)}
    return _("moved on to %(queue)s at %(time)s, because it waited too long") % {
        "queue": _queue(event, queues), "time": hour(event.at),
    }  # fmt: skip


def _parked(event: Event, queues: dict[str, str]) -> str:
    until = parse_datetime(str(event.data.get("until", "")))
    if until is None:
        return _("put aside by %(name)s until the citizen writes") % {"name": _name(event)}
    return _("put aside by %(name)s until %(when)s") % {"name": _name(event), "when": due(until)}


def _resumed(event: Event, queues: dict[str, str]) -> str:
    return _("taken up again at %(time)s") % {"time": hour(event.at)}


def _consulted(event: Event, queues: dict[str, str]) -> str:
    who = names.somebody(str(event.data.get("who", ""))) or _("Somebody")
    return _("%(name)s asked %(who)s for help") % {"name": _name(event), "who": who}


def _consult_ended(event: Event, queues: dict[str, str]) -> str:
    return _("%(name)s stopped helping") % {"name": _name(event)}


def _watched(event: Event, queues: dict[str, str]) -> str:
    return _("%(name)s looked in as a supervisor at %(time)s") % {"name": _name(event), "time": hour(event.at)}


def _taken_over(event: Event, queues: dict[str, str]) -> str:
    words = {"name": _name(event), "time": hour(event.at), "who": names.somebody(str(event.data.get("had", "")))}
    if not words["who"]:
        return _("taken over by %(name)s at %(time)s") % words
    return _("taken over from %(who)s by %(name)s at %(time)s") % words


def _language(event: Event, queues: dict[str, str]) -> str:
    words = {"name": _name(event), "language": names.language(str(event.data.get("to", "")))}
    return _("language set to %(language)s by %(name)s") % words


def _closed(event: Event, queues: dict[str, str]) -> str:
    outcome = names.outcome(event.queue, str(event.data.get("reason", "")))
    words = {"name": _name(event), "time": hour(event.at), "outcome": outcome}
    if event.actor_id is None:
        return _("closed at %(time)s") % words
    if outcome:
        return _("closed by %(name)s at %(time)s: %(outcome)s") % words
    return _("closed by %(name)s at %(time)s") % words


def _unfilled(event: Event, queues: dict[str, str]) -> str:
    return _("the time to wrap up ran out at %(time)s: not filled in") % {"time": hour(event.at)}


def _filled_in(event: Event, queues: dict[str, str]) -> str:
    words = {"name": _name(event), "time": hour(event.at)}
    outcome = names.outcome(event.queue, str(event.data.get("outcome", "")))
    if outcome:
        return _("filled in by %(name)s at %(time)s: %(outcome)s") % {**words, "outcome": outcome}
    return _("filled in by %(name)s at %(time)s") % words


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


def _spam(event: Event, queues: dict[str, str]) -> str:
    return _("marked as spam by %(name)s") % {"name": _name(event)}


def _unlinked(event: Event, queues: dict[str, str]) -> str:
    number = event.case.number if event.case else ""
    return _("taken out of case %(number)s by %(name)s") % {"number": number, "name": _name(event)}


def _blocked(event: Event, queues: dict[str, str]) -> str:
    return _("address blocked by %(name)s") % {"name": _name(event)}


def _unblocked(event: Event, queues: dict[str, str]) -> str:
    return _("block lifted by %(name)s") % {"name": _name(event)}


class Linked(str):
    """Words that lead somewhere: `url` is an address of the desk."""

    url = ""


def _linked_to(words: str, public_id: object) -> str:
    linked = Linked(words)
    linked.url = reverse("desk-talk", args=[str(public_id)])
    return linked


def _answered_elsewhere(event: Event, queues: dict[str, str]) -> str:
    account = names.channel(names.accounts(), str(event.data.get("account", ""))).name
    words = {"name": _name(event), "account": account, "time": hour(event.at)}
    return _linked_to(_("answered through %(account)s by %(name)s at %(time)s") % words, event.data["to"])


def _topic_set(event: Event, queues: dict[str, str]) -> str:
    return _("topic set by %(name)s at %(time)s") % {"name": _name(event), "time": hour(event.at)}


def _started(event: Event, queues: dict[str, str]) -> str:
    words = {"name": _name(event), "time": hour(event.at)}
    return _linked_to(_("begun by %(name)s at %(time)s, as the answer to another contact") % words, event.data["from"])


def _merged(event: Event, queues: dict[str, str]) -> str:
    words = {"name": _name(event), "time": hour(event.at)}
    if "into" in event.data:
        return _linked_to(_("merged into another conversation by %(name)s at %(time)s") % words, event.data["into"])
    return _linked_to(
        _("another conversation was merged into this one by %(name)s at %(time)s") % words, event.data["from"]
    )


def _split(event: Event, queues: dict[str, str]) -> str:
    words = {"name": _name(event), "time": hour(event.at)}
    if "to" in event.data:
        return _linked_to(_("a part was split off by %(name)s at %(time)s") % words, event.data["to"])
    return _linked_to(_("split off from another conversation by %(name)s at %(time)s") % words, event.data["from"])


def _queue(event: Event, queues: dict[str, str]) -> str:
    return queues.get(event.queue, event.queue)


WORDS: dict[str, Words] = {
    "interaction.queued": _queued,
    "interaction.closed": _closed,
    "interaction.reopened": _reopened,
    "item.claimed": _claimed,
    "item.released": _released,
    "item.transferred": _transferred,
    "item.returned": _given_back,
    "item.overflowed": _overflowed,
    "item.unfilled": _unfilled,
    "item.filled_in": _filled_in,
    "item.parked": _parked,
    "item.resumed": _resumed,
    "item.consulted": _consulted,
    "item.consult_ended": _consult_ended,
    "item.taken_over": _taken_over,
    "item.abandoned": _abandoned,
    "interaction.watched": _watched,
    "offer.made": _offered,
    "offer.declined": _declined,
    "offer.expired": _expired,
    "interaction.language_corrected": _language,
    "case.linked": _linked,
    "case.unlinked": _unlinked,
    "interaction.marked_spam": _spam,
    "contact-point.blocked": _blocked,
    "contact-point.unblocked": _unblocked,
    "interaction.answered_elsewhere": _answered_elsewhere,
    "interaction.started": _started,
    "interaction.merged": _merged,
    "interaction.split": _split,
    "interaction.topic_set": _topic_set,
    "visitor.left": _left,
    "visitor.returned": _returned,
    "visitor.ended": _ended,
    "visitor.idle": _idle,
    **call_facts.WORDS,
    "citizen.renamed": _renamed,
    "contact-point.verified": _verified,
}


def of(interaction: Interaction) -> list[Event]:
    """The facts of a conversation that are told, oldest first; the newest `MOST` of them."""
    found = sorted(_newest().all(interaction.pk), key=lambda event: (event.at, event.pk))
    for event in found:
        if event.case_id is not None and event.case_id == interaction.case_id:
            event.case = interaction.case
    return found


@cache
def _newest() -> PreparedModel[Event]:
    rows = Event.objects.filter(interaction=SOME, name__in=sorted(WORDS))
    return PreparedModel(rows.only("name", "at", "queue", "actor", "case", "data").order_by("-id")[:MOST], SOME)


def words(event: Event, queues: dict[str, str]) -> str:
    return WORDS[event.name](event, queues)
