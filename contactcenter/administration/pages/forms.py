"""Forms of the settings. The fields of a channel are drawn from its adapter's own `Settings`: nobody here knows any."""

import dataclasses
import typing
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _, gettext_lazy

from channels_adapters.contract import Adapter
from contactcenter.accounts.models import ChannelAccount

if TYPE_CHECKING:
    AccountModelForm = forms.ModelForm[ChannelAccount]
else:
    AccountModelForm = forms.ModelForm  # can't be subscripted at run time

ACKNOWLEDGEMENT = "acknowledgement_"


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
