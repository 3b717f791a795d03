"""Macros at the desk: choose one, read what it would do, run it; and the page of one's own."""

import json
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from contactcenter.administration.pages.keeping import kept
from contactcenter.administration.pages.macro_form import MacroForm
from contactcenter.administration.pages.opened import Opened, alone
from contactcenter.desk import actions, conversation
from contactcenter.desk.doors import ask, desk
from contactcenter.writing import macros, running
from contactcenter.writing.models import Macro, Scope
from crm import access, interactions
from crm.models import Interaction, User

MOST = 100


@desk("GET")
def choose(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    interaction = conversation.find(user, public_id)
    found = macros.usable(user=user, interaction=interaction)[:MOST]
    return render(request, "desk/_macros.html", {"interaction": interaction, "macros": found})


@desk("GET")
def preview(request: HttpRequest, user: User, public_id: str, macro: str) -> HttpResponse:
    """What it would do here, in words."""
    interaction = conversation.find(user, public_id)
    row = _usable(user, interaction, macro)
    steps, _put = running.steps(macro=row, interaction=interaction, actor=user)
    return render(request, "desk/_macro.html", {"interaction": interaction, "macro": row, "steps": steps})


@desk("POST")
def run(request: HttpRequest, user: User, public_id: str, macro: str) -> HttpResponse:
    """409 where something came in since the preview, and where a step was refused: then with what was done before."""
    interaction = conversation.find(user, public_id)
    row = _usable(user, interaction, macro)
    try:
        ran = running.run(macro=row, interaction=interaction, actor=user, based_on=actions.based_on(request))
    except interactions.StaleView:
        stale = _("Something came in meanwhile. Read it first; then do it again if it still fits.")
        return actions.show(request, user, public_id, status=409, done="desk:stale", stale=stale)
    if ran.refusal:
        return ask(request, "desk/_macro_refused.html", {"interaction": interaction, "macro": row, "ran": ran})
    if row.steps.get("ending") in {"transfer", "park"}:
        return actions.leave(request, _("Done: %(steps)s.") % {"steps": "; ".join(ran.done)})
    put = {"text": ran.insertion.text, "id": ran.insertion.canned} if ran.insertion.text else None
    return actions.show(request, user, public_id, done=json.dumps({"desk:done": "", "desk:insert": put or {}}))


def _usable(user: User, interaction: Interaction, macro: str) -> Macro:
    return get_object_or_404(macros.usable(user=user, interaction=interaction), public_id=macro)


@desk("GET")
def own(request: HttpRequest, user: User) -> HttpResponse:
    return render(request, "desk/macros.html", {"macros": macros.settable(actor=user, personal=True)})


@desk("GET", "POST")
def create(request: HttpRequest, user: User) -> HttpResponse:
    form = _form(request, Macro(scope=Scope.PERSONAL, owner=user))
    return _kept(request, form, lambda: macros.add(actor=user, scope=Scope.PERSONAL, **form.columns()))


@desk("GET", "POST")
def edit(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    with alone(request, Macro.objects.filter(public_id=public_id)):
        row = _own(user, public_id)
        form = _form(request, row)
        opened = Opened(request, user, form, kind="macro", name=row.public_id)
        return _kept(request, form, lambda: macros.change(macro=row, actor=user, **form.columns()), row, opened)


def _form(request: HttpRequest, row: Macro) -> MacroForm:
    return MacroForm(request.POST if request.method == "POST" else None, macro=row, languages=list(settings.LANGUAGES))


def _kept(
    request: HttpRequest, form: MacroForm, verb: Callable[[], object], row: Macro | None = None,
    opened: Opened | None = None,
) -> HttpResponse:  # fmt: skip
    said, page = _("Kept. Press M in a conversation to run it."), "desk/macro.html"
    return kept(request, form, verb, said=said, leads_to="desk-macros-own", page=page, macro=row, opened=opened)


@desk("POST")
def turn(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """Retire one of one's own, or use it again."""
    row = _own(user, public_id)
    (macros.retire if row.active else macros.restore)(macro=row, actor=user)
    return redirect("desk-macros-own")


def _own(user: User, public_id: str) -> Macro:
    """Raises `NotVisible`, also for what is shared: that has its place in the settings."""
    row = macros.find(actor=user, public_id=public_id)
    if row.scope != Scope.PERSONAL:
        raise access.NotVisible
    return row
