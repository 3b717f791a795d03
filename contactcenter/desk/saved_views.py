"""Views of the line: choosing what to see, keeping it under a name, taking it up again."""

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from contactcenter.accounts.models import ChannelAccount
from contactcenter.desk import filters, names
from contactcenter.desk.doors import desk, notice
from contactcenter.desk.filters import Filter
from contactcenter.desk.models import SavedView
from contactcenter.queues import rights
from contactcenter.queues.models import AgentLanguage, WorkItem
from crm import access, audit
from crm.models import User

MOST = 30  # of one person
NAME_LENGTH = 60


class CannotKeep(ValueError):
    """Why a view can't be kept, as a sentence."""


def of(user: User) -> QuerySet[SavedView]:
    return SavedView.objects.filter(Q(owner=user) | Q(owner=None))


def keep(*, name: str, chosen: Filter, actor: User, shared: bool = False) -> SavedView:
    """Under this name, instead of what had it. Raises `CannotKeep`, `Forbidden`."""
    access.require(actor, "view.share" if shared else "interaction.note")
    words = " ".join(name.replace("\x00", "").split())[:NAME_LENGTH]
    if not words:
        raise CannotKeep(_("Write a name for this view."))
    if not chosen:
        raise CannotKeep(_("Choose something first: this view would show everything."))
    with transaction.atomic():
        owner = None if shared else actor
        if SavedView.objects.filter(owner=owner).exclude(name=words).count() >= MOST:
            raise CannotKeep(_("There are %(n)d views already. Remove one first.") % {"n": MOST})
        view, _made = SavedView.objects.update_or_create(owner=owner, name=words, defaults={"filter": chosen.text})
        if shared:
            audit.record("view.shared", subject=f"view:{view.pk}", actor=actor, data={"name": words})
    return view


def remove(*, view: SavedView, actor: User) -> None:
    """Raises `Forbidden`."""
    if view.owner_id is None:
        access.require(actor, "view.share")
        audit.record("view.removed", subject=f"view:{view.pk}", actor=actor, data={"name": view.name})
    elif view.owner_id != actor.pk:
        raise access.Forbidden(_("This view is somebody else's."))
    view.delete()


# --- pages ---


@desk("GET")
def form(request: HttpRequest, user: User) -> HttpResponse:
    return _shown(request, user, filters.chosen(request))


def _shown(request: HttpRequest, user: User, chosen: Filter, *, status: int = 200) -> HttpResponse:
    queues = rights.readable(user).filter(active=True).order_by("name")
    accounts = (
        ChannelAccount.objects.filter(queue__in=queues) if not rights.sees_every_queue(user) else ChannelAccount.objects
    )
    waiting = WorkItem.objects.filter(state=WorkItem.State.WAITING).visible_to(user).order_by()
    spoken = {code[:2] for code in waiting.values_list("interaction__language", flat=True).distinct()[:50] if code}
    codes = spoken | {code for code, _name in settings.LANGUAGES} | ({chosen.language} if chosen.language else set())
    context = {
        "chosen": chosen,
        "queues": queues,
        "accounts": accounts.order_by("name"),
        "languages": sorted(((code, names.language(code)) for code in codes), key=lambda pair: pair[1]),
        "views": [(view, view.owner_id == user.pk or access.may(user, "view.share")) for view in of(user)],
        "ready": _ready(user),
        "may_share": access.may(user, "view.share"),
    }
    return render(request, "desk/_filter.html", context, status=status)


def _ready(user: User) -> list[tuple[str, str]]:
    """Views that everybody has without keeping any."""
    found = [(_("Everything"), ""), (_("Waits longer than ten minutes"), Filter(longer=10).text)]
    own = AgentLanguage.objects.filter(agent__user=user).exclude(language=settings.LANGUAGE_CODE[:2])
    codes = own.order_by("-level", "language").values_list("language", flat=True)[:3]
    words = _("In %(language)s")
    return found + [(words % {"language": names.language(code)}, Filter(language=code).text) for code in codes]


@desk("POST")
def add(request: HttpRequest, user: User) -> HttpResponse:
    chosen = filters.read(request.POST.dict())
    try:
        keep(name=request.POST.get("name", ""), chosen=chosen, actor=user, shared=bool(request.POST.get("shared")))
    except CannotKeep as error:
        return notice(request, str(error), status=422)
    return _shown(request, user, chosen)


@desk("POST")
def drop(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    remove(view=get_object_or_404(of(user), pk=pk), actor=user)
    return _shown(request, user, filters.chosen(request))
