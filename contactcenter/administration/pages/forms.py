"""Forms of the settings. The fields of a channel are drawn from its adapter's own `Settings`: nobody here knows any."""

import dataclasses
import typing
from datetime import date, time
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _, gettext_lazy

from channels_adapters.contract import Adapter
from contactcenter.accounts.models import ChannelAccount
from contactcenter.queues.models import Queue
from contactcenter.sla.calendars import DAYS

if TYPE_CHECKING:
    AccountModelForm = forms.ModelForm[ChannelAccount]
else:
    AccountModelForm = forms.ModelForm  # can't be subscripted at run time

ACKNOWLEDGEMENT = "acknowledgement_"
END_OF_DAY = "24:00"


class Lines(forms.CharField):
    """tuple[str, …], one per line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (value or "").splitlines() if line.strip()]


def _field(field: dataclasses.Field[Any], kind: Any, *, kept: bool) -> forms.Field:
    """The form field for one field of a `Settings`; `kept` = a secret is stored already."""
    facts = field.metadata
    common: dict[str, Any] = {"label": facts.get("label", field.name), "help_text": facts.get("help", "")}
    needed = field.default is dataclasses.MISSING
    if kind is bool:
        return forms.BooleanField(required=False, **common)
    if kind is int:
        return forms.IntegerField(required=True, **common)
    if typing.get_origin(kind) is tuple:
        return Lines(required=needed, **common)
    if facts.get("choices"):
        return forms.ChoiceField(choices=[(one, one) for one in facts["choices"]], required=needed, **common)
    if facts.get("secret"):
        return _secret(common, needed=needed and not kept, kept=kept)
    return forms.CharField(required=needed, max_length=500, **common)


def _secret(common: dict[str, Any], *, needed: bool, kept: bool) -> forms.Field:
    """Written, never shown again."""
    if kept:
        common["help_text"] = _("One is stored. Leave this empty to keep it; it is never shown.")
    widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"})
    return forms.CharField(required=needed, max_length=2000, widget=widget, **common)


def fields_of(adapter: type[Adapter], *, kept: frozenset[str] = frozenset()) -> dict[str, forms.Field]:
    """A form field per setting of a channel, in its order."""
    hints = typing.get_type_hints(adapter.Settings)
    return {
        field.name: _field(field, hints[field.name], kept=field.name in kept)
        for field in dataclasses.fields(adapter.Settings)
    }


def defaults_of(adapter: type[Adapter]) -> dict[str, Any]:
    return {
        field.name: field.default
        for field in dataclasses.fields(adapter.Settings)
        if field.default is not dataclasses.MISSING
    }


class ChannelForm(forms.Form):
    """The settings of one account, typed as its adapter says."""

    prefix = "channel"

    def __init__(
        self, data: Any, *, adapter: type[Adapter], initial: dict[str, Any], kept: frozenset[str] = frozenset()
    ) -> None:
        super().__init__(data, initial=initial)
        self.adapter = adapter
        self.fields.update(fields_of(adapter, kept=kept))

    def clean(self) -> dict[str, Any]:
        """Secrets that weren't given stay out; the adapter itself has the last word on the whole."""
        given = {name: value for name, value in super().clean().items() if not self._is_untouched_secret(name, value)}  # type: ignore[union-attr]  # Form.clean gives the data
        try:
            values = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
            if not self.errors:
                self.adapter.Settings(**{**self._stand_ins(), **values})
        except (TypeError, ValueError) as error:
            raise ValidationError(str(error)) from None
        return given

    def _is_untouched_secret(self, name: str, value: Any) -> bool:
        return isinstance(self.fields[name].widget, forms.PasswordInput) and not value

    def _stand_ins(self) -> dict[str, Any]:
        return {name: "" for name, field in self.fields.items() if isinstance(field.widget, forms.PasswordInput)}


class AccountForm(AccountModelForm):
    """What every account has, whatever its channel."""

    class Meta:
        model = ChannelAccount
        fields = (
            "slug", "name", "queue", "language", "enabled", "opens_case", "remembers_people", "reopens_within_days",
            "reply_through",
        )  # fmt: skip
        labels = {
            "slug": gettext_lazy("Short name"),
            "name": gettext_lazy("Name"),
            "queue": gettext_lazy("Queue it leads to"),
            "language": gettext_lazy("Language"),
            "enabled": gettext_lazy("Open"),
            "opens_case": gettext_lazy("Every new conversation opens a case"),
            "remembers_people": gettext_lazy("Remember who wrote (off for anonymous help lines)"),
            "reopens_within_days": gettext_lazy("Days within which an answer reopens a conversation"),
            "reply_through": gettext_lazy("Account that answers what this one can't reach"),
        }
        help_texts = {
            "slug": gettext_lazy("Part of its addresses; it can't be changed later."),
            "opens_case": "",
            "remembers_people": "",
            "reply_through": "",
        }

    def __init__(self, *args: Any, adapter: type[Adapter], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["language"] = forms.ChoiceField(choices=settings.LANGUAGES, label=self.fields["language"].label)
        if self.instance.pk:
            del self.fields["slug"]
        if adapter.abilities.acknowledges:
            self._add_acknowledgements()

    def _add_acknowledgements(self) -> None:
        known = self.instance.acknowledgements or {}
        for code, name in settings.LANGUAGES:
            self.fields[ACKNOWLEDGEMENT + code] = forms.CharField(
                label=_("Automatic acknowledgement, %(language)s") % {"language": name},
                help_text=_("Empty: none in this language. {number} becomes the number of the case."),
                required=False, initial=known.get(code, ""), widget=forms.Textarea(attrs={"rows": 3, "lang": code}),
            )  # fmt: skip

    def columns(self) -> dict[str, Any]:
        """What to store, acknowledgements folded into their one column."""
        found = {name: value for name, value in self.cleaned_data.items() if not name.startswith(ACKNOWLEDGEMENT)}
        texts = {
            name.removeprefix(ACKNOWLEDGEMENT): value
            for name, value in self.cleaned_data.items()
            if name.startswith(ACKNOWLEDGEMENT) and value.strip()
        }
        return {**found, "acknowledgements": texts}


# --- queues ---

DAY_NAMES = {
    "mon": gettext_lazy("Monday"), "tue": gettext_lazy("Tuesday"), "wed": gettext_lazy("Wednesday"),
    "thu": gettext_lazy("Thursday"), "fri": gettext_lazy("Friday"), "sat": gettext_lazy("Saturday"),
    "sun": gettext_lazy("Sunday"),
}  # fmt: skip


def hours_of_day(text: str) -> list[list[str]]:
    """ "08:30-13:00, 14:00-17:00" → [["08:30", "13:00"], …]. Raises `ValidationError`."""
    found = []
    for part in filter(None, (piece.strip() for piece in text.replace("–", "-").split(","))):
        begin, _dash, end = (piece.strip() for piece in part.partition("-"))
        try:
            if time.fromisoformat(begin) >= (time.max if end == END_OF_DAY else time.fromisoformat(end)):
                raise ValidationError(_("“%(part)s” ends before it begins.") % {"part": part})
        except ValueError:
            raise ValidationError(_("Write “%(part)s” as 08:30-13:00.") % {"part": part}) from None
        found.append([begin, end])
    return found


class QueueForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    active = forms.BooleanField(label=gettext_lazy("In use"), required=False)
    priority = forms.IntegerField(
        label=gettext_lazy("Priority"), help_text=gettext_lazy("Higher goes first."), min_value=-100, max_value=100
    )
    holidays = forms.CharField(
        label=gettext_lazy("Closed on public holidays of"), required=False, max_length=20,
        help_text=gettext_lazy("Country code, e.g. IT. Empty: no public holidays."),
    )  # fmt: skip
    closed_days = Lines(
        label=gettext_lazy("Other closed days"), required=False, help_text=gettext_lazy("One per line, as 2026-12-24.")
    )

    def __init__(self, data: Any, *, queue: Queue) -> None:
        week = {f"hours_{day}": ", ".join("-".join(span) for span in queue.hours.get(day, [])) for day in DAYS}
        plain = {name: getattr(queue, name) for name in ("name", "active", "priority", "holidays", "closed_days")}
        super().__init__(data, initial={**plain, **week})
        for day in DAYS:
            self.fields[f"hours_{day}"] = forms.CharField(label=DAY_NAMES[day], required=False, max_length=100)

    def clean_closed_days(self) -> list[str]:
        days: list[str] = self.cleaned_data["closed_days"]
        for day in days:
            try:
                date.fromisoformat(day)
            except ValueError:
                raise ValidationError(_("“%(day)s” is not a day. Write it as 2026-12-24.") % {"day": day}) from None
        return sorted(set(days))

    def clean_holidays(self) -> str:
        import holidays as public_holidays  # heavy: only where somebody edits it

        country: str = self.cleaned_data["holidays"].strip().upper()
        if country and country not in public_holidays.list_supported_countries():
            raise ValidationError(_("We know no public holidays of “%(code)s”.") % {"code": country})
        return country

    def clean(self) -> dict[str, Any]:
        week = {}
        for day in DAYS:
            try:
                if spans := hours_of_day(self.cleaned_data.get(f"hours_{day}", "")):
                    week[day] = spans
            except ValidationError as error:
                self.add_error(f"hours_{day}", error)
        self.cleaned_data["hours"] = week
        return self.cleaned_data

    def columns(self) -> dict[str, Any]:
        return {
            name: self.cleaned_data[name] for name in ("name", "active", "priority", "holidays", "closed_days", "hours")
        }
