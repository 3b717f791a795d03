"""The rows of a form in which a queue's outcomes are named: one per outcome, a name per language, some empty rows."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _

from contactcenter.queues import wrap_up

EMPTY = 3


class OutcomeRows:
    """Adds its fields to `form`: `outcomes_0_it`, … and `outcomes_0_place`, by which they are put in order.

    The key of an outcome stands beside its row, so that a name may be corrected without becoming another outcome.
    """

    def __init__(self, form: forms.Form, outcomes: Sequence[wrap_up.Outcome], data: Any) -> None:
        self._form, self._outcomes = form, outcomes
        sent = sum(1 for name in data if name.startswith("outcomes_") and name.endswith("_place")) if data else 0
        self._rows = range(min(wrap_up.MOST_OUTCOMES, max(len(outcomes) + EMPTY, sent)))
        for row in self._rows:
            self._add(row)

    def _add(self, row: int) -> None:
        names = self._outcomes[row]["names"] if row < len(self._outcomes) else {}
        for code, language in settings.LANGUAGES:
            self._form.fields[f"outcomes_{row}_{code}"] = forms.CharField(
                label=_("Outcome %(n)d, %(language)s") % {"n": row + 1, "language": language}, required=False,
                max_length=wrap_up.LONGEST_OUTCOME, initial=names.get(code, ""),
                widget=forms.TextInput(attrs={"lang": code, "autocomplete": "off"}),
            )  # fmt: skip
        self._form.fields[f"outcomes_{row}_place"] = forms.IntegerField(
            label=_("Outcome %(n)d: place") % {"n": row + 1}, required=False, min_value=1, max_value=100,
            initial=row + 1 if names else None,
        )  # fmt: skip
        self._form.fields[f"outcomes_{row}_key"] = forms.CharField(
            required=False, max_length=wrap_up.LONGEST_KEY, widget=forms.HiddenInput(),
            initial=self._outcomes[row]["key"] if names else "",
        )  # fmt: skip

    def given(self) -> list[dict[str, Any]]:
        """In their order, as `lines.change` takes them. Languages that the form doesn't show stay as they are."""
        told, known = self._form.cleaned_data, {outcome["key"]: outcome["names"] for outcome in self._outcomes}
        shown = [code for code, _name in settings.LANGUAGES]
        found = []
        for row in self._used():
            key = told.get(f"outcomes_{row}_key") or ""
            names = {code: told.get(f"outcomes_{row}_{code}") or "" for code in shown}
            unseen = {code: name for code, name in known.get(key, {}).items() if code not in shown}
            found.append({"key": key, "names": unseen | names})
        return found

    def _used(self) -> list[int]:
        """Rows with a name, those without a place last."""
        told = self._form.cleaned_data
        named = [
            row for row in self._rows if any(told.get(f"outcomes_{row}_{code}") for code, _n in settings.LANGUAGES)
        ]
        return sorted(named, key=lambda row: (told.get(f"outcomes_{row}_place") or 101, row))

    def place_of(self, rest: str) -> str:
        """ "0.names.it" → the field of that name; without a language the first of the row."""
        number, _dot, name = rest.partition(".")
        code = name.partition(".")[2] or settings.LANGUAGES[0][0]
        return f"outcomes_{self._used()[int(number)]}_{code}"

    def shown(self) -> list[list[forms.BoundField]]:
        codes = [code for code, _name in settings.LANGUAGES]
        return [[self._form[f"outcomes_{row}_{name}"] for name in (*codes, "place", "key")] for row in self._rows]
