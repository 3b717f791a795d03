"""Fields that several forms of the settings have: levels, durations, and faults shown where they are."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _, gettext_lazy

from contactcenter.queues.checking import Wrong
from contactcenter.routing.expression import Mistake

SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400}
LOOSE_DURATION = re.compile(r"(\d{1,9})\s*(s|min|h|d)?", re.IGNORECASE)
LEVELS = (
    (1, gettext_lazy("1 · a little")),
    (2, "2"),
    (3, gettext_lazy("3 · well")),
    (4, "4"),
    (5, gettext_lazy("5 · very well")),
)


def written(seconds: int | None) -> str:
    """90 → "90 s", 600 → "10 min": the largest unit that says it whole."""
    if seconds is None:
        return ""
    unit = next((name for name in ("d", "h", "min") if seconds and seconds % SECONDS[name] == 0), "s")
    return f"{seconds // SECONDS[unit]} {unit}"


class Duration(forms.Field):
    """Seconds, as people write them: 90, 90 s, 10 min, 2 h, 1 d. Empty = None."""

    def __init__(self, **more: Any) -> None:
        attrs = {"autocomplete": "off", "placeholder": "10 min", "maxlength": 20}
        super().__init__(widget=forms.TextInput(attrs=attrs), **more)

    def prepare_value(self, value: Any) -> Any:
        return written(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()
        if not text:
            return None
        found = LOOSE_DURATION.fullmatch(text)
        if found is None:
            raise ValidationError(_("Write a number and s, min, h or d, as in 90 s or 10 min."))
        return int(found[1]) * SECONDS[(found[2] or "s").lower()]


def level(label: Any, *, none: bool = True) -> forms.TypedChoiceField:
    """A plain select from 1 to 5; `none` offers "not at all" as well, which is None."""
    choices = [("", "–"), *LEVELS] if none else list(LEVELS)
    return forms.TypedChoiceField(label=label, choices=choices, coerce=int, empty_value=None, required=not none)


class Requirements(forms.CharField):
    """One line of requirements; what is wrong with it is marked below."""

    def __init__(self, **more: Any) -> None:
        attrs = {"autocomplete": "off", "spellcheck": "false", "class": "mono", "rows": 2}
        super().__init__(required=False, widget=forms.Textarea(attrs=attrs), **more)


class TellingForm(forms.Form):
    """Faults of a verb appear at their fields. `place_of` says which field a place is."""

    def tell(self, wrong: Wrong) -> None:
        for place, sentences in wrong.sentences.items():
            field = self.place_of(place)
            for sentence in sentences:
                self.add_error(field if field in self.fields else None, sentence)
            if place in wrong.mistakes and field in self.fields:
                self.mark(field, wrong.mistakes[place])

    def place_of(self, place: str) -> str:
        return place.replace(".", "_")

    def mark(self, field: str, mistake: Mistake) -> None:
        """The line with carets, for the template."""
        self[field].marked = mistake.marked()  # type: ignore[attr-defined]  # bound fields live as long as their form

    def bound(self, names: Iterable[str]) -> list[forms.BoundField]:
        return [self[name] for name in names if name in self.fields]


def by_language(prefix: str, label: str, texts: Mapping[str, str], *, rows: int = 2) -> dict[str, forms.Field]:
    """A text area per language of the house."""
    return {
        f"{prefix}_{code}": forms.CharField(
            label=f"{label}, {name}", required=False, initial=texts.get(code, ""), max_length=1000,
            widget=forms.Textarea(attrs={"rows": rows, "lang": code}),
        )
        for code, name in settings.LANGUAGES
    }  # fmt: skip
