"""The form of a queue, in sections. What the verbs object to appears at its field."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _, gettext_lazy

from contactcenter.administration.pages.fields import Duration, Requirements, TellingForm, by_language, written
from contactcenter.administration.pages.outcome_rows import OutcomeRows
from contactcenter.queues import checking
from contactcenter.queues.models import Queue
from contactcenter.routing.matching import FAMILIES, OFFER_LASTS
from contactcenter.sla.models import OfficeCalendar
from crm.models import Office, Topic

EMPTY_STEPS = 2
FAMILY_NAMES = {
    "call": gettext_lazy("calls"), "chat": gettext_lazy("chats"), "written": gettext_lazy("written contacts"),
}  # fmt: skip
TEXT_NAMES = {
    "greeting": gettext_lazy("Greeting"), "waiting": gettext_lazy("While waiting"),
    "closed": gettext_lazy("When closed"), "emergency": gettext_lazy("In an emergency"),
}  # fmt: skip
PLAIN = (
    "name", "office", "active", "topics", "strategy", "sticky_seconds", "requirements", "priority", "ageing_seconds",
    "calendar", "mode", "wrap_up_seconds", "wrap_up_needs",
    "max_wait_seconds", "max_length", "overflow", "overflow_to", "emergency",
)  # fmt: skip
ZERO_IF_EMPTY = ("sticky_seconds", "ageing_seconds", "wrap_up_seconds")


class QueueForm(TellingForm):
    """`queue` = the one that is changed; without it the form also asks for a short name."""

    slug = forms.SlugField(
        label=gettext_lazy("Short name"), max_length=50,
        help_text=gettext_lazy("For programs and the audit; it can't be changed later."),
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    office = forms.ModelChoiceField(Office.objects.filter(active=True), label=gettext_lazy("Office"))
    active = forms.BooleanField(label=gettext_lazy("In use"), required=False)
    topics = forms.ModelMultipleChoiceField(
        Topic.objects.filter(active=True), label=gettext_lazy("Topics that lead here"), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Where no rule decides, a contact about one of these comes to this queue."),
    )  # fmt: skip
    strategy = forms.ChoiceField(label=gettext_lazy("Who is asked first"), choices=Queue.Strategy.choices)
    sticky_seconds = Duration(
        label=gettext_lazy("Ask only the agent of last time for"), required=False,
        help_text=gettext_lazy("While they are here. Empty or 0: everybody at once."),
    )  # fmt: skip
    requirements = Requirements(
        label=gettext_lazy("What is required"),
        help_text=gettext_lazy(
            'Such as: languages HAS "uk" AND (skills HAS "tributi" OR level >= 4). Empty: whoever serves this queue.'
        ),
    )
    priority = forms.IntegerField(
        label=gettext_lazy("Priority"), help_text=gettext_lazy("Higher goes first."), min_value=-100, max_value=100
    )
    ageing_seconds = Duration(
        label=gettext_lazy("Waiting that weighs one point of priority"), required=False,
        help_text=gettext_lazy("So that nobody waits for ever. Empty or 0: priority always wins."),
    )  # fmt: skip
    calendar = forms.ModelChoiceField(
        OfficeCalendar.objects.all(), label=gettext_lazy("Calendar"), required=False,
        empty_label=gettext_lazy("none: always open"),
    )  # fmt: skip
    mode = forms.ChoiceField(label=gettext_lazy("How contacts come to people"), choices=Queue.Mode.choices)
    wrap_up_seconds = Duration(
        label=gettext_lazy("Time to wrap up"), required=False,
        help_text=gettext_lazy("For the notes after a conversation. Empty or 0: none."),
    )  # fmt: skip
    wrap_up_needs = forms.MultipleChoiceField(
        label=gettext_lazy("Said before it is finished"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[
            ("outcome", gettext_lazy("what came of it")), ("topic", gettext_lazy("what it was about")),
            ("note", gettext_lazy("a note for colleagues")),
        ],
    )  # fmt: skip
    max_wait_seconds = Duration(label=gettext_lazy("Longest wait"), required=False)
    max_length = forms.IntegerField(
        label=gettext_lazy("Longest line"), required=False, min_value=1, max_value=100_000,
        help_text=gettext_lazy("Contacts that may wait here at once."),
    )  # fmt: skip
    overflow = forms.ChoiceField(
        label=gettext_lazy("Whoever would wait longer"), choices=Queue.Overflow.choices, required=False,
        help_text=gettext_lazy(
            "Also during an emergency. Written contacts only ever move to another queue. Whoever may ask to be called back "
            "leaves a number in the chat, or goes on waiting; an agent dials it while this queue is open."
        ),
    )  # fmt: skip
    overflow_to = forms.ModelChoiceField(
        Queue.objects.filter(active=True), label=gettext_lazy("The other queue"), required=False, empty_label="–"
    )
    emergency = forms.BooleanField(
        label=gettext_lazy("Emergency"), required=False,
        help_text=gettext_lazy("Chats don't begin and citizens read the text below, until it is switched off."),
    )  # fmt: skip

    def __init__(self, data: Any, *, queue: Queue | None = None) -> None:
        super().__init__(data, initial=_written(queue) if queue else _of_a_new_one())
        self.queue = queue or Queue(active=True)
        self.drawn: Queue | None = None  # what a preview is about
        if queue is not None:
            del self.fields["slug"]
            self._only_others(queue)
        self._add_targets()
        self._add_offer_lasts()
        self.outcomes = OutcomeRows(self, self.queue.outcomes, data)
        self._add_steps(data)
        for name, label in TEXT_NAMES.items():
            self.fields.update(by_language(f"texts_{name}", str(label), self.queue.texts.get(name, {})))

    def _only_others(self, queue: Queue) -> None:
        target = cast("forms.ModelChoiceField[Queue]", self.fields["overflow_to"])
        target.queryset = Queue.objects.filter(active=True).exclude(pk=queue.pk)

    def _add_targets(self) -> None:
        for family in FAMILIES:
            percent, seconds = self.queue.targets.get(family, (None, None))
            names = {"family": str(FAMILY_NAMES[family]).capitalize()}
            self.fields[f"targets_{family}"] = forms.IntegerField(
                label=_("%(family)s: percentage") % names, initial=percent, required=False, min_value=1, max_value=100
            )
            self.fields[f"within_{family}"] = Duration(
                label=_("%(family)s: answered within") % names, initial=seconds, required=False
            )

    def _add_offer_lasts(self) -> None:
        for family in FAMILIES:
            usual = written(int(OFFER_LASTS[family].total_seconds()))
            field = Duration(
                label=_("%(family)s: an offer lasts") % {"family": str(FAMILY_NAMES[family]).capitalize()},
                initial=self.queue.offer_lasts.get(family), required=False,
                help_text=_("From 5 s to 1 h. Empty: %(usual)s.") % {"usual": usual},
            )  # fmt: skip
            field.widget.attrs["placeholder"] = usual
            self.fields[f"offer_lasts_{family}"] = field

    def _add_steps(self, data: Any) -> None:
        steps = list(self.queue.steps)
        sent = sum(1 for name in data if name.startswith("steps_") and name.endswith("_after")) if data else 0
        self.step_rows = range(min(checking.MOST_STEPS, max(len(steps) + EMPTY_STEPS, sent)))
        for row in self.step_rows:
            step = steps[row] if row < len(steps) else {"after": None, "requirements": ""}
            self.fields[f"steps_{row}_after"] = Duration(
                label=_("Step %(n)d: after") % {"n": row + 1}, initial=step["after"], required=False
            )
            self.fields[f"steps_{row}_requirements"] = Requirements(
                label=_("Step %(n)d: also whoever meets") % {"n": row + 1}, initial=step["requirements"]
            )

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        self._used_rows = [row for row in self.step_rows if self._is_used(row)]
        for row in self._used_rows:
            if given.get(f"steps_{row}_after") is None and f"steps_{row}_after" not in self.errors:
                self.add_error(f"steps_{row}_after", _("Write after how long this step begins."))
        for family in FAMILIES:
            percent, within = given.get(f"targets_{family}"), given.get(f"within_{family}")
            if (percent is None) is not (within is None):
                missing = f"targets_{family}" if percent is None else f"within_{family}"
                self.add_error(missing, _("A target is a percentage and a time. Fill in both, or neither."))
        return given

    def _is_used(self, row: int) -> bool:
        given = self.cleaned_data
        return given.get(f"steps_{row}_after") is not None or bool(given.get(f"steps_{row}_requirements"))

    def place_of(self, place: str) -> str:
        """Steps are counted without the rows that were left empty."""
        kind, _dot, rest = place.partition(".")
        if kind == "outcomes" and rest:
            return self.outcomes.place_of(rest)
        if kind == "steps" and rest:
            number, _dot, name = rest.partition(".")
            return f"steps_{self._used_rows[int(number)]}_{name}"
        if place == "texts.emergency":
            return f"texts_emergency_{settings.LANGUAGE_CODE[:2]}"
        return super().place_of(place)

    def columns(self) -> dict[str, Any]:
        """As `lines.open` and `lines.change` take them."""
        given = self.cleaned_data
        found = {name: given[name] for name in PLAIN}
        found |= {name: given[name] or 0 for name in ZERO_IF_EMPTY}
        found["steps"] = [
            {"after": given[f"steps_{row}_after"], "requirements": given[f"steps_{row}_requirements"].strip()}
            for row in self._used_rows
        ]
        found["targets"] = {
            family: [given[f"targets_{family}"], given[f"within_{family}"]]
            for family in FAMILIES
            if given[f"targets_{family}"] is not None
        }
        found["outcomes"] = self.outcomes.given()
        found["offer_lasts"] = {
            family: given[f"offer_lasts_{family}"] for family in FAMILIES if given[f"offer_lasts_{family}"] is not None
        }
        found["texts"] = {
            name: {**self.queue.texts.get(name, {}), **self.texts_of(name)} for name in TEXT_NAMES
        }  # other languages stay as they are
        return found

    def texts_of(self, name: str) -> dict[str, str]:
        return {code: self.cleaned_data[f"texts_{name}_{code}"] for code, _name in settings.LANGUAGES}

    def sections(self) -> dict[str, Any]:
        """The fields as the page groups them."""
        languages = [code for code, _name in settings.LANGUAGES]
        steps = [name for row in self.step_rows for name in (f"steps_{row}_after", f"steps_{row}_requirements")]
        targets = [name for family in FAMILIES for name in (f"targets_{family}", f"within_{family}")]
        return {
            "plain": self.bound(("slug", "name", "office", "active")),
            "topics": self["topics"],
            "order": self.bound(("strategy", "sticky_seconds", "priority", "ageing_seconds")),
            "requirements": self["requirements"],
            "steps": self.bound(steps),
            "hours": self.bound(("calendar",)),
            "targets": self.bound(targets),
            "lasts": self.bound(f"offer_lasts_{family}" for family in FAMILIES),
            "offers": self.bound(("mode", "wrap_up_seconds", "wrap_up_needs")),
            "outcomes": self.outcomes.shown(),
            "limits": self.bound(("max_wait_seconds", "max_length", "overflow", "overflow_to")),
            "texts": [
                self.bound(f"texts_{name}_{code}" for code in languages) for name in TEXT_NAMES if name != "emergency"
            ],
            "switch": self["emergency"],
            "emergency": self.bound(f"texts_emergency_{code}" for code in languages),
        }


def _written(queue: Queue) -> dict[str, Any]:
    return {**{name: getattr(queue, name) for name in PLAIN if name != "topics"}, "topics": queue.topics.all()}


def _of_a_new_one() -> dict[str, Any]:
    fresh = Queue()
    return {name: getattr(fresh, name) for name in PLAIN if name not in {"topics", "office", "calendar", "overflow_to"}}
