"""Handing on, putting aside, asking somebody in, ending: the dialogs of a conversation and what they do."""

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.desk import actions, conversation, moments, names, people
from contactcenter.desk.doors import ask, desk, notice
from contactcenter.live import topics
from contactcenter.queues import consulting, hours, parking, roster, transfers
from contactcenter.queues.models import Queue, WorkItem
from contactcenter.templatetags.house import due
from crm.access import READERS
from crm.models import Interaction, Office, User

Line = tuple[Queue, bool, datetime | None, str]
Lines = list[Line]


# --- transfer ---


@desk("GET")
def transfer_form(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    interaction = conversation.find(user, public_id)
    return render(request, "desk/_transfer.html", _targets(user, interaction))


def _targets(user: User, interaction: Interaction, **chosen: object) -> dict[str, object]:
    item = actions.item_of(interaction)
    return {
        "interaction": interaction,
        "lines": _lines(interaction, item.language),
        "offices": _offices(item),
        "people": people.who_might_take(item, user),
        **chosen,
    }


def _lines(interaction: Interaction, language: str) -> Lines:
    """Every other queue; whether it is open, and when it opens; a warning where nobody there speaks the language that
    the contact goes on asking for: it would wait in vain."""
    queues = Queue.objects.filter(active=True).exclude(slug=interaction.queue).select_related("office", "calendar")
    return [_line(queue, language) for queue in queues]


def _offices(item: WorkItem) -> Lines:
    """The queue that each office would have it in, as `_lines`."""
    found = transfers.queues_of_offices(item).values()
    return [_line(queue, item.language) for queue in sorted(found, key=lambda queue: queue.office.name)]


def _line(queue: Queue, language: str) -> Line:
    now = timezone.now()
    return queue, hours.calendar(queue).is_open(now), moments.opening(queue, now), _unspoken(queue, language)


def _unspoken(queue: Queue, language: str) -> str:
    if not language or language in roster.languages_of(queue):
        return ""
    return _("nobody there speaks %(language)s") % {"language": names.language(language)}


@desk("POST")
def transfer(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """To a person, an office or a queue. A closed queue is asked about, not simply refused."""
    interaction, given = conversation.find(user, public_id), request.POST
    item, note = actions.item_of(interaction), given.get("note", "").strip()[: conversation.NOTE_LENGTH]
    closed_too = bool(given.get("closed_too"))
    try:
        if given.get("way") == "person":
            return _to_person(request, user, item, note)
        if given.get("way") == "office":
            office = get_object_or_404(Office, slug=given.get("office", "")[:50])
            queue = transfers.to_office(item=item, office=office, actor=user, note=note, closed_too=closed_too)
        else:
            queue = get_object_or_404(Queue, slug=given.get("queue", "")[:50], active=True)
            transfers.to_queue(item=item, queue=queue, actor=user, note=note, closed_too=closed_too)
    except transfers.ClosedQueue as error:
        chosen = {"closed": str(error), "chosen": given, "note": note}
        return ask(request, "desk/_transfer.html", _targets(user, interaction, **chosen))
    return actions.leave(request, _("It waits in %(queue)s now, since when it first came in.") % {"queue": queue.name})


def _to_person(request: HttpRequest, user: User, item: WorkItem, note: str) -> HttpResponse:
    person = _colleague(request)
    if person is None:
        gone = _gone(request)
        sentence = _("%(name)s doesn’t work here any more. Choose somebody else.") % {"name": gone}
        return notice(request, sentence if gone else _("Choose who gets it."), status=422)
    offer = transfers.to_person(item=item, person=person, actor=user, note=note)
    said = _("It is with %(name)s now.") if offer is None else _("%(name)s is being asked; until then it waits.")
    return actions.leave(request, said % {"name": person.display_name})


def _colleague(request: HttpRequest) -> User | None:
    """Whoever the form names, among those who work with contacts at all."""
    given = request.POST.get("person", "")
    rows = User.objects.filter(is_active=True, grants__role__in=READERS).distinct()
    return rows.filter(public_id=given).first() if topics.is_public_id(given) else None


def _gone(request: HttpRequest) -> str:
    """Name of whoever the form names, where they were switched off while it stood open."""
    given = request.POST.get("person", "")
    row = User.objects.filter(public_id=given, is_active=False).first() if topics.is_public_id(given) else None
    return row.display_name if row is not None else ""


# --- parking ---


@desk("GET")
def park_form(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    interaction = conversation.find(user, public_id)
    morning = moments.morning(actions.item_of(interaction).queue, timezone.now())
    return render(request, "desk/_park.html", {"interaction": interaction, "morning": due(morning), "at": morning})


@desk("POST")
def park(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    interaction = conversation.find(user, public_id)
    item = actions.item_of(interaction)
    until = _until(request, item.queue)
    parking.park(item=item, actor=user, until=until)
    if until is None:
        return actions.leave(request, _("Put aside until the citizen writes. You find it under “my work”."))
    return actions.leave(request, _("Put aside until %(when)s. You find it under “my work”.") % {"when": due(until)})


def _until(request: HttpRequest, queue: Queue) -> datetime | None:
    """The moment that was chosen; None = until the citizen writes. Raises `CannotPark`."""
    now, chosen = timezone.now(), request.POST.get("for", "")
    known = {"quarter": timedelta(minutes=15), "hour": timedelta(hours=1)}
    if chosen == "answer":
        return None
    if chosen in known:
        return now + known[chosen]
    return moments.morning(queue, now) if chosen == "morning" else _own(request.POST.get("at", ""))


def _own(text: str) -> datetime:
    """Raises `CannotPark`."""
    at = moments.written(text)
    if at is None:
        raise parking.CannotPark(_("Choose until when: a date and a time."))
    return at


@desk("POST")
def resume(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    parking.resume(item=actions.item_of(conversation.find(user, public_id)), actor=user)
    return actions.opened(request, user, public_id)


# --- asking somebody in ---


@desk("GET")
def consult_form(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    interaction = conversation.find(user, public_id)
    shown = {"interaction": interaction, "people": people.who_might_help(interaction, user)}
    return render(request, "desk/_consult.html", shown)


@desk("POST")
def consult(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    person = _colleague(request)
    if person is None:
        return notice(request, _("Choose whom to ask."), status=422)
    consulting.invite(item=actions.item_of(conversation.find(user, public_id)), colleague=person, actor=user)
    return actions.show(request, user, public_id, done="desk:done")


@desk("POST")
def leave(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """Stop helping; who isn't in it stays out."""
    consulting.leave(item=actions.item_of(conversation.find(user, public_id)), actor=user)
    return actions.show(request, user, public_id, done="desk:done")
