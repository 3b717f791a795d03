"""Skills: which there are, who has them, where they are asked for."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, gettext_lazy

from contactcenter.administration.pages.doors import administrator
from contactcenter.administration.pages.fields import TellingForm
from contactcenter.administration.pages.opened import Opened, alone
from contactcenter.queues import skills
from contactcenter.queues.models import Skill
from crm.models import Topic, User


class SkillForm(TellingForm):
    """`skill` = the one that is changed; without it the form also asks for a short name."""

    slug = forms.SlugField(
        label=gettext_lazy("Short name"), max_length=50,
        help_text=gettext_lazy("Requirements name it; it can't be changed later."),
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    topic = forms.ModelChoiceField(
        Topic.objects.filter(active=True), label=gettext_lazy("Topic it is the knowledge of"), required=False,
        empty_label=gettext_lazy("none"),
        help_text=gettext_lazy("Whoever has the skill has the topic, too."),
    )  # fmt: skip
    active = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)

    def __init__(self, data: Any, *, skill: Skill | None = None) -> None:
        known = {"name": skill.name, "topic": skill.topic, "active": skill.active} if skill else None
        super().__init__(data, initial=known)
        del self.fields["slug" if skill else "active"]


@administrator("settings.change")
def index(request: HttpRequest, user: User) -> HttpResponse:
    rows = Skill.objects.select_related("topic").annotate(people=Count("agents"))
    told = [(skill, list(dict.fromkeys(skills.named_in(skill)))) for skill in rows]
    return render(request, "settings/skills.html", {"skills": told})


@administrator("settings.change", "GET", "POST")
def create(request: HttpRequest, user: User) -> HttpResponse:
    form = SkillForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = skills.create(actor=user, **form.cleaned_data)
        except skills.Wrong as error:
            form.tell(error)
        else:
            messages.success(request, _("%(name)s is set up. Give it to people on their pages.") % {"name": made.name})
            return redirect("settings-skills")
    return render(request, "settings/skill.html", {"form": form})


@administrator("settings.change", "GET", "POST")
def edit(request: HttpRequest, user: User, slug: str) -> HttpResponse:
    with alone(request, Skill.objects.filter(slug=slug)):
        return _edited(request, user, slug)


def _edited(request: HttpRequest, user: User, slug: str) -> HttpResponse:
    skill = get_object_or_404(Skill.objects.select_related("topic"), slug=slug)
    form = SkillForm(request.POST if request.method == "POST" else None, skill=skill)
    opened = Opened(request, user, form, kind="skill", name=slug)
    if form.is_bound and form.is_valid() and not opened.is_refused():
        try:
            skills.change(skill=skill, actor=user, **form.cleaned_data)
        except skills.Wrong as error:
            form.tell(error)
        except skills.InUse as error:
            form.add_error("active" if not form.cleaned_data["active"] else "topic", str(error))
        else:
            messages.success(request, _("Kept. What is set here holds from now on."))
            return redirect("settings-skills")
    people = [row.agent.user for row in skill.agents.select_related("agent__user")]
    page = {"form": form, "skill": skill, "people": people, "opened": opened}
    return render(request, "settings/skill.html", page, status=opened.status)


@administrator("settings.change", "POST")
def remove(request: HttpRequest, user: User, slug: str) -> HttpResponse:
    skill = get_object_or_404(Skill, slug=slug)
    try:
        skills.remove(skill=skill, actor=user)
    except skills.InUse as error:
        messages.error(request, str(error))
        return redirect("settings-skill", slug)
    messages.success(request, _("%(name)s is removed.") % {"name": skill.name})
    return redirect("settings-skills")
