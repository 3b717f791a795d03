"""Canned answers of the offices and of the house."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from contactcenter.administration.pages.canned_form import CannedForm
from contactcenter.administration.pages.doors import administrator
from contactcenter.administration.pages.keeping import kept
from contactcenter.administration.pages.opened import Opened, alone
from contactcenter.writing import canned
from contactcenter.writing.models import CannedAnswer, Scope
from crm import access
from crm.models import User

SHARED = (Scope.OFFICE, Scope.GLOBAL)


@administrator("settings.change")
def index(request: HttpRequest, user: User) -> HttpResponse:
    return render(request, "settings/canned.html", {"answers": canned.settable(actor=user, scope=SHARED)})


@administrator("settings.change", "GET", "POST")
def create(request: HttpRequest, user: User) -> HttpResponse:
    form = CannedForm(request.POST if request.method == "POST" else None, actor=user)
    return _kept(request, form, lambda: canned.add(actor=user, **form.columns(), **form.place()))


@administrator("settings.change", "GET", "POST")
def edit(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    with alone(request, CannedAnswer.objects.filter(public_id=public_id)):
        row = _shared(user, public_id)
        form = CannedForm(request.POST if request.method == "POST" else None, canned_answer=row)
        opened = Opened(request, user, form, kind="canned", name=row.public_id)
        return _kept(request, form, lambda: canned.change(canned=row, actor=user, **form.columns()), row, opened)


def _kept(
    request: HttpRequest, form: CannedForm, verb: Callable[[], object], row: CannedAnswer | None = None,
    opened: Opened | None = None,
) -> HttpResponse:  # fmt: skip
    said, page = _("Kept. What is set here holds from now on."), "settings/canned_answer.html"
    return kept(request, form, verb, said=said, leads_to="settings-canned", page=page, answer=row, opened=opened)


@administrator("settings.change", "POST")
def turn(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """Retire it, or offer it again."""
    row = _shared(user, public_id)
    try:
        (canned.retire if row.active else canned.restore)(canned=row, actor=user)
    except canned.Wrong as error:
        messages.error(request, str(error))
    return redirect("settings-canned")


def _shared(user: User, public_id: str) -> CannedAnswer:
    """Raises `NotVisible`, also for somebody's own."""
    row = canned.find(actor=user, public_id=public_id)
    if row.scope not in SHARED:
        raise access.NotVisible
    return row
