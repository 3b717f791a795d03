"""Every address that is blocked: who it is, on which channel, why, by whom, until when; found and lifted here."""

from django.contrib import messages
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.desk import names
from contactcenter.desk.doors import desk
from crm import access, blocks
from crm.models import ContactPoint, Interaction, User

PAGE = 50
WORDS = 80  # characters of a question


@desk("GET")
def index(request: HttpRequest, user: User) -> HttpResponse:
    """Those of citizens one may know of; the newest known address first."""
    access.require(user, "contact.block")
    return _page(request, user)


@desk("POST")
def lift(request: HttpRequest, user: User, point: int) -> HttpResponse:
    """Before its time, for a reason, which the audit trail keeps."""
    why = request.POST.get("why", "").replace("\x00", "").strip()
    if not why:
        return _page(request, user, sentence=_("Say why you lift it: it is kept beside who blocked it."), status=422)
    row = access.get(user, ContactPoint.objects.all(), pk=point)
    blocks.unblock(point=row, actor=user, why=why)
    messages.success(request, _("The block is lifted. What comes from there waits in a queue again."))
    return redirect("desk-blocked")


def _page(request: HttpRequest, user: User, *, sentence: str = "", status: int = 200) -> HttpResponse:
    asked = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:WORDS]
    after = request.GET.get("after", "")
    rows = _found(user, asked)
    if after.isascii() and after.isdigit() and len(after) < 19:
        rows = rows.filter(pk__lt=int(after))
    found = list(rows[: PAGE + 1])
    shown = {
        "rows": [
            (row, _who(row), names.channel(names.accounts(), getattr(row, "account", None) or ""))
            for row in found[:PAGE]
        ],
        "asked": asked,
        "after": found[PAGE - 1].pk if len(found) > PAGE else 0,
        "for_good": blocks.FOR_GOOD,
        "sentence": sentence,
    }
    return render(request, "desk/blocked.html", shown, status=status)


def _found(user: User, asked: str) -> QuerySet[ContactPoint]:
    talks = access.visible(user, Interaction.objects.filter(contact_point=OuterRef("pk"))).order_by("-opened_at", "-pk")
    rows = access.visible(user, ContactPoint.objects.filter(blocked_until__gt=timezone.now())).annotate(
        talk=Subquery(talks.values("public_id")[:1]), account=Subquery(talks.values("account")[:1])
    )
    for word in asked.split():
        rows = rows.filter(
            Q(value__icontains=word)
            | Q(name__icontains=word)
            | Q(citizen__name__icontains=word)
            | Q(blocked_why__icontains=word)
        )
    return rows.select_related("citizen", "blocked_by").order_by("-pk")


def _who(point: ContactPoint) -> str:
    citizen = point.citizen
    return names.called(citizen.name if citizen else "", citizen.pk if citizen else None, point.name, point.value)
