"""The form of a rule: conditions as fields, not as JSON. And the form of a trial."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from contactcenter.accounts.models import ChannelAccount
from contactcenter.administration.pages.agent_form import languages_to_choose
from contactcenter.administration.pages.fields import Requirements, TellingForm
from contactcenter.administration.pages.forms import Lines
from contactcenter.administration.pages.queue_form import FAMILY_NAMES
from contactcenter.queues.models import Queue, RoutingRule
from contactcenter.routing import rules as routing
from contactcenter.routing.decide import language_name
from contactcenter.sla.checking import DAY_NAMES
from contactcenter.sla.models import OfficeCalendar
from crm.models import Topic

CITIZEN_NAMES = {
    "anonymous": gettext_lazy("anonymous"), "known": gettext_lazy("known by an address they claim"),
    "verified": gettext_lazy("known by a proven address"),
}  # fmt: skip
OPEN_OR_CLOSED = (("open", gettext_lazy("while it is open")), ("closed", gettext_lazy("while it is closed")))
PLAIN = ("name", "active", "account", "queue", "requirements", "priority")
SPANS = 2  # empty rows for times of the week


def _accounts() -> list[tuple[str, str]]:
    return [("", _("all channels")), *ChannelAccount.objects.values_list("slug", "name")]


class RuleForm(TellingForm):
    """`rule` = the one that is changed, None for a new one."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    active = forms.BooleanField(label=gettext_lazy("In use"), required=False)
    account = forms.ChoiceField(label=gettext_lazy("Channel"), required=False)
    topics = forms.MultipleChoiceField(
        label=gettext_lazy("About one of these topics"), required=False, widget=forms.CheckboxSelectMultiple
    )
    families = forms.MultipleChoiceField(
        label=gettext_lazy("One of these kinds"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=list(FAMILY_NAMES.items()),
    )  # fmt: skip
    citizen = forms.MultipleChoiceField(
        label=gettext_lazy("The citizen is"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=list(CITIZEN_NAMES.items()),
    )  # fmt: skip
    languages = forms.CharField(
        label=gettext_lazy("In one of these languages"), required=False, max_length=200,
        help_text=gettext_lazy("Codes with commas between them, such as uk, ro."),
    )  # fmt: skip
    words = Lines(
        label=gettext_lazy("With one of these words or phrases"), required=False,
        help_text=gettext_lazy("One per line. A * at the end stands for any ending: rimbors*."),
    )  # fmt: skip
    priority_from = forms.IntegerField(
        label=gettext_lazy("Priority before any rule, from"), required=False, min_value=-100, max_value=100
    )
    priority_to = forms.IntegerField(
        label=gettext_lazy("Priority before any rule, up to"), required=False, min_value=-100, max_value=100
    )
    calendar = forms.ModelChoiceField(
        OfficeCalendar.objects.all(), label=gettext_lazy("By a calendar"), required=False, empty_label="–",
        to_field_name="slug",
    )  # fmt: skip
    calendar_is = forms.ChoiceField(label=gettext_lazy("When it counts"), required=False, choices=OPEN_OR_CLOSED)
    queue = forms.ModelChoiceField(
        Queue.objects.filter(active=True), label=gettext_lazy("Leads to the queue"), required=False,
        empty_label=gettext_lazy("none: only adds what stands below, and reading goes on"),
    )  # fmt: skip
    requirements = Requirements(
        label=gettext_lazy("Asks besides for"), help_text=gettext_lazy('Such as: skills HAS "tributi" AND level >= 3')
    )
    priority = forms.IntegerField(
        label=gettext_lazy("Changes the priority by"), min_value=-100, max_value=100, initial=0
    )

    def __init__(self, data: Any, *, rule: RoutingRule | None = None) -> None:
        super().__init__(data, initial=_written(rule) if rule else {"active": True})
        self.rule = rule
        _choose(self, "account", _accounts())
        _choose(self, "topics", list(Topic.objects.filter(active=True).values_list("slug", "name")))
        hours = rule.conditions.get("hours", []) if rule else []
        spans = [entry for entry in hours if "calendar" not in entry]
        self.others = [entry for entry in hours if "calendar" in entry][1:]  # by programs; the form has one row
        self.rows = range(len(spans) + SPANS)
        for row in self.rows:
            self._add_span(row, spans[row] if row < len(spans) else {})

    def _add_span(self, row: int, span: dict[str, Any]) -> None:
        self.fields[f"hours_{row}_days"] = forms.MultipleChoiceField(
            label=_("Time of the week %(n)d: days") % {"n": row + 1}, required=False, initial=span.get("days", []),
            choices=list(DAY_NAMES.items()), widget=forms.CheckboxSelectMultiple,
        )  # fmt: skip
        for name, label in (("from", _("Begins at")), ("to", _("Ends at"))):
            self.fields[f"hours_{row}_{name}"] = forms.CharField(
                label=label, required=False, max_length=5, initial=span.get(name, ""),
                widget=forms.TextInput(attrs={"placeholder": "08:30", "autocomplete": "off"}),
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Each condition is read by itself, so that what can't be used is told at its field."""
        if not self.errors:
            for name, entries in self.conditions().items():
                self._try(name, entries, {"priorities": "priority_from"}.get(name, name))
        return self.cleaned_data

    def _try(self, name: str, entries: list[Any], field: str) -> None:
        spans = [row for row in self.rows if self._span(row)]
        for at, entry in enumerate(entries):
            try:
                routing.conditions_from({name: [entry]})
            except routing.NotUnderstood as error:
                row = f"hours_{spans[at]}_from" if name == "hours" and at < len(spans) else field
                self.add_error(row if row in self.fields else None, str(error))

    def conditions(self) -> dict[str, Any]:
        """As `routing.rules.conditions_from` reads them."""
        given = self.cleaned_data
        found: dict[str, Any] = {name: given[name] for name in ("topics", "families", "citizen", "words")}
        found["languages"] = [code.strip() for code in given["languages"].split(",") if code.strip()]
        span = {"from": given["priority_from"], "to": given["priority_to"]}
        found["priorities"] = [span] if any(end is not None for end in span.values()) else []
        found["hours"] = [*filter(None, map(self._span, self.rows)), *self.others]
        if given["calendar"]:
            found["hours"].append({"calendar": given["calendar"].slug, "is": given["calendar_is"] or "open"})
        return {name: entries for name, entries in found.items() if entries}

    def _span(self, row: int) -> dict[str, Any]:
        given = {name: self.cleaned_data.get(f"hours_{row}_{name}") for name in ("days", "from", "to")}
        return {name: value for name, value in given.items() if value}

    def place_of(self, place: str) -> str:
        return {"conditions.topics": "topics", "conditions.hours": "calendar"}.get(place, super().place_of(place))

    def columns(self) -> dict[str, Any]:
        """As `rules.create` and `rules.change` take them."""
        return {**{name: self.cleaned_data[name] for name in PLAIN}, "conditions": self.conditions()}

    def sections(self) -> dict[str, Any]:
        return {
            "plain": self.bound(("name", "account", "active")),
            "conditions": self.bound(("topics", "families", "citizen")),
            "texts": self.bound(("languages", "words", "priority_from", "priority_to")),
            "hours": [self.bound(f"hours_{row}_{name}" for name in ("days", "from", "to")) for row in self.rows],
            "calendar": self.bound(("calendar", "calendar_is")),
            "does": self.bound(("queue", "priority")),
            "requirements": self["requirements"],
        }


def _choose(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    form.fields[name].choices = choices  # type: ignore[attr-defined]  # a field with choices, as written above


def _written(rule: RoutingRule) -> dict[str, Any]:
    known = rule.conditions
    calendar: dict[str, Any] = next((entry for entry in known.get("hours", []) if "calendar" in entry), {})
    span: dict[str, Any] = next(iter(known.get("priorities", [])), {})
    return {
        **{name: getattr(rule, name) for name in PLAIN},
        **{name: known.get(name, []) for name in ("topics", "families", "citizen", "words")},
        "languages": ", ".join(known.get("languages", [])),
        "priority_from": span.get("from"), "priority_to": span.get("to"),
        "calendar": calendar.get("calendar"), "calendar_is": calendar.get("is", "open"),
    }  # fmt: skip


class Accounts(forms.ModelChoiceField):
    def label_from_instance(self, obj: ChannelAccount) -> str:
        return obj.name


class TrialForm(forms.Form):
    """A contact that might come in."""

    prefix = "try"
    account = Accounts(
        ChannelAccount.objects.select_related("queue"), label=gettext_lazy("Channel"), to_field_name="slug",
        empty_label=None,
    )  # fmt: skip
    topic = forms.ModelChoiceField(
        Topic.objects.filter(active=True), label=gettext_lazy("Topic"), required=False, to_field_name="slug",
        empty_label=gettext_lazy("none"),
    )  # fmt: skip
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)
    citizen = forms.ChoiceField(label=gettext_lazy("The citizen is"), choices=list(CITIZEN_NAMES.items()))
    moment = forms.DateTimeField(
        label=gettext_lazy("At this moment"), input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )  # fmt: skip
    words = forms.CharField(
        label=gettext_lazy("What they write"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )  # fmt: skip

    def __init__(self, data: Any) -> None:
        super().__init__(data, initial={"moment": timezone.localtime(), "citizen": "known"})
        house = [(code, str(name)) for code, name in settings.LANGUAGES]
        codes = {code for code, _name in house}
        others = [pair for pair in languages_to_choose() if pair[0] not in codes]
        _choose(self, "language", [("", _("told from the words")), *house, *others])


CONDITION_WORDS = {
    "topics": gettext_lazy("about %(entries)s"), "languages": gettext_lazy("in %(entries)s"),
    "families": "%(entries)s", "words": gettext_lazy("saying %(entries)s"),
    "citizen": gettext_lazy("citizen: %(entries)s"), "priorities": gettext_lazy("priority %(entries)s"),
    "hours": gettext_lazy("time: %(entries)s"),
}  # fmt: skip


def in_words(rule: RoutingRule, topics: dict[str, str], calendars: dict[str, str]) -> list[str]:
    """The conditions of a rule, one phrase each; none = always."""
    try:
        conditions = routing.conditions_from(rule.conditions)
    except routing.NotUnderstood as error:
        return [str(error)]
    told = []
    for name, words in CONDITION_WORDS.items():
        entries = [_entry(name, entry, topics, calendars) for entry in getattr(conditions, name)]
        if entries:
            told.append(str(words) % {"entries": f" {_('or')} ".join(entries)})
    return told


def _entry(name: str, entry: Any, topics: dict[str, str], calendars: dict[str, str]) -> str:
    if isinstance(entry, routing.While):
        words = dict(OPEN_OR_CLOSED)["open" if entry.open else "closed"]
        return f"{calendars.get(entry.calendar, entry.calendar)} {words}"
    if isinstance(entry, routing.Weekly):
        days = ", ".join(str(DAY_NAMES[day]) for day in entry.days) or _("every day")
        return f"{days} {entry.begin}–{entry.end}"
    if isinstance(entry, routing.Span):
        return f"{'' if entry.low is None else entry.low} … {'' if entry.high is None else entry.high}".strip()
    if name == "languages":
        return language_name(entry)
    names: dict[str, dict[str, Any]] = {"topics": topics, "families": FAMILY_NAMES, "citizen": CITIZEN_NAMES}
    return str(names.get(name, {}).get(entry, f"“{entry}”" if name == "words" else entry))
