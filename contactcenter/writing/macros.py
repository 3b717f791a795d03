"""Macros: several steps under one name, of a person, an office or the house, with the rights of canned answers.

`steps` may hold, all optional and run in this order: `language` (ISO 639-1), `topic` (slug), `note` (words), `case` ("open"),
`answer` (public id of a canned answer, put into the composer), and as the end one of `ending`: "transfer" with `queue`,
"park" with `until`, "close" with `outcome`.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _, gettext_lazy

from contactcenter.queues.checking import Faults, Wrong
from contactcenter.queues.models import Queue
from contactcenter.writing import canned
from contactcenter.writing.models import CannedAnswer, Macro, Scope
from crm import access, audit
from crm.models import Interaction, Office, Topic, User

__all__ = ["Wrong", "add", "change", "find", "restore", "retire", "settable", "usable"]
UNTIL = {
    "quarter": gettext_lazy("15 minutes"),
    "hour": gettext_lazy("1 hour"),
    "day": gettext_lazy("this hour tomorrow"),
    "answer": gettext_lazy("until they write"),
}
LONGEST_NOTE = 2000
ENDINGS = ("transfer", "park", "close")
NAMES = ("language", "topic", "note", "case", "answer", "ending", "queue", "until", "outcome")


def usable(*, user: User, interaction: Interaction) -> QuerySet[Macro]:
    """What this person may run here: their own, the office's, the house's; the most used first."""
    here = Q(owner=user) | Q(office=interaction.office_id) | Q(scope=Scope.GLOBAL)
    return Macro.objects.filter(here, active=True).order_by("-uses", "title")


def settable(*, actor: User, personal: bool) -> list[Macro]:
    """Those this person may change, retired ones last."""
    rows = Macro.objects.filter(owner=actor) if personal else Macro.objects.exclude(scope=Scope.PERSONAL)
    found = rows.select_related("office").order_by("-active", "scope", "title")
    return [row for row in found if canned.may_change(actor, row.scope, row.office, row.owner_id)]


def find(*, actor: User, public_id: uuid.UUID | str) -> Macro:
    """One that this person may change. Raises `NotVisible`."""
    row = Macro.objects.select_related("office").filter(public_id=public_id).first()
    if row is None or not canned.may_change(actor, row.scope, row.office, row.owner_id):
        raise access.NotVisible
    return row


def add(*, title: str, steps: Mapping[str, str], scope: str, actor: User, office: Office | None = None) -> Macro:
    """A new one; a personal one is the actor's. Raises `Forbidden`, `Wrong`."""
    owner = actor if scope == Scope.PERSONAL else None
    row = Macro(scope=scope, owner=owner, office=office if scope == Scope.OFFICE else None)
    _require(actor, row)
    _fill(row, title, steps)
    _save("macro.added", row, actor)
    return row


def change(*, macro: Macro, title: str, steps: Mapping[str, str], actor: User) -> None:
    """Raises `Forbidden`, `Wrong`."""
    _require(actor, macro)
    _fill(macro, title, steps)
    _save("macro.changed", macro, actor)


def retire(*, macro: Macro, actor: User) -> None:
    """Nobody is offered it any more. Raises `Forbidden`."""
    _require(actor, macro)
    macro.active = False
    _save("macro.retired", macro, actor)


def restore(*, macro: Macro, actor: User) -> None:
    """Offer it again. Raises `Forbidden`."""
    _require(actor, macro)
    macro.active = True
    _save("macro.restored", macro, actor)


def count(*, macro: Macro, interaction: Interaction, actor: User, done: int, of: int) -> None:
    """It ran; to the end where `done` equals `of`."""
    with transaction.atomic():
        if done == of:
            Macro.objects.filter(pk=macro.pk).update(uses=F("uses") + 1)
        audit.record(
            "macro.run", **audit.about(interaction), actor=actor,
            data={"macro": str(macro.public_id), "done": done, "of": of},
        )  # fmt: skip


def _require(actor: User, row: Macro) -> None:
    if not canned.may_change(actor, row.scope, row.office, row.owner_id):
        raise access.Forbidden(_("Only who sets up this office, or owns this, may change it. Keep one of your own."))


def _save(action: str, row: Macro, actor: User) -> None:
    with transaction.atomic():
        if row.pk is None:
            row.save(force_insert=True)
        else:
            row.save(update_fields=["title", "steps", "active"])
        audit.record(action, subject=f"macro:{row.public_id}", actor=actor, data={"scope": row.scope})


def _fill(row: Macro, title: str, given: Mapping[str, str]) -> None:
    """Raises `Wrong`, sentence by place."""
    faults, title = Faults(), " ".join(title.replace("\x00", "").split())
    steps: dict[str, Any] = {name: given.get(name, "").replace("\x00", "").strip() for name in NAMES}
    if not title or len(title) > 120:
        faults.say("title", _("Give it a title of 120 characters at most, by which colleagues find it."))
    if not any(steps[name] for name in NAMES[:6]):
        faults.say("title", _("It does nothing yet. Choose at least one step."))
    _check_steps(faults, row, steps)
    _check_ending(faults, steps)
    faults.refuse()
    row.title, row.steps = title, {name: value for name, value in steps.items() if value}


def _check_steps(faults: Faults, row: Macro, steps: Mapping[str, str]) -> None:
    if steps["language"] and not canned.LANGUAGE.fullmatch(steps["language"]):
        faults.say("language", _("Choose the language the citizen writes in."))
    if steps["topic"] and not Topic.objects.filter(slug=steps["topic"], active=True).exists():
        faults.say("topic", _("Choose a topic that is in use."))
    if len(steps["note"]) > LONGEST_NOTE:
        faults.say("note", _("A note has %(n)d characters at most. Shorten it.") % {"n": LONGEST_NOTE})
    if steps["answer"] and steps["answer"] not in {str(one.public_id) for one in answers_for(row)}:
        faults.say("answer", _("Choose a canned answer that everybody who runs this may use."))


def _check_ending(faults: Faults, steps: dict[str, Any]) -> None:
    """What belongs to another end is dropped."""
    for name, ending in (("queue", "transfer"), ("until", "park"), ("outcome", "close")):
        if steps["ending"] != ending:
            steps[name] = ""
    if steps["ending"] and steps["ending"] not in ENDINGS:
        faults.say("ending", _("Choose how it ends."))
    if steps["ending"] == "transfer" and not Queue.objects.filter(slug=steps["queue"], active=True).exists():
        faults.say("queue", _("Choose the queue it goes to."))
    if steps["ending"] == "park" and steps["until"] not in UNTIL:
        faults.say("until", _("Choose until when."))
    if len(steps["outcome"]) > 80:
        faults.say("outcome", _("An outcome has 80 characters at most. Shorten it."))
    if steps["answer"] and steps["ending"]:
        faults.say("answer", _("Words that are put into the composer must still be sent: such a macro has no end."))


def answers_for(row: Macro) -> QuerySet[CannedAnswer]:
    """Canned answers that whoever may run it is offered, too."""
    allowed = Q(scope=Scope.GLOBAL)
    if row.scope == Scope.PERSONAL:
        allowed |= Q(owner=row.owner_id) | Q(scope=Scope.OFFICE)
    elif row.scope == Scope.OFFICE:
        allowed |= Q(office=row.office_id)
    return CannedAnswer.objects.filter(allowed, active=True)
