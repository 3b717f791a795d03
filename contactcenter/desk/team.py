"""The supervisor's page: who is there, in which state since when, with what; and moving what lies in the wrong place."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, ngettext

from contactcenter.desk import crew, fragments, work
from contactcenter.desk.crew import Filter
from contactcenter.desk.doors import desk, is_fragment, notice
from contactcenter.live import heads, topics
from contactcenter.queues import presence, rights, transfers
from contactcenter.queues.models import Presence, Queue, WorkItem
from crm import access
from crm.models import User

MOST = 200  # items that one form chooses by hand
AT_ONCE = 200  # moved by one press where a whole filter is meant


@desk("GET")
def page(request: HttpRequest, user: User) -> HttpResponse:
    """The whole page, or its live part: 304 while its heads are the same."""
    access.require(user, "presence.force")
    queues = list(rights.readable(user).filter(active=True))
    found = heads.now(_topics(queues))
    if not is_fragment(request):
        return render(request, "desk/team.html", {**_shown(user, queues, found, request.GET), "desk": False})
    etag = fragments.mark(user, found, sorted(request.GET.items()))
    return fragments.unchanged(request, etag) or _drawn(request, _shown(user, queues, found, request.GET), etag)


def _drawn(request: HttpRequest, shown: dict[str, Any], etag: str) -> HttpResponse:
    answer = render(request, "desk/_team.html", shown)
    answer["ETag"] = etag
    return answer


def _topics(queues: Sequence[Queue]) -> list[str]:
    return ["team.all", *(queue.topic_group for queue in queues)][: topics.MOST]


def _shown(user: User, queues: list[Queue], found: heads.Heads, given: Mapping[str, str]) -> dict[str, Any]:
    """Everything on the page."""
    by, begins = Filter.read(given), work.Key.read(given.get("after", ""))
    pieces, after = crew.page(user, by, begins)
    return {
        "members": crew.members(user, queues, by),
        "figures": crew.figures(queues),
        "pieces": pieces,
        "after": after,
        "begins": str(begins) if begins else "",
        "queues": queues,
        "by": by,
        "statuses": Presence.Status.choices,
        "heads": json.dumps(found),
    }


# --- acting ---


@desk("POST")
def force(request: HttpRequest, user: User, public_id: UUID) -> HttpResponse:
    """Set somebody's presence, with a reason that they read."""
    access.require(user, "presence.force")
    somebody = next((one for one in crew.team(user) if one.public_id == public_id), None)
    if somebody is None:
        return notice(request, _("There is nobody by this name in your offices."), status=404)
    status = request.POST.get("set", "")[:10]  # `status` is the filter of the people
    try:
        presence.force(user=somebody, status=status, reason=request.POST.get("reason", ""), actor=user)
    except ValueError as error:
        return notice(request, str(error), status=422)
    return _again(request, user)


@desk("POST")
def move(request: HttpRequest, user: User) -> HttpResponse:
    """Many at once to another queue, whoever has them. A closed one is asked about, and so is a whole filter."""
    given = request.POST
    queue = get_object_or_404(Queue, slug=given.get("to", "")[:50], active=True)
    if given.get("everything"):
        return _move_everything(request, user, queue)
    ids = [int(text) for text in given.getlist("item")[:MOST] if text.isascii() and text.isdigit() and len(text) < 19]
    items = list(WorkItem.objects.filter(pk__in=ids).visible_to(user).select_related("queue"))
    if not items:
        return notice(request, _("Choose what to move first."), status=422)
    return _again(request, user, said=_moved(request, user, items, queue))


def _moved(request: HttpRequest, user: User, items: list[WorkItem], queue: Queue) -> str:
    given = request.POST
    note, closed_too = given.get("note", "").strip()[:8000], bool(given.get("closed_too"))
    moved = transfers.move(items=items, queue=queue, actor=user, note=note, closed_too=closed_too)
    words = ngettext("%(n)d was moved to %(queue)s.", "%(n)d were moved to %(queue)s.", moved)
    return words % {"n": moved, "queue": queue.name}


def _move_everything(request: HttpRequest, user: User, queue: Queue) -> HttpResponse:
    """All that the filter means, `AT_ONCE` by each press; how many they are is said before anything moves."""
    access.require(user, "interaction.take-over")
    by = Filter.read(request.POST)
    if by.queue == queue.slug:
        return notice(
            request, _("It is in %(queue)s already. Choose another queue.") % {"queue": queue.name}, status=422
        )
    said = ""
    if request.POST.get("confirmed"):
        found = [one.exclude(queue=queue).order_by("rank_at", "id") for one in crew.rows(user, by)]
        items = [item for one in found for item in one.select_related("queue")[:AT_ONCE]][:AT_ONCE]
        said = _moved(request, user, items, queue) if items else ""
    left = sum(one.exclude(queue=queue).count() for one in crew.rows(user, by))
    return _again(request, user, said=said, asked=_asked(request, queue, left) if left else None)


def _asked(request: HttpRequest, queue: Queue, left: int) -> dict[str, object]:
    """The question before it is done: how many, and where to."""
    kept = {name: request.POST.get(name, "")[:8000] for name in ("note", "closed_too")}
    now = min(left, AT_ONCE)
    return {"left": left, "now": now, "queue": queue, **kept}


def _again(request: HttpRequest, user: User, *, said: str = "", asked: dict[str, object] | None = None) -> HttpResponse:
    if not is_fragment(request) and asked is None:
        return redirect("desk-team")
    queues = list(rights.readable(user).filter(active=True))
    shown = _shown(user, queues, heads.now(_topics(queues)), request.POST)
    template = "desk/_team.html" if is_fragment(request) else "desk/team.html"
    answer = render(request, template, {**shown, "said": said, "asked": asked})
    answer["HX-Trigger"] = "team:done"
    return answer
