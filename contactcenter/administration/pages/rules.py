"""Rules from contact to queue: the list in its order, setting one up, and trying them out."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from contactcenter.accounts.models import ChannelAccount
from contactcenter.administration.pages import rule_form, rule_trial
from contactcenter.administration.pages.doors import administrator
from contactcenter.administration.pages.opened import Opened, alone
from contactcenter.administration.pages.rule_form import RuleForm, TrialForm
from contactcenter.queues import rules
from contactcenter.queues.models import RoutingRule
from contactcenter.sla.models import OfficeCalendar
from crm.models import Topic, User

ROWS = RoutingRule.objects.select_related("queue")


@administrator("settings.change", "GET", "POST")
def index(request: HttpRequest, user: User) -> HttpResponse:
    """POST: the trial. It carries words, so it is never part of an address."""
    form = TrialForm(request.POST if request.method == "POST" else None)
    trial = None
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        trial = rule_trial.tried(
            account=given["account"], at=given["moment"], topic=given["topic"], language=given["language"],
            words=given["words"], citizen=given["citizen"],
        )  # fmt: skip
    page = {"rules": _rows(), "form": form, "trial": trial, "accounts": ChannelAccount.objects.exists()}
    return render(request, "settings/rules.html", page)


def _rows() -> list[dict[str, Any]]:
    topics = dict(Topic.objects.values_list("slug", "name"))
    calendars = dict(OfficeCalendar.objects.values_list("slug", "name"))
    names = dict(ChannelAccount.objects.values_list("slug", "name"))
    told = [
        {
            "rule": rule,
            "conditions": rule_form.in_words(rule, topics, calendars),
            "account": names.get(rule.account, ""),
        }
        for rule in ROWS.all()
    ]
    for at, row in enumerate(told):
        row |= {"first": at == 0, "last": at == len(told) - 1, "place": at + 1}
    return told


@administrator("settings.change", "GET", "POST")
def create(request: HttpRequest, user: User) -> HttpResponse:
    form = RuleForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = rules.create(actor=user, **form.columns())
        except rules.Wrong as error:
            form.tell(error)
        else:
            messages.success(request, _("%(name)s is set up. It is asked last: move it up.") % {"name": made.name})
            return redirect("settings-rules")
    return render(request, "settings/rule.html", {"form": form, "sections": form.sections()})


@administrator("settings.change", "GET", "POST")
def edit(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    with alone(request, RoutingRule.objects.filter(pk=pk)):
        return _edited(request, user, pk)


def _edited(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    rule = get_object_or_404(ROWS, pk=pk)
    form = RuleForm(request.POST if request.method == "POST" else None, rule=rule)
    opened = Opened(request, user, form, kind="rule", name=pk)
    if form.is_bound and form.is_valid() and not opened.is_refused():
        try:
            rules.change(rule=rule, actor=user, **form.columns())
        except rules.Wrong as error:
            form.tell(error)
        else:
            messages.success(request, _("Kept. What is set here holds from now on."))
            return redirect("settings-rules")
    shown = {"rule": get_object_or_404(ROWS, pk=pk), "form": form, "sections": form.sections()}
    return render(request, "settings/rule.html", {**shown, "opened": opened}, status=opened.status)


@administrator("settings.change", "POST")
def move(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    """One place up or down; the page comes back where the rule is now."""
    rule = get_object_or_404(ROWS, pk=pk)
    up = request.POST.get("to") == "up"
    if rules.move(rule=rule, up=up, actor=user):
        text = _("“%(name)s” is asked earlier now.") if up else _("“%(name)s” is asked later now.")
        messages.success(request, text % {"name": rule.name})
    answer = redirect("settings-rules")
    answer["Location"] += f"#rule-{pk}"
    return answer


@administrator("settings.change", "POST")
def remove(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    rule = get_object_or_404(ROWS, pk=pk)
    rules.remove(rule=rule, actor=user)
    messages.success(request, _("%(name)s is removed.") % {"name": rule.name})
    return redirect("settings-rules")
