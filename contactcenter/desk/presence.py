"""Whether I take contacts: what I chose, what the house makes of it, and what becomes of my work when I go."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.contrib.auth.views import LogoutView
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST

from contactcenter.desk import names, work
from contactcenter.desk.doors import ask, desk, is_fragment, notice
from contactcenter.queues import presence
from contactcenter.queues.models import Presence
from contactcenter.routing.matching import LIVE
from crm import access
from crm.models import Event, User

Routing = Presence.Routing
# The house's view says nothing more than the person's own choice does.
SAID_ALREADY = {Routing.OFFLINE, Routing.BREAK}
TOLD_FOR = timedelta(minutes=10)  # how long somebody who was set to available reads by whom


@dataclass(frozen=True)
class AtDesk:
    """Somebody's presence as pages show it. `since` says how long the house has seen it so."""

    status: str
    chosen: str
    reason: str
    made: str  # "free", "at work, 3" …; "" = nothing to add
    dot: str
    since: datetime | None
    missed: bool = False
    lost: bool = False
    break_next: bool = False
    forced: str = ""  # who set them so and why; a sentence


def of(user: User, work: int = 0) -> AtDesk:
    """One's own. `work`: how many contacts are with them."""
    told = Event.objects.filter(name="presence.changed", at=OuterRef("since"), actor=OuterRef("user")).values("data")
    row = Presence.objects.filter(user=user).annotate(told=Subquery(told[:1])).first()
    return replace(shown(row, work), forced=_forced(row, row.told or {}) if row is not None else "")


def _forced(row: Presence, told: dict[str, str]) -> str:
    """Who set them so and why, while it holds; "" = they themselves did."""
    by = names.somebody(told.get("by", ""))
    if not by or (row.status == Presence.Status.AVAILABLE and row.since < timezone.now() - TOLD_FOR):
        return ""
    words = {"name": by, "state": row.get_status_display(), "why": told.get("why", "")}
    return _("%(name)s has set you to “%(state)s”: %(why)s") % words


def shown(row: Presence | None, work: int = 0) -> AtDesk:
    if row is None:
        return AtDesk("offline", str(Presence.Status.OFFLINE.label), "", "", "offline", None)
    return AtDesk(
        status=row.status,
        chosen=_chosen(row),
        reason=row.reason,
        made="" if row.routing in SAID_ALREADY else _made(row, work),
        dot=row.routing if row.routing in {Routing.NOT_RESPONDING, Routing.LOST} else row.status,
        since=row.routing_since or row.since,
        missed=row.missed and row.status == Presence.Status.AVAILABLE,
        lost=row.lost,
        break_next=row.break_next is not None,
    )


def _chosen(row: Presence) -> str:
    if row.status == Presence.Status.AWAY and row.reason:
        return f"{row.get_status_display()}: {names.break_reason(row.reason)}"
    if row.break_next is not None:
        return _("a break after this one")
    return row.get_status_display()


def _made(row: Presence, work: int) -> str:
    if row.routing == Routing.BUSY and work:
        return ngettext("at work on %(n)d", "at work on %(n)d", work) % {"n": work}
    return row.get_routing_display()


@desk("POST")
def change(request: HttpRequest, user: User) -> HttpResponse:
    """`status`, or a `reason` for a break; `after` = as soon as what is running has ended."""
    given = request.POST
    status, reason = given.get("status", "")[:10], given.get("reason", "")[:30]
    try:
        if reason and given.get("after"):
            presence.break_after_this(user=user, reason=reason)
        else:
            status = status or (Presence.Status.AWAY if reason else "")
            presence.change(user=user, status=status, reason=reason, handover=given.get("handover", "")[:10])
    except presence.OpenWork as error:
        return ask(request, "desk/_hand_over.html", _hand_over(error, leaves=False))
    except ValueError:
        return notice(request, _("Choose one of: available, on a break, offline."), status=422)
    return _drawn(request, user)


def _drawn(request: HttpRequest, user: User) -> HttpResponse:
    if not is_fragment(request):
        return redirect("desk")
    mine = work.mine(user).rows
    context = {"at_desk": of(user, len(mine)), "loads": work.loads(mine), "breaks": names.breaks()}
    answer = render(request, "desk/_presence.html", context)
    answer["HX-Trigger"] = "desk:changed"
    return answer


def _hand_over(error: presence.OpenWork, *, leaves: bool) -> dict[str, object]:
    """`leaves`: signing out, besides being offline."""
    found = [
        (names.channel(names.accounts(), item.interaction.account).icon, names.who(item.interaction), item)
        for item in error.items
        if item.interaction is not None
    ]
    written = any(item.family not in LIVE for item in error.items)
    return {
        "sentence": str(error),
        "items": found,
        "written": written,
        "leaves": leaves,
    }


# --- signing out ---


@require_POST
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """Being offline first: whoever leaves with work in their hands is asked what becomes of it."""
    user = request.user
    if isinstance(user, User) and access.may(user, "presence.set"):
        try:
            _go_offline(user, request.POST.get("handover", "")[:10])
        except presence.OpenWork as error:
            return ask(request, "desk/_hand_over.html", _hand_over(error, leaves=True))
    return LogoutView.as_view()(request)


def _go_offline(user: User, handover: str) -> None:
    """Who was offline already and keeps only what is written has answered this before. Raises `OpenWork`."""
    row = Presence.objects.filter(user=user).first()
    offline = row is None or row.status == Presence.Status.OFFLINE
    if offline and not any(item.family in LIVE for item in presence.open_work(user)):
        return
    presence.change(user=user, status=Presence.Status.OFFLINE, handover=handover)
