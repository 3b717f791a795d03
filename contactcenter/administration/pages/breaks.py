"""Reasons for a break: which there are, what they are called, and in which order the menu offers them."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, gettext_lazy

from contactcenter.administration.pages.doors import administrator
from contactcenter.administration.pages.fields import TellingForm
from contactcenter.administration.pages.keeping import kept
from contactcenter.administration.pages.opened import Opened, alone
from contactcenter.queues import break_reasons
from contactcenter.queues.models import BreakReason, Presence
from crm.models import User

PAGE, LIST = "settings/break.html", "settings-breaks"


class BreakForm(TellingForm):
    """`reason` = the one that is changed; without it the form also asks for a short name."""

    slug = forms.SlugField(
        label=gettext_lazy("Short name"), max_length=30,
        help_text=gettext_lazy("For programs and figures; it can't be changed later."),
    )  # fmt: skip
    active = forms.BooleanField(
        label=gettext_lazy("In use"), required=False,
        help_text=gettext_lazy("Without the tick nobody is offered it any more; whoever is on such a break stays on it."),
    )  # fmt: skip

    def __init__(self, data: Any, *, reason: BreakReason | None = None) -> None:
        super().__init__(data, initial={"active": reason.active} if reason else None)
        self.unseen = dict(reason.names) if reason else {}  # languages that the form doesn't show stay
        del self.fields["slug" if reason else "active"]
        for code, name in settings.LANGUAGES:
            self.fields[f"names_{code}"] = forms.CharField(
                label=_("Name, %(language)s") % {"language": name}, required=False, max_length=break_reasons.LONGEST,
                initial=self.unseen.pop(code, ""), widget=forms.TextInput(attrs={"lang": code, "autocomplete": "off"}),
            )  # fmt: skip

    def place_of(self, place: str) -> str:
        return f"names_{settings.LANGUAGE_CODE[:2]}" if place == "names" else super().place_of(place)

    def columns(self) -> dict[str, Any]:
        """As the verbs take them."""
        given = self.cleaned_data
        names = {code: given[f"names_{code}"] for code, _name in settings.LANGUAGES}
        rest: dict[str, Any] = {name: given[name] for name in ("slug", "active") if name in given}
        return {**rest, "names": self.unseen | names}


@administrator("settings.change")
def index(request: HttpRequest, user: User) -> HttpResponse:
    rows = list(BreakReason.objects.all())
    away = Presence.objects.filter(status=Presence.Status.AWAY).values_list("reason", flat=True)
    told = [
        {
            "reason": row,
            "place": at + 1,
            "first": at == 0,
            "last": at == len(rows) - 1,
            "on_it": list(away).count(row.slug),
        }
        for at, row in enumerate(rows)
    ]
    return render(request, "settings/breaks.html", {"reasons": told})


@administrator("settings.change", "GET", "POST")
def create(request: HttpRequest, user: User) -> HttpResponse:
    form = BreakForm(request.POST if request.method == "POST" else None)
    return kept(
        request, form, lambda: break_reasons.create(actor=user, **form.columns()),
        said=_("Kept. The menu of the presence offers it from now on."), leads_to=LIST, page=PAGE,
    )  # fmt: skip


@administrator("settings.change", "GET", "POST")
def edit(request: HttpRequest, user: User, slug: str) -> HttpResponse:
    with alone(request, BreakReason.objects.all()):
        reason = get_object_or_404(BreakReason, slug=slug)
        form = BreakForm(request.POST if request.method == "POST" else None, reason=reason)
        opened = Opened(request, user, form, kind="break-reason", name=slug)
        return kept(
            request, form, lambda: break_reasons.change(reason=reason, actor=user, **form.columns()),
            said=_("Kept. What is set here holds from now on."), leads_to=LIST, page=PAGE, opened=opened,
            reason=reason,
        )  # fmt: skip


@administrator("settings.change", "POST")
def move(request: HttpRequest, user: User, slug: str) -> HttpResponse:
    """One place up or down; the page comes back where the reason is now."""
    reason = get_object_or_404(BreakReason, slug=slug)
    up = request.POST.get("to") == "up"
    if break_reasons.move(reason=reason, up=up, actor=user):
        text = _("“%(name)s” is offered earlier now.") if up else _("“%(name)s” is offered later now.")
        messages.success(request, text % {"name": reason})
    answer = redirect(LIST)
    answer["Location"] += f"#break-{slug}"
    return answer
