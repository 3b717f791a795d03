"""Canned answers: writing them, sharing them, and finding those that fit a conversation."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from contactcenter.queues.checking import Faults, Wrong
from contactcenter.writing import placeholders
from contactcenter.writing.models import CannedAnswer, CannedText
from crm import access, audit
from crm.models import Interaction, Office, Topic, User

__all__ = ["Changed", "Wrong", "add", "change", "fitting", "retire", "usable", "use", "writable"]
LONGEST = 4000  # characters of one text
MOST = 100  # offered at once
Texts = Mapping[str, str]  # language → text


class Changed(Exception):
    """Somebody else has changed it since it was read; the sentence says so."""


@dataclass(frozen=True)
class Offered:
    """A canned answer for one conversation: filled in as far as anything is known, in the language nearest to it."""

    answer: CannedAnswer
    text: str
    language: str
    is_theirs: bool  # the language of the conversation
    left: list[str]  # placeholders that wait for the agent


# --- which there are --------------------------------------------------------------------------------------------------


def usable(user: User) -> QuerySet[CannedAnswer]:
    """What somebody may answer with: their own, those of their offices, those of everybody."""
    offices = {grant.office_id for grant in access.grants(user) if grant.role in access.READERS}
    shared = Q(owner=None) if None in offices else Q(owner=None) & (Q(office=None) | Q(office__in=offices))
    return CannedAnswer.objects.filter(shared | Q(owner=user), active=True)


def writable(user: User) -> QuerySet[CannedAnswer]:
    """What somebody may change: their own, and what is shared where they may share."""
    shared = Q(pk__in=[])
    if shares_everywhere(user):
        shared = Q(owner=None)
    elif offices := sharing_offices(user):
        shared = Q(office__in=offices)
    return CannedAnswer.objects.filter(shared | Q(owner=user))


def shares_everywhere(user: User) -> bool:
    roles = access.ACTIONS["canned.share"]
    return any(grant.role in roles and grant.office_id is None for grant in access.grants(user))


def sharing_offices(user: User) -> list[int]:
    roles = access.ACTIONS["canned.share"]
    return [grant.office_id for grant in access.grants(user) if grant.role in roles and grant.office_id is not None]


def fitting(user: User, interaction: Interaction) -> list[Offered]:
    """Everything usable here, what fits the topic and is used most first. Three statements."""
    rows = usable(user).filter(Q(office=None) | Q(office=interaction.office_id)).prefetch_related("texts")
    found = sorted(rows.order_by("-used", "shortcut")[:MOST], key=lambda one: one.topic_id != interaction.topic_id)
    values = _values(user, interaction)
    return [offered for answer in found if (offered := _offered(answer, interaction.language, values))]


def _offered(answer: CannedAnswer, language: str, values: Mapping[str, str]) -> Offered | None:
    texts = {row.language: row.text for row in answer.texts.all()}
    wanted = (language[:2], settings.LANGUAGE_CODE[:2], *texts)
    chosen = next((code for code in wanted if code in texts), None)
    if chosen is None:
        return None
    with translation.override(chosen):
        today = formats.date_format(timezone.localdate(), "DATE_FORMAT")
    text = placeholders.fill(texts[chosen], {**values, "today": today})
    return Offered(answer, text, chosen, chosen == language[:2] or not language, placeholders.left(text))


def _values(user: User, interaction: Interaction) -> dict[str, str]:
    return {
        "citizen": interaction.citizen.name if interaction.citizen else "",
        "agent": user.display_name,
        "office": interaction.office.name,
        "case": interaction.case.number if interaction.case else "",
    }


# --- writing them -----------------------------------------------------------------------------------------------------


def add(
    *, shortcut: str, title: str, texts: Texts, actor: User, office: Office | None = None, own: bool = True,
    topic: Topic | None = None,
) -> CannedAnswer:  # fmt: skip
    """One's own, or with `own=False` shared with an office, or with everybody where none is named.

    Raises `Forbidden`, `Wrong`.
    """
    _require_scope(actor, office, own)
    _check(shortcut, title, texts)
    answer = CannedAnswer(
        shortcut=shortcut,
        title=title.strip(),
        owner=actor if own else None,
        office=None if own else office,
        topic=topic,
    )
    with _once(shortcut), transaction.atomic():
        answer.save(force_insert=True)
        _keep_texts(answer, texts)
        _audit("canned.added", answer, actor)
    return answer


def change(
    *, answer: CannedAnswer, shortcut: str, title: str, texts: Texts, topic: Topic | None, active: bool, actor: User,
    based_on: int,
) -> CannedAnswer:  # fmt: skip
    """Its scope stays. Raises `Forbidden`, `Wrong`, `Changed` when it isn't at version `based_on` any more."""
    _require(answer, actor)
    _check(shortcut, title, texts)
    with _once(shortcut), transaction.atomic():
        fields = {"shortcut": shortcut, "title": title.strip(), "topic": topic, "active": active}
        moved = CannedAnswer.objects.filter(pk=answer.pk, version=based_on).update(version=F("version") + 1, **fields)
        if not moved:
            raise Changed(_("Somebody else has changed this meanwhile. Compare with how it is now, then keep yours."))
        answer.refresh_from_db()
        _keep_texts(answer, texts)
        _audit("canned.changed", answer, actor)
    return answer


def retire(*, answer: CannedAnswer, actor: User) -> None:
    """It is gone; what was written with it stays. Raises `Forbidden`."""
    _require(answer, actor)
    with transaction.atomic():
        _audit("canned.retired", answer, actor)
        answer.delete()


def use(*, answers: Iterable[str], actor: User) -> None:
    """An answer was sent with these (public ids). What isn't known, or isn't theirs to use, counts for nothing."""
    usable(actor).filter(public_id__in=list(answers)).update(used=F("used") + 1)


def _require_scope(actor: User, office: Office | None, own: bool) -> None:
    access.require(actor, "canned.write")
    if not own and office is None and not shares_everywhere(actor):
        raise access.Forbidden(_("Only who administers every office may write for everybody. Choose an office."))
    if not own and office is not None:
        access.require(actor, "canned.share", office_id=office.pk)


def _require(answer: CannedAnswer, actor: User) -> None:
    if not writable(actor).filter(pk=answer.pk).exists():
        raise access.Forbidden(_("This canned answer is shared. Ask whoever leads the office to change it."))


def _check(shortcut: str, title: str, texts: Texts) -> None:
    faults = Faults()
    faults.slug("shortcut", shortcut)
    if not title.strip():
        faults.say("title", _("Write a title: it is what is read in the list."))
    if not any(text.strip() for text in texts.values()):
        faults.say(f"text_{settings.LANGUAGE_CODE[:2]}", _("Write the answer in one language at least."))
    for language, text in texts.items():
        if len(text) > LONGEST:
            faults.say(f"text_{language}", _("That is more than %(n)d characters. Shorten it.") % {"n": LONGEST})
        for mark in placeholders.unknown(text)[:1]:
            words = {"name": mark.name, "line": mark.line, "known": ", ".join(placeholders.NAMES)}
            faults.say(
                f"text_{language}",
                _("Line %(line)d: there is no placeholder “%(name)s”. These exist: %(known)s.") % words,
            )
    faults.refuse()


@contextmanager
def _once(shortcut: str) -> Iterator[None]:
    """Turns a shortcut that is taken into a sentence at its field."""
    try:
        yield
    except IntegrityError:
        taken = _("“%(name)s” is taken here already. Choose another shortcut.") % {"name": shortcut}
        raise Wrong({"shortcut": [taken]}, {}) from None


def _keep_texts(answer: CannedAnswer, texts: Texts) -> None:
    answer.texts.all().delete()
    written = {language: text.replace("\r\n", "\n").strip() for language, text in texts.items()}
    CannedText.objects.bulk_create(
        CannedText(answer=answer, language=language, text=text) for language, text in written.items() if text
    )


def _audit(action: str, answer: CannedAnswer, actor: User) -> None:
    scope = "own" if answer.owner_id else f"office:{answer.office.slug}" if answer.office else "all"
    audit.record(action, subject=f"canned:{answer.public_id}", actor=actor, data={"scope": scope})
