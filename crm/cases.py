"""Opening, changing and closing a case."""

from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import audit, events, interactions
from crm.access import readers_of, require
from crm.models import Case, CaseNumber, CasePause, Citizen, Interaction, Office, Topic, User


class StaleCase(Exception):
    """Somebody acted on a case as it was before. Carries the case as it is now."""

    def __init__(self, case: Case) -> None:
        super().__init__(_("This case changed meanwhile. Read it again, then repeat your change."))
        self.case = case


class CannotOwn(Exception):
    """Whoever owns a case must be able to read it."""

    def __init__(self, person: User) -> None:
        super().__init__(_("%(name)s may not read this case. Choose somebody who may.") % {"name": person.display_name})


def next_number(at: datetime) -> str:
    """The next number of the year, `2026-000123`. Must run inside the transaction that uses it."""
    year = timezone.localtime(at).year
    if not CaseNumber.objects.filter(year=year).update(last=F("last") + 1):
        CaseNumber.objects.get_or_create(year=year)
        CaseNumber.objects.filter(year=year).update(last=F("last") + 1)
    return f"{year}-{CaseNumber.objects.values_list('last', flat=True).get(year=year):06d}"


def open(
    *,
    subject: str,
    office: Office,
    topic: Topic | None = None,
    citizen: Citizen | None = None,
    at: datetime | None = None,
    actor: User | None = None,
) -> Case:
    """A new case. `actor=None`: the house itself opens it (a mail arrived). Raises `Forbidden`."""
    if actor is not None:
        require(actor, "case.open", office_id=office.pk)
    at = at or timezone.now()
    with transaction.atomic():
        case = Case.objects.create(
            number=next_number(at),
            subject=subject[:300],
            office=office,
            topic=topic,
            citizen=citizen,
            owner=actor,
            opened_at=at,
            legal_due_at=_days_later(at, topic.legal_days if topic else None),
            norm_due_at=_days_later(at, topic.norm_days if topic else None),
        )
        events.record(events.fact("case.opened", case=case, actor=actor, at=at))
        _audit("case.opened", case, actor)
    return case


def _days_later(at: datetime, days: int | None) -> datetime | None:
    """Legal terms count whole local days and end with the last one (art. 2963 c.c.: the first day doesn't count)."""
    if days is None:
        return None
    last_day = timezone.localtime(at).date() + timedelta(days=days)
    return datetime.combine(last_day, time(23, 59, 59), timezone.get_default_timezone())


def open_for(
    *, interaction: Interaction, subject: str, actor: User, topic: Topic | None = None, based_on: int | None = None
) -> Case:
    """A new case of a contact's person and office, and the contact part of it: both or neither.

    Raises `Forbidden`, `StaleView`.
    """
    with transaction.atomic():
        case = open(subject=subject, office=interaction.office, topic=topic, citizen=interaction.citizen, actor=actor)
        link(case=case, interaction=interaction, actor=actor, based_on=based_on)
    return case


def link(*, case: Case, interaction: Interaction, actor: User | None = None, based_on: int | None = None) -> None:
    """Make a contact part of a case. Raises `Forbidden`, `StaleView`."""
    if actor is not None:
        require(actor, "case.change", office_id=case.office_id)
    with transaction.atomic():
        interactions.check_version(interactions.lock(interaction.pk), based_on)
        interaction.case = case
        Interaction.objects.filter(pk=interaction.pk).update(case=case, version=F("version") + 1)
        interaction.refresh_from_db(fields=["version"])
        events.record(events.fact("case.linked", interaction=interaction, case=case, actor=actor))
        _audit("case.linked", case, actor, interaction=str(interaction.public_id))


def unlink(*, interaction: Interaction, why: str, actor: User, based_on: int | None = None) -> None:
    """The contact is no part of its case any more; the case stays. Raises `Forbidden`, `StaleView`, `ValueError`."""
    case, words = interaction.case, why.replace("\x00", "").strip()[:200]
    if case is None:
        return
    require(actor, "case.change", office_id=case.office_id)
    if not words:
        raise ValueError(_("Say why it doesn't belong there: whoever reads the case must know."))
    with transaction.atomic():
        interactions.check_version(interactions.lock(interaction.pk), based_on)
        Interaction.objects.filter(pk=interaction.pk).update(case=None, version=F("version") + 1)
        interaction.case = None
        interaction.refresh_from_db(fields=["version"])
        events.record(events.fact("case.unlinked", interaction=interaction, case=case, actor=actor))
        _audit("case.unlinked", case, actor, interaction=str(interaction.public_id), purpose=words)


def change_status(*, case: Case, status: str, actor: User, reason: str = "") -> None:
    """Move a case between its statuses; closing says when. Raises `Forbidden`, `ValueError` for an unknown status."""
    require(actor, "case.change", office_id=case.office_id)
    if status not in Case.Status.values:
        raise ValueError(f"“{status}” is not a status of a case.")
    with transaction.atomic():
        locked = Case.objects.select_for_update().get(pk=case.pk)
        before, locked.status = locked.status, status
        locked.closed_at = timezone.now() if status == Case.Status.CLOSED else None
        locked.version += 1
        locked.save(update_fields=["status", "closed_at", "version"])
        case.status, case.closed_at, case.version = locked.status, locked.closed_at, locked.version
        fact = events.fact(f"case.{status}", case=case, actor=actor, data={"from": before})
        events.record(fact, also=_shown_in(case))
        _audit(f"case.{status}", case, actor, purpose=reason)


def check_version(*, case: Case, based_on: int | None) -> None:
    """Lock the case, inside the caller's transaction. Raises `StaleCase` when it isn't at that version any more."""
    locked = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if based_on is not None and based_on != locked.version:
        raise StaleCase(locked)


def change(
    *,
    case: Case,
    actor: User,
    subject: str | None = None,
    priority: int | None = None,
    topic: Topic | None = None,
    level: int | None = None,
    owner: User | None = None,
) -> None:
    """Correct what a case says of itself; None = as it was. Due dates stay. Raises `Forbidden`, `CannotOwn`."""
    require(actor, "case.change", office_id=case.office_id)
    if owner is not None and not readers_of(case).filter(pk=owner.pk).exists():
        raise CannotOwn(owner)
    given = {"subject": subject and subject[:300], "priority": priority, "topic": topic, "level": level, "owner": owner}
    changed = {name: value for name, value in given.items() if value is not None}
    with transaction.atomic():
        Case.objects.filter(pk=case.pk).update(version=F("version") + 1, **changed)
        case.refresh_from_db()
        fact = events.fact("case.changed", case=case, actor=actor, data={"fields": sorted(changed)})
        events.record(fact, also=_shown_in(case))
        _audit("case.changed", case, actor, fields=", ".join(sorted(changed)))


def revise(*, case: Case, actor: User, status: str, reason: str = "", based_on: int | None = None, **said: Any) -> None:
    """What a form says of a case, at once: whatever of `said` (as `change`) and its status differs is changed.

    Raises `Forbidden`, `StaleCase`, `CannotOwn`, `ValueError` for what no case can be.
    """
    if said.get("level") not in range(1, 4) or said.get("priority") not in range(1, 6) or not said.get("subject"):
        raise ValueError(_("A case has a subject, a level from 1 to 3 and a priority from 1 to 5."))
    with transaction.atomic():
        check_version(case=case, based_on=based_on)
        case.refresh_from_db()
        changed = {name: value for name, value in said.items() if value != getattr(case, name)}
        if changed:
            change(case=case, actor=actor, **changed)
        if status != case.status:
            change_status(case=case, status=status, actor=actor, reason=reason)


def _shown_in(case: Case) -> tuple[tuple[str, int], ...]:
    """Open conversations show their case: those look again."""
    rows = Interaction.objects.filter(case=case, status=Interaction.Status.OPEN)
    rows.update(version=F("version") + 1)
    return tuple((row.topic_group, row.version) for row in rows.only("public_id", "version"))


def close(*, case: Case, actor: User, reason: str = "") -> None:
    change_status(case=case, status=Case.Status.CLOSED, actor=actor, reason=reason)


def pause(*, case: Case, reason: str, actor: User) -> CasePause:
    """Stop the case's clocks. Raises `Forbidden`, `IntegrityError` (case_pauses_once_at_a_time) when it stands still already."""
    require(actor, "case.change", office_id=case.office_id)
    with transaction.atomic():
        pause = CasePause.objects.create(case=case, reason=reason[:200], began_at=timezone.now(), by=actor)
        events.record(events.fact("case.paused", case=case, actor=actor))
        _audit("case.paused", case, actor, purpose=reason)
    return pause


def resume(*, case: Case, actor: User) -> None:
    """Let the clocks run again: due dates move by the length of the pause. Does nothing when nothing is paused."""
    require(actor, "case.change", office_id=case.office_id)
    with transaction.atomic():
        pause = CasePause.objects.select_for_update().filter(case=case, ended_at__isnull=True).first()
        if pause is None:
            return
        pause.ended_at = timezone.now()
        pause.save(update_fields=["ended_at"])
        length = pause.ended_at - pause.began_at
        locked = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        for field in ("legal_due_at", "norm_due_at"):
            due = getattr(locked, field)
            setattr(locked, field, due + length if due else None)
        locked.version += 1
        locked.save(update_fields=["legal_due_at", "norm_due_at", "version"])
        case.legal_due_at, case.norm_due_at, case.version = locked.legal_due_at, locked.norm_due_at, locked.version
        events.record(
            events.fact("case.resumed", case=case, actor=actor, data={"seconds": int(length.total_seconds())})
        )
        _audit("case.resumed", case, actor)


def _audit(action: str, case: Case, actor: User | None, purpose: str = "", **data: str) -> None:
    audit.record(
        action,
        subject=f"case:{case.public_id}",
        actor=actor,
        citizen=case.citizen.public_id if case.citizen else None,
        purpose=purpose[:200],
        data=data,
    )
