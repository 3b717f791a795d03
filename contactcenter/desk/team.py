"""The supervisor's page: who is there, in which state since when, with how much; and moving what lies in the wrong place."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, ngettext

from contactcenter.desk import fragments, names, people
from contactcenter.desk.doors import desk, is_fragment, notice
from contactcenter.desk.people import Colleague
from contactcenter.live import heads
from contactcenter.queues import colleagues, presence, rights, transfers
from contactcenter.queues.models import Presence, Queue, WorkItem
from contactcenter.templatetags.house import exact, since
from crm import access
from crm.models import Interaction, User

MOST = 200  # items that one page lists
STATES = [WorkItem.State.WAITING, WorkItem.State.OFFERED, WorkItem.State.CLAIMED, WorkItem.State.PARKED]


class Piece(NamedTuple):
    """One piece of work as the list shows it."""

    pk: int
    public_id: UUID
    who: str
    icon: str
    words: str
    queue: str
    state: str
    owner: str
    moment: str
    exact: str
    since: str


@desk("GET")
def page(request: HttpRequest, user: User) -> HttpResponse:
    """The whole page, or its live parts."""
    access.require(user, "presence.force")
    queue, state = request.GET.get("queue", "")[:50], request.GET.get("state", "")[:10]
    shown = _shown(user, queue, state)
    if not is_fragment(request):
        return render(request, "desk/team.html", {**shown._asdict(), "most": MOST, "desk": False})
    etag = _mark(user, shown)
    answer = fragments.unchanged(request, etag)
    if answer is not None:
        return answer
    drawn = render(request, "desk/_team.html", {**shown._asdict(), "most": MOST})
    drawn["ETag"] = etag
    return drawn


class Shown(NamedTuple):
    """Everything on the page."""

    people: list[Colleague]
    pieces: list[Piece]
    queues: list[Queue]
    queue: str
    state: str
    statuses: Sequence[tuple[str, Any]]


def _mark(user: User, shown: Shown) -> str:
    """Without the clocks: the page ticks them itself."""
    crowd = [(one.user.pk, one.at_desk, one.room, one.wrapping) for one in shown.people]
    return fragments.mark(user, {}, heads.short([crowd, [piece[:-1] for piece in shown.pieces]]))


def _shown(user: User, queue: str, state: str) -> Shown:
    queues = list(rights.readable(user).filter(active=True))
    return Shown(people.drawn(_team(user)), _pieces(user, queue, state), queues, queue, state, Presence.Status.choices)


def _team(user: User) -> list[User]:
    """Everybody who works in an office this person leads, by name."""
    rows = colleagues.led_by(user).filter(grants__role__in=access.READERS, is_active=True).distinct()
    return list(rows.order_by("first_name", "last_name", "id"))


def _pieces(user: User, queue: str, state: str) -> list[Piece]:
    rows = WorkItem.objects.filter(state__in=STATES, interaction__isnull=False).visible_to(user)
    if queue:
        rows = rows.filter(queue__slug=queue)
    if state == "waiting":
        rows = rows.filter(owner=None)
    elif state == "owned":
        rows = rows.filter(owner__isnull=False)
    along = ("queue", "interaction__citizen", "interaction__contact_point")
    return [
        _piece(item, item.interaction) for item in rows.select_related(*along).in_order()[:MOST] if item.interaction
    ]


def _piece(item: WorkItem, interaction: Interaction) -> Piece:
    return Piece(
        pk=item.pk,
        public_id=interaction.public_id,
        who=names.who(interaction),
        icon=names.channel(names.accounts(), interaction.account).icon,
        words=interaction.preview or interaction.subject,
        queue=item.queue.name,
        state=item.get_state_display(),
        owner=names.person(item.owner_id),
        moment=item.queued_at.isoformat(),
        exact=exact(item.queued_at),
        since=since(item.queued_at),
    )


# --- acting ---


@desk("POST")
def force(request: HttpRequest, user: User, public_id: UUID) -> HttpResponse:
    """Set somebody's presence, with a reason that they read."""
    access.require(user, "presence.force")
    somebody = next((one for one in _team(user) if one.public_id == public_id), None)
    if somebody is None:
        return notice(request, _("There is nobody by this name in your offices."), status=404)
    try:
        presence.force(
            user=somebody, status=request.POST.get("status", "")[:10], reason=request.POST.get("reason", ""), actor=user
        )
    except ValueError as error:
        return notice(request, str(error), status=422)
    return _again(request, user)


@desk("POST")
def move(request: HttpRequest, user: User) -> HttpResponse:
    """Many at once to another queue, whoever has them. A closed one is asked about."""
    given = request.POST
    queue = get_object_or_404(Queue, slug=given.get("to", "")[:50], active=True)
    ids = [int(text) for text in given.getlist("item")[:MOST] if text.isascii() and text.isdigit() and len(text) < 19]
    items = list(WorkItem.objects.filter(pk__in=ids).visible_to(user).select_related("queue"))
    if not items:
        return notice(request, _("Choose what to move first."), status=422)
    note = given.get("note", "").strip()[:8000]
    moved = transfers.move(items=items, queue=queue, actor=user, note=note, closed_too=bool(given.get("closed_too")))
    words = ngettext("%(n)d was moved to %(queue)s.", "%(n)d were moved to %(queue)s.", moved)
    return _again(request, user, words % {"n": moved, "queue": queue.name})


def _again(request: HttpRequest, user: User, said: str = "") -> HttpResponse:
    if not is_fragment(request):
        return redirect("desk-team")
    shown = _shown(user, request.POST.get("queue", "")[:50], request.POST.get("state", "")[:10])
    answer = render(request, "desk/_team.html", {**shown._asdict(), "most": MOST, "said": said})
    answer["HX-Trigger"] = "team:done"
    return answer
