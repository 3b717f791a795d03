"""The form of a canned answer, for one's own as for those of an office or the house."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy

from contactcenter.administration.pages.fields import TellingForm
from contactcenter.writing import canned, placeholders
from contactcenter.writing.models import CannedAnswer, Scope
from crm import access
from crm.models import Office, Topic, User

HOUSE = "*"


class CannedForm(TellingForm):
    """`canned_answer` = the one that is changed. `actor` given = it is for an office or the house, to be chosen from theirs."""

    shortcut = forms.CharField(
        label=gettext_lazy("Shortcut"), max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        help_text=gettext_lazy("Typed after / in the composer, as in /orari."),
    )  # fmt: skip
    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    topic = forms.ModelChoiceField(
        Topic.objects.filter(active=True), label=gettext_lazy("Topic"), required=False, empty_label=gettext_lazy("none")
    )

    def __init__(self, data: Any, *, canned_answer: CannedAnswer | None = None, actor: User | None = None) -> None:
        known = canned_answer
        columns = ("shortcut", "title", "topic")
        super().__init__(data, initial={name: getattr(known, name) for name in columns} if known else None)
        shown = {code for code, _name in settings.LANGUAGES}
        self.unseen = {code: text for code, text in known.texts.items() if code not in shown} if known else {}
        if actor is not None and known is None:
            self.fields["place"] = forms.ChoiceField(label=gettext_lazy("Whose it is"), choices=places(actor))
        for code, name in settings.LANGUAGES:
            self.fields[f"texts_{code}"] = forms.CharField(
                label=name, required=False, initial=known.texts.get(code, "") if known else "", max_length=canned.LONGEST,
                widget=forms.Textarea(attrs={"rows": 5, "lang": code}),
            )  # fmt: skip

    @property
    def words(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("texts_")]

    @property
    def about(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if not name.startswith("texts_")]

    @property
    def placeholders(self) -> list[tuple[str, object]]:
        """Each as it is written, and what it stands for."""
        return [(f"{{{{{name}}}}}", words) for name, words in placeholders.NAMES.items()]

    def columns(self) -> dict[str, Any]:
        """Arguments of the verbs. Texts in languages that the form doesn't show stay as they are."""
        found = self.cleaned_data
        texts = {name.removeprefix("texts_"): value for name, value in found.items() if name.startswith("texts_")}
        return {
            "shortcut": found["shortcut"],
            "title": found["title"],
            "topic": found["topic"],
            "texts": self.unseen | texts,
        }

    def place(self) -> dict[str, Any]:
        """`scope` and `office`, as chosen."""
        return placed(self.cleaned_data["place"])


def placed(chosen: str) -> dict[str, Any]:
    """`scope` and `office` of one of `places`."""
    if chosen == HOUSE:
        return {"scope": Scope.GLOBAL, "office": None}
    return {"scope": Scope.OFFICE, "office": Office.objects.get(slug=chosen)}


def places(actor: User) -> list[tuple[str, str]]:
    """The house and the offices this person sets up."""
    house = [(HOUSE, str(gettext_lazy("the whole house")))]
    offices = [
        (office.slug, office.name)
        for office in Office.objects.filter(active=True)
        if access.may(actor, "settings.change", office_id=office.pk)
    ]
    return (house if canned.may_change(actor, Scope.GLOBAL, None, None) else []) + offices
