"""Canned answers: one's own, and those that are shared, for whoever may share."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, gettext_lazy

from contactcenter.administration.pages.doors import administrator
from contactcenter.administration.pages.fields import TellingForm
from contactcenter.writing import canned, placeholders
from contactcenter.writing.models import CannedAnswer
from crm import access
from crm.models import Office, Topic, User

OWN, EVERYBODY = "own", "all"


class CannedForm(TellingForm):
    """`answer` = the one that is changed: its scope stays, and it can be put out of use."""

    scope = forms.ChoiceField(label=gettext_lazy("Who uses it"))
    shortcut = forms.CharField(
        label=gettext_lazy("Shortcut"), max_length=40,
        help_text=gettext_lazy("What is typed after the slash: letters, digits and hyphens."),
    )  # fmt: skip
    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    topic = forms.ModelChoiceField(
        Topic.objects.filter(active=True), label=gettext_lazy("Topic"), required=False,
        empty_label=gettext_lazy("any"), help_text=gettext_lazy("Where it is talked about, this comes first."),
    )  # fmt: skip
    active = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)

    def __init__(self, data: Any, *, user: User, answer: CannedAnswer | None = None) -> None:
        kept = {row.language: row.text for row in answer.texts.all()} if answer else {}
        known = {name: getattr(answer, name) for name in ("shortcut", "title", "topic", "active")} if answer else {}
        super().__init__(data, initial=known)
        for code, name in settings.LANGUAGES:
            self.fields[f"text_{code}"] = forms.CharField(
                label=_("Words, %(language)s") % {"language": name}, required=False, initial=kept.get(code, ""),
                widget=forms.Textarea(attrs={"rows": 4, "lang": code}),
            )  # fmt: skip
        if answer is not None:
            del self.fields["scope"]
            self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput, initial=answer.version)
        else:
            del self.fields["active"]
            self.fields["scope"].choices = scopes(user)  # type: ignore[attr-defined]  # a ChoiceField

    def columns(self) -> dict[str, Any]:
        given = self.cleaned_data
        texts = {name.removeprefix("text_"): text for name, text in given.items() if name.startswith("text_")}
        return {"texts": texts, **{name: given[name] for name in ("shortcut", "title", "topic")}}


def scopes(user: User) -> list[tuple[str, str]]:
    """Whom somebody may write for: themselves where they answer, offices, everybody."""
    found = [(OWN, _("only me"))] if access.roles(user) & set(access.READERS) else []
    everywhere = canned.shares_everywhere(user)
    offices = Office.objects.all() if everywhere else Office.objects.filter(pk__in=canned.sharing_offices(user))
    found += [(str(office.pk), office.name) for office in offices.order_by("name")]
    return [*found, (EVERYBODY, _("everybody"))] if everywhere else found


@administrator("canned.write")
def index(request: HttpRequest, user: User) -> HttpResponse:
    rows = canned.writable(user) | canned.usable(user)
    mine = set(canned.writable(user).values_list("pk", flat=True))
    answers = rows.distinct().select_related("office", "topic").prefetch_related("texts")
    told = [(answer, answer.pk in mine) for answer in answers.order_by("-owner", "office__name", "shortcut")]
    return render(request, "settings/canned.html", {"answers": told, **_around(user)})


@administrator("canned.write", "GET", "POST")
def create(request: HttpRequest, user: User) -> HttpResponse:
    form = CannedForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_bound and form.is_valid():
        scope = form.cleaned_data["scope"]
        office = Office.objects.get(pk=int(scope)) if scope.isdigit() else None
        try:
            made = canned.add(actor=user, office=office, own=scope == OWN, **form.columns())
        except canned.Wrong as error:
            form.tell(error)
        else:
            messages.success(request, _("Kept. Type /%(name)s in an answer to use it.") % {"name": made.shortcut})
            return redirect("settings-canned")
    return _form(request, user, form)


@administrator("canned.write", "GET", "POST")
def edit(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    answer = get_object_or_404(canned.writable(user).select_related("office"), public_id=public_id)
    form = CannedForm(request.POST if request.method == "POST" else None, user=user, answer=answer)
    status = 200
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            canned.change(
                answer=answer, actor=user, active=given["active"], based_on=given["version"], **form.columns()
            )
        except canned.Wrong as error:
            form.tell(error)
        except canned.Changed as error:
            form.add_error(None, str(error))
            status = 409
        else:
            messages.success(request, _("Kept. What is set here holds from now on."))
            return redirect("settings-canned")
    return _form(request, user, form, answer, status)


@administrator("canned.write", "POST")
def remove(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    answer = get_object_or_404(canned.writable(user), public_id=public_id)
    canned.retire(answer=answer, actor=user)
    messages.success(request, _("%(name)s is removed.") % {"name": answer.title})
    return redirect("settings-canned")


def _form(
    request: HttpRequest, user: User, form: CannedForm, answer: CannedAnswer | None = None, status: int = 200
) -> HttpResponse:
    theirs = CannedAnswer.objects.prefetch_related("texts").get(pk=answer.pk) if answer and status == 409 else None
    shown = {
        "form": form,
        "answer": answer,
        "theirs": theirs,
        "placeholders": ["{{" + name + "}}" for name in placeholders.NAMES],
        **_around(user),
    }
    return render(request, "settings/canned_one.html", shown, status=status)


def _around(user: User) -> dict[str, bool]:
    return {"may_set_up": access.may(user, "settings.change")}
