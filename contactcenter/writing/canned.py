"""Canned answers: what is written often, kept under a shortcut. One's own are one's own business; those of an office or of
the house are set up by its administrators. A retired one is kept, for its number of uses, but offered to nobody.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from contactcenter.queues.checking import Faults, Wrong
from contactcenter.routing.expression import Mistake
from contactcenter.writing import placeholders
from contactcenter.writing.models import CannedAnswer, Scope
from crm import access, audit
from crm.models import Interaction, Office, Topic, User

__all__ = ["Wrong", "add", "change", "find", "may_change", "restore", "retire", "settable", "usable", "use"]
LONGEST = 8000  # characters of one text
MOST_PER_PERSON = 300
SHORTCUT = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
LANGUAGE = re.compile(r"[a-z]{2}")


def usable(*, user: User, interaction: Interaction) -> QuerySet[CannedAnswer]:
    """What this person may answer with here: their own, the office's, the house's; the most used first."""
    here = Q(owner=user) | Q(office=interaction.office_id) | Q(scope=Scope.GLOBAL)
    return CannedAnswer.objects.filter(here, active=True).order_by("-uses", "shortcut")


def settable(*, actor: User, scope: Collection[str] = tuple(Scope.values)) -> list[CannedAnswer]:
    """Those this person may change, retired ones last."""
    rows = CannedAnswer.objects.filter(scope__in=scope).filter(~Q(scope=Scope.PERSONAL) | Q(owner=actor))
    found = rows.select_related("office", "topic", "owner").order_by("-active", "scope", "office__name", "shortcut")
    return [row for row in found if may_change(actor, row.scope, row.office, row.owner_id)]


def find(*, actor: User, public_id: uuid.UUID | str) -> CannedAnswer:
    """One that this person may change. Raises `NotVisible`."""
    row = CannedAnswer.objects.select_related("office", "topic").filter(public_id=public_id).first()
    if row is None or not may_change(actor, row.scope, row.office, row.owner_id):
        raise access.NotVisible
    return row


def may_change(actor: User, scope: str, office: Office | None, owner_id: int | None) -> bool:
    """One's own; an office's for who sets up there; the house's for who sets up everywhere."""
    if scope == Scope.PERSONAL:
        return owner_id == actor.pk and access.may(actor, "interaction.reply")
    if scope == Scope.OFFICE:
        return office is not None and access.may(actor, "settings.change", office_id=office.pk)
    everywhere = [grant for grant in access.grants(actor) if grant.office_id is None]
    return any(grant.role in access.ACTIONS["settings.change"] for grant in everywhere)


def _require(actor: User, scope: str, office: Office | None, owner_id: int | None) -> None:
    if not may_change(actor, scope, office, owner_id):
        raise access.Forbidden(_("Only who sets up this office, or owns this, may change it. Keep one of your own."))


def add(
    *,
    shortcut: str,
    title: str,
    texts: Mapping[str, str],
    scope: str,
    actor: User,
    office: Office | None = None,
    topic: Topic | None = None,
) -> CannedAnswer:
    """A new one; a personal one is the actor's. Raises `Forbidden`, `Wrong`."""
    owner = actor if scope == Scope.PERSONAL else None
    office = office if scope == Scope.OFFICE else None
    _require(actor, scope, office, owner.pk if owner else None)
    kept = _checked(shortcut, title, texts)
    if owner and CannedAnswer.objects.filter(owner=owner).count() >= MOST_PER_PERSON:
        raise Wrong(
            {"shortcut": [_("%(n)d are the most one person can keep. Change one.") % {"n": MOST_PER_PERSON}]}, {}
        )
    row = CannedAnswer(scope=scope, owner=owner, office=office, topic=topic, **kept)
    _save("canned.added", row, actor, force_insert=True)
    return row


def change(
    *,
    canned: CannedAnswer,
    shortcut: str,
    title: str,
    texts: Mapping[str, str],
    actor: User,
    topic: Topic | None = None,
) -> None:
    """New words, title or shortcut; whose it is stays. Raises `Forbidden`, `Wrong`."""
    _require(actor, canned.scope, canned.office, canned.owner_id)
    for name, value in _checked(shortcut, title, texts).items():
        setattr(canned, name, value)
    canned.topic = topic
    _save("canned.changed", canned, actor, update_fields=["shortcut", "title", "texts", "topic"])


def retire(*, canned: CannedAnswer, actor: User) -> None:
    """Nobody is offered it any more; its shortcut is free. Raises `Forbidden`."""
    _require(actor, canned.scope, canned.office, canned.owner_id)
    canned.active = False
    _save("canned.retired", canned, actor, update_fields=["active"])


def restore(*, canned: CannedAnswer, actor: User) -> None:
    """Offer it again. Raises `Forbidden`, `Wrong` where another one has its shortcut now."""
    _require(actor, canned.scope, canned.office, canned.owner_id)
    canned.active = True
    _save("canned.restored", canned, actor, update_fields=["active"])


def use(*, ids: Collection[uuid.UUID], interaction: Interaction, actor: User) -> int:
    """A message left with these: each counts once. Returns how many; what one can't answer with here doesn't count."""
    access.require(actor, "interaction.reply", office_id=interaction.office_id)
    with transaction.atomic():
        used = list(usable(user=actor, interaction=interaction).filter(public_id__in=list(ids)))
        CannedAnswer.objects.filter(pk__in=[row.pk for row in used]).update(uses=F("uses") + 1)
        for row in used:
            audit.record(
                "canned.used", subject=f"canned:{row.public_id}", actor=actor,
                data={"interaction": str(interaction.public_id)},
            )  # fmt: skip
    return len(used)


def _save(action: str, row: CannedAnswer, actor: User, **how: Any) -> None:
    """Raises `Wrong` where the shortcut is taken."""
    try:
        with transaction.atomic():
            row.save(**how)
            audit.record(action, subject=f"canned:{row.public_id}", actor=actor, data={"scope": row.scope})
    except IntegrityError:
        taken = _("Another one has the shortcut “%(shortcut)s” already. Choose a different one.")
        raise Wrong({"shortcut": [taken % {"shortcut": row.shortcut}]}, {}) from None


def _checked(shortcut: str, title: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """The columns as they are kept. Raises `Wrong`, sentence by place: "shortcut", "title", "texts", "texts.it"."""
    faults, shortcut, title = Faults(), shortcut.strip().lower(), " ".join(title.replace("\x00", "").split())
    if not SHORTCUT.fullmatch(shortcut):
        faults.say("shortcut", _("Use small letters, digits and hyphens, 40 at most, as in orari-anagrafe."))
    if not title or len(title) > 120:
        faults.say("title", _("Give it a title of 120 characters at most, by which colleagues find it."))
    kept = {code: words.replace("\r\n", "\n").replace("\x00", "").strip() for code, words in texts.items()}
    kept = {code: words for code, words in kept.items() if words and LANGUAGE.fullmatch(code)}
    if not kept:
        faults.say(f"texts.{settings.LANGUAGE_CODE[:2]}", _("Write the words in one language at least."))
    for code, words in kept.items():
        _check_words(faults, f"texts.{code}", words)
    faults.refuse()
    return {"shortcut": shortcut, "title": title, "texts": kept}


def _check_words(faults: Faults, place: str, words: str) -> None:
    if len(words) > LONGEST:
        faults.say(place, _("A text has %(n)d characters at most. Shorten it.") % {"n": LONGEST})
    try:
        placeholders.check(words)
    except Mistake as mistake:
        faults.say(place, mistake.sentence)
        faults.mistakes[place] = mistake
