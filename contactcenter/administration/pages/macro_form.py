"""The form of a macro: one field per step, no table to type."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy

from contactcenter.administration.pages.canned_form import placed, places
from contactcenter.administration.pages.fields import TellingForm
from contactcenter.queues.models import Queue
from contactcenter.writing import macros
from contactcenter.writing.models import Macro
from crm.models import Topic, User

ENDINGS = (
    ("", gettext_lazy("it stays open")),
    ("transfer", gettext_lazy("pass it on to a queue")),
    ("park", gettext_lazy("put it aside")),
    ("close", gettext_lazy("close it")),
)
FIRST = ("title", "place")


class MacroForm(TellingForm):
    """`macro` = the one that is changed, or an empty one of the scope that is made. `shared` = for an office or the house."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    language = forms.ChoiceField(label=gettext_lazy("Set the language"), required=False)
    topic = forms.ChoiceField(label=gettext_lazy("Set the topic"), required=False)
    note = forms.CharField(
        label=gettext_lazy("Write a note"), required=False, max_length=macros.LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    case = forms.BooleanField(label=gettext_lazy("Open a case, where there is none"), required=False)
    answer = forms.ChoiceField(
        label=gettext_lazy("Put a canned answer into the composer"), required=False,
        help_text=gettext_lazy("The agent reads and sends it: such a macro has no end of its own."),
    )  # fmt: skip
    ending = forms.ChoiceField(label=gettext_lazy("At the end"), required=False, choices=ENDINGS)
    queue = forms.ChoiceField(label=gettext_lazy("Queue it goes to"), required=False)
    until = forms.ChoiceField(label=gettext_lazy("Put aside for"), required=False)
    outcome = forms.CharField(label=gettext_lazy("Outcome when it is closed"), required=False, max_length=80)

    def __init__(self, data: Any, *, macro: Macro, languages: list[tuple[str, str]], actor: User | None = None) -> None:
        known = {**macro.steps, "title": macro.title, "case": macro.steps.get("case") == "open"}
        super().__init__(data, initial=known)
        self._offer("language", languages)
        self._offer("topic", Topic.objects.filter(active=True).values_list("slug", "name"))
        self._offer("answer", (
            (str(one.public_id), f"/{one.shortcut} · {one.title}") for one in macros.answers_for(macro)
        ))  # fmt: skip
        self._offer("queue", Queue.objects.filter(active=True).values_list("slug", "name"))
        self._offer("until", macros.UNTIL.items())
        if actor is not None:
            self.fields["place"] = forms.ChoiceField(label=gettext_lazy("Whose it is"), choices=places(actor))

    def _offer(self, name: str, choices: Iterable[tuple[str, Any]]) -> None:
        """Or nothing of it."""
        cast("forms.ChoiceField", self.fields[name]).choices = [("", "–"), *choices]

    @property
    def about(self) -> list[forms.BoundField]:
        return self.bound(FIRST)

    @property
    def doing(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in FIRST]

    def columns(self) -> dict[str, Any]:
        """Arguments of the verbs."""
        found = self.cleaned_data
        steps = {name: found[name] for name in macros.NAMES if name != "case"}
        return {"title": found["title"], "steps": {**steps, "case": "open" if found["case"] else ""}}

    def place(self) -> dict[str, Any]:
        """`scope` and `office`, as chosen."""
        return placed(self.cleaned_data["place"])
