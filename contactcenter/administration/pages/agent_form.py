"""The form of somebody's abilities: languages and skills as plain selects, capacity as numbers, home queues as ticks."""

from typing import Any

from django import forms
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.utils.translation import gettext as _, gettext_lazy

from contactcenter.administration.pages.fields import TellingForm, level
from contactcenter.queues import roster
from contactcenter.queues.checking import LANGUAGE, SLOTS
from contactcenter.queues.models import Agent, Queue, Skill
from contactcenter.routing.decide import language_name
from contactcenter.routing.matching import CAPACITY, FAMILIES
from crm.models import User

MORE_LANGUAGES = 2  # empty rows for languages that aren't the house's own
SLOT_LABELS = {
    "call": gettext_lazy("Calls at once"), "chat": gettext_lazy("Chats at once"),
    "written": gettext_lazy("Written contacts at once"),
}  # fmt: skip
SLOT_HELP = {"call": gettext_lazy("1, or 0 for somebody who takes no calls. A call takes the whole person.")}


def languages_to_choose() -> list[tuple[str, str]]:
    """Every language that the framework has a name for, by name."""
    codes = {code for code in LANG_INFO if LANGUAGE.fullmatch(code)}
    return sorted(((code, language_name(code).capitalize()) for code in codes), key=lambda pair: pair[1])


class AgentForm(TellingForm):
    level = level(gettext_lazy("General experience"), none=False)
    home_queues = forms.ModelMultipleChoiceField(
        Queue.objects.filter(active=True), label=gettext_lazy("Home queues"), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Only these, of the queues of their offices. None ticked: all of them."),
    )  # fmt: skip

    def __init__(self, data: Any, *, user: User, agent: Agent | None) -> None:
        capacity = agent.capacity if agent else CAPACITY
        super().__init__(data, initial={
            "level": agent.level if agent else roster.DEFAULT_LEVEL,
            "home_queues": agent.home_queues.all() if agent else [],
            **{f"slots_{family}": capacity[family] for family in FAMILIES},
        })  # fmt: skip
        for family in FAMILIES:
            self.fields[f"slots_{family}"] = forms.IntegerField(
                label=SLOT_LABELS[family], min_value=0, max_value=SLOTS[family], help_text=SLOT_HELP.get(family, "")
            )
        self._add_languages(agent)
        self._add_skills(agent)

    def _add_languages(self, agent: Agent | None) -> None:
        known = {row.language: row.level for row in agent.languages.all()} if agent else {}
        house = [code for code, _name in settings.LANGUAGES]
        if not known:
            known = {settings.LANGUAGE_CODE[:2]: roster.NATIVE}
        self.languages = [*house, *(code for code in sorted(known) if code not in house)]
        for code in self.languages:
            self.fields[f"languages_{code}"] = level(language_name(code).capitalize())
            self.initial[f"languages_{code}"] = known.get(code)
        for row in range(MORE_LANGUAGES):
            self.fields[f"more_{row}"] = forms.ChoiceField(
                label=_("Another language"), choices=[("", "–"), *languages_to_choose()], required=False
            )
            self.fields[f"more_level_{row}"] = level(_("How well"))

    def _add_skills(self, agent: Agent | None) -> None:
        known = {row.skill.slug: row.level for row in agent.skills.select_related("skill")} if agent else {}
        self.skills = [skill.slug for skill in Skill.objects.all() if skill.active or skill.slug in known]
        names = dict(Skill.objects.values_list("slug", "name"))
        for slug in self.skills:
            self.fields[f"skills_{slug}"] = level(names[slug])
            self.initial[f"skills_{slug}"] = known.get(slug)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        for row in range(MORE_LANGUAGES):
            code, how_well = given.get(f"more_{row}"), given.get(f"more_level_{row}")
            if bool(code) is not bool(how_well):
                missing = f"more_level_{row}" if code else f"more_{row}"
                self.add_error(missing, _("Choose the language and how well they speak it."))
        languages = self._languages()
        if not languages and not self.errors:
            self.add_error(f"languages_{self.languages[0]}", _("Choose one language at least."))
        given["languages"] = languages
        given["skills"] = {slug: given[f"skills_{slug}"] for slug in self.skills if given.get(f"skills_{slug}")}
        return given

    def _languages(self) -> dict[str, int]:
        given = self.cleaned_data
        told = {code: given[f"languages_{code}"] for code in self.languages if given.get(f"languages_{code}")}
        more = {given.get(f"more_{row}", ""): given.get(f"more_level_{row}") for row in range(MORE_LANGUAGES)}
        return {**told, **{code: how_well for code, how_well in more.items() if code and how_well}}

    def columns(self) -> dict[str, Any]:
        """As `agents.change` takes them."""
        given = self.cleaned_data
        return {
            "level": given["level"], "slots": {family: given[f"slots_{family}"] for family in FAMILIES},
            "languages": given["languages"], "skills": given["skills"], "home_queues": list(given["home_queues"]),
        }  # fmt: skip

    def sections(self) -> dict[str, Any]:
        more = [name for row in range(MORE_LANGUAGES) for name in (f"more_{row}", f"more_level_{row}")]
        return {
            "plain": self.bound(["level", *(f"slots_{family}" for family in FAMILIES)]),
            "languages": self.bound(f"languages_{code}" for code in self.languages),
            "more": self.bound(more),
            "skills": self.bound(f"skills_{slug}" for slug in self.skills),
            "home_queues": self["home_queues"],
        }
