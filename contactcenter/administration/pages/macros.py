"""Macros of the offices and of the house."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from contactcenter.administration.pages.doors import administrator
from contactcenter.administration.pages.keeping import kept
from contactcenter.administration.pages.macro_form import MacroForm
from contactcenter.administration.pages.opened import Opened, alone
from contactcenter.writing import macros
from contactcenter.writing.models import Macro, Scope
from crm import access
from crm.models import User

LANGUAGES = list(settings.LANGUAGES)


@administrator("settings.change")
def index(request: HttpRequest, user: User) -> HttpResponse:
    return render(request, "settings/macros.html", {"macros": macros.settable(actor=user, personal=False)})


@administrator("settings.change", "GET", "POST")
def create(request: HttpRequest, user: User) -> HttpResponse:
    form = _form(request, Macro(scope=Scope.GLOBAL), actor=user)
    return _kept(request, form, lambda: macros.add(actor=user, **form.columns(), **form.place()))


@administrator("settings.change", "GET", "POST")
def edit(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    with alone(request, Macro.objects.filter(public_id=public_id)):
        row = _shared(user, public_id)
        form = _form(request, row)
        opened = Opened(request, user, form, kind="macro", name=row.public_id)
        return _kept(request, form, lambda: macros.change(macro=row, actor=user, **form.columns()), row, opened)


def _form(request: HttpRequest, row: Macro, *, actor: User | None = None) -> MacroForm:
    return MacroForm(request.POST if request.method == "POST" else None, macro=row, languages=LANGUAGES, actor=actor)


def _kept(
    request: HttpRequest, form: MacroForm, verb: Callable[[], object], row: Macro | None = None,
    opened: Opened | None = None,
) -> HttpResponse:  # fmt: skip
    said, page = _("Kept. What is set here holds from now on."), "settings/macro.html"
    return kept(request, form, verb, said=said, leads_to="settings-macros", page=page, macro=row, opened=opened)


@administrator("settings.change", "POST")
def turn(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """Retire it, or offer it again."""
    row = _shared(user, public_id)
    (macros.retire if row.active else macros.restore)(macro=row, actor=user)
    return redirect("settings-macros")


def _shared(user: User, public_id: str) -> Macro:
    """Raises `NotVisible`, also for somebody's own."""
    row = macros.find(actor=user, public_id=public_id)
    if row.scope == Scope.PERSONAL:
        raise access.NotVisible
    return row
