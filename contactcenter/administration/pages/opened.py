"""Two people on one form: whoever keeps it second is told what the first one changed, and decides.

A form carries a mark of what it was filled from, field by field. It is compared with what the form would be filled from
now: nobody's model needs a version, and what differs can be named. The marks are keyed: nothing can be read from them.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from contactcenter.administration import holding
from crm.models import User

FIELD = "opened"  # what the form was filled from
SEALED = "sealed"
ANYWAY = "anyway"  # what it would be filled from now: the button of whoever saw that, and keeps theirs all the same
HEX = 12  # characters of a mark
SHOWN = 300  # characters of a value
NOTHING = "–"


@dataclass(frozen=True)
class Difference:
    """A field that somebody else changed: as it is now, and as it stands in this form."""

    label: str
    theirs: str
    mine: str


class Opened:
    """`forms` as built from the row as it is now; `kind` and `name` are what the audit calls it.

    `sealed`: what the form never shows; that it changed is told, and not what it is.
    """

    def __init__(
        self, request: HttpRequest, user: User, *forms: forms.BaseForm, kind: str, name: object,
        sealed: str = "",
    ) -> None:  # fmt: skip
        self._request, self._user, self._forms, self._about = request, user, forms, (kind, name)
        self._sealed = sealed
        self.now = " ".join(f"{name}:{mark}" for name, mark in self._marks())
        self.carried = request.POST.get(FIELD) or self.now
        self.sentence = ""  # set once it is refused
        self.differences: list[Difference] = []

    def _marks(self) -> Iterator[tuple[str, str]]:
        for form in self._forms:
            for name, field in form.fields.items():
                if value := _flat(field.prepare_value(form[name].initial)):
                    yield form[name].html_name, _mark(name, value)
        if self._sealed:
            yield SEALED, _mark(SEALED, self._sealed)

    def is_refused(self) -> bool:
        """Asked once the forms are valid. A form without marks comes from a program that opened nothing."""
        seen = self._request.POST.get(ANYWAY) or self._request.POST.get(FIELD)
        if not seen or (changed := _changed(seen, self.now)) == []:
            return False
        self.sentence = holding.in_words(holding.last_change(*self._about), self._user)
        self.differences = list(self._differences(changed))
        return True

    @property
    def status(self) -> int:
        return 409 if self.sentence else 200

    def _differences(self, names: list[str]) -> Iterator[Difference]:
        fields = {bound.html_name: bound for form in self._forms for bound in form}
        for name in names:
            bound = fields.get(name)
            if bound is not None and bound.is_hidden:  # goes along with what is shown
                continue
            if bound is not None:
                theirs, mine = bound.initial, bound.form.cleaned_data.get(bound.name)
                yield Difference(str(bound.label), _in_words(bound.field, theirs), _in_words(bound.field, mine))
            elif name == SEALED:
                yield Difference(_("What is kept secret"), _("changed"), "")
            else:  # a row that they took away: a language, a step
                yield Difference(name, NOTHING, "")


@contextmanager
def alone(request: HttpRequest, rows: QuerySet[Any]) -> Iterator[None]:
    """While a form is kept, nobody else keeps one of these rows."""
    if request.method != "POST":
        yield
        return
    with holding.held(rows):
        yield


def _mark(name: str, value: str) -> str:
    return salted_hmac("settings.opened", f"{name}\0{value}").hexdigest()[:HEX]


def _changed(seen: str, now: str) -> list[str]:
    """Names of the fields whose marks differ, in the order of the form."""
    before, after = (dict(each.rpartition(":")[::2] for each in text.split()) for text in (seen, now))
    return [name for name in {**after, **before} if before.get(name) != after.get(name)]


def _flat(value: Any) -> str:
    """A value as it would stand in the form; "" = nothing."""
    if isinstance(value, list | tuple | QuerySet):
        return "\x1f".join(sorted(str(getattr(each, "pk", each)) for each in value))
    return "" if value is None or value is False else str(value).replace("\r\n", "\n").strip()


def _in_words(field: forms.Field, value: Any) -> str:
    """As the form says it."""
    flat = _flat(field.prepare_value(value))
    if not flat:
        return NOTHING
    if isinstance(field, forms.BooleanField):
        return _("yes")
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
        names = {str(key): str(label) for key, label in cast("Iterable[tuple[Any, Any]]", field.choices)}
        return ", ".join(names.get(key, key) for key in flat.split("\x1f"))[:SHOWN]
    return flat if len(flat) <= SHOWN else f"{flat[:SHOWN]}…"
