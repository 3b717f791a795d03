"""The form of a calendar: hours as people write them, checked by `sla.checking`, each fault at its field."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language, gettext as _, gettext_lazy, pgettext

from contactcenter.administration.pages.forms import Lines
from contactcenter.sla import checking, public_holidays
from contactcenter.sla.calendars import DAYS, Calendar
from contactcenter.sla.models import OfficeCalendar

LOOSE_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?")  # 8, 8:30, 08.30
DASHES = str.maketrans("–—−", "---")
HOURS = "hours_"


def spans_of(text: str) -> list[list[str]]:
    """ "8:30-13, 14:00–17:00" → [["08:30", "13:00"], ["14:00", "17:00"]]. What is no span stays as it was written."""
    parts = (part.strip() for part in text.translate(DASHES).split(","))
    return [[_time(end) for end in part.partition("-")[::2]] for part in parts if part]


def _time(text: str) -> str:
    found = LOOSE_TIME.fullmatch(text.strip())
    return f"{int(found[1]):02d}:{found[2] or '00'}" if found else text.strip()


def text_of(spans: Any) -> str:
    return ", ".join("-".join(span) for span in spans)


def days_of(lines: list[str]) -> dict[str, list[list[str]]]:
    """["2026-12-24: 9-12"] → {"2026-12-24": [["09:00", "12:00"]]}; nothing after the colon = closed that day."""
    found: dict[str, list[list[str]]] = {}
    for line in lines:
        day, _colon, hours = line.partition(":")
        found.setdefault(day.strip(), []).extend(spans_of(hours))
    return found


def language() -> str:
    return (get_language() or settings.LANGUAGE_CODE)[:2]


class CalendarForm(forms.Form):
    """`calendar` = the one that is changed; without it the form also asks for a short name.

    Whoever only looks at the preview needs no name yet.
    """

    slug = forms.SlugField(
        label=gettext_lazy("Short name"), max_length=50,
        help_text=gettext_lazy("For programs and the audit; it can't be changed later."),
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    zone = forms.CharField(
        label=gettext_lazy("Time zone"), max_length=64,
        help_text=gettext_lazy("Of the place where the office is. Summer time is kept by itself."),
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    holidays = forms.CharField(
        label=gettext_lazy("Closed on public holidays of"), required=False, max_length=20, widget=forms.Select
    )
    subdivision = forms.CharField(
        label=gettext_lazy("Part of the country"), required=False, max_length=40, widget=forms.Select,
        help_text=gettext_lazy("Adds its own days: in Italy the patron saint's of a province or city."),
    )  # fmt: skip
    parts_of = forms.CharField(required=False, max_length=20)  # the country whose parts the page offered
    closed_days = Lines(
        label=gettext_lazy("Other closed days"), required=False, help_text=gettext_lazy("One per line, as 2026-12-24.")
    )
    special_hours = Lines(
        label=gettext_lazy("Special hours"), required=False,
        help_text=gettext_lazy("One day per line, as 2026-12-24: 09:00-12:00. They hold on a public holiday, too."),
    )  # fmt: skip

    def __init__(self, data: Any, *, calendar: OfficeCalendar | None = None, looks: bool = False) -> None:
        super().__init__(data, initial=_written(calendar) if calendar else {"zone": settings.TIME_ZONE})
        for day in DAYS:
            self.fields[HOURS + day] = forms.CharField(
                label=str(checking.DAY_NAMES[day]), required=False, max_length=200,
                widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": pgettext("office", "closed")}),
            )  # fmt: skip
        if calendar is not None:
            del self.fields["slug"]
        for name in {"slug", "name"} & set(self.fields):
            self.fields[name].required = not looks
        self._offer_countries()

    def _offer_countries(self) -> None:
        self.country = str(self["holidays"].value() or "")
        self.parts = public_holidays.subdivisions(self.country)
        countries, parts = self.fields["holidays"].widget, self.fields["subdivision"].widget
        nowhere, everywhere = (
            ("", _("none: open on public holidays")),
            ("", _("none: only the days of the whole country")),
        )
        countries.choices = [nowhere, *public_holidays.countries(language())]
        parts.choices = [everywhere, *self.parts]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        given["week"] = {day: spans for day in DAYS if (spans := spans_of(given.get(HOURS + day, "")))}
        given["special_hours"] = days_of(given.get("special_hours", []))
        if given.get("subdivision") and given.get("parts_of", "") != self.country:
            self.add_error("subdivision", _("The country was changed. Choose one of its parts, or none."))
        self.tell(checking.faults(self._whole()))
        return given

    def _whole(self) -> Calendar:
        """What was written, however wrong; a field with a fault of its own is left out."""
        given = self.cleaned_data
        return Calendar(
            given.get("zone", settings.TIME_ZONE), given["week"], frozenset(given.get("closed_days", [])),
            given.get("holidays", ""), given.get("subdivision", ""), given["special_hours"],
        )  # fmt: skip

    def tell(self, faults: checking.Faults) -> None:
        """Each fault at the field it is about."""
        for place, sentences in faults.items():
            field, _dot, detail = place.partition(".")
            if field == "week":
                field = HOURS + detail
            for sentence in sentences:
                self.add_error(field, f"{detail}: {sentence}" if field == "special_hours" and detail else sentence)

    def columns(self) -> dict[str, Any]:
        """As `office_calendars.create` and `change` take them."""
        names = ("name", "zone", "week", "holidays", "subdivision", "closed_days", "special_hours")
        return {name: self.cleaned_data[name] for name in names}

    def calendar(self) -> Calendar:
        """The arithmetic of what was written. Only for a form that is valid."""
        return self._whole()


def _written(calendar: OfficeCalendar) -> dict[str, Any]:
    """A calendar as its form shows it."""
    special: Mapping[str, Any] = calendar.special_hours
    return {
        "name": calendar.name, "zone": calendar.zone, "holidays": calendar.holidays,
        "subdivision": calendar.subdivision, "closed_days": calendar.closed_days,
        "special_hours": [f"{day}: {text_of(spans)}".strip() for day, spans in special.items()],
        **{HOURS + day: text_of(calendar.week.get(day, ())) for day in DAYS},
    }  # fmt: skip
