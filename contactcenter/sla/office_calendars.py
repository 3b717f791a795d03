"""The calendars that queues share: made, changed, and as arithmetic. `queues.calendars` removes them."""

import json
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from contactcenter.sla import checking
from contactcenter.sla.calendars import DAYS, Calendar, Span, Week
from contactcenter.sla.checking import Wrong
from contactcenter.sla.models import OfficeCalendar
from crm import audit
from crm.access import NotVisible, require
from crm.models import User

COLUMNS = ("name", "zone", "week", "holidays", "subdivision", "closed_days", "special_hours")


def calendar_of(row: OfficeCalendar) -> Calendar:
    """The arithmetic of a calendar. Built once for as long as its columns stay what they are."""
    return _built(
        row.zone, json.dumps(row.week), tuple(row.closed_days), row.holidays, row.subdivision,
        json.dumps(row.special_hours),
    )  # fmt: skip


@lru_cache(maxsize=256)
def _built(zone: str, week: str, closed: tuple[str, ...], country: str, part: str, special: str) -> Calendar:
    return Calendar(zone, json.loads(week), frozenset(closed), country, part, json.loads(special))


def create(
    *,
    slug: str,
    name: str,
    zone: str,
    actor: User | None,
    week: Week | None = None,
    holidays: str = "",
    subdivision: str = "",
    closed_days: Collection[str] = (),
    special_hours: Mapping[str, Sequence[Span]] | None = None,
) -> OfficeCalendar:
    """A calendar nobody uses yet. Raises `Forbidden`, `Wrong`. Without an actor the house itself makes it."""
    if actor is not None:
        require(actor, "settings.change")
    row = OfficeCalendar(
        slug=slug, name=name, zone=zone, week=week or {}, holidays=holidays, subdivision=subdivision,
        closed_days=list(closed_days), special_hours=special_hours or {},
    )  # fmt: skip
    _settle(row)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            audit.record("calendar.created", subject=subject(row), actor=actor)
    except IntegrityError:
        taken = _("Another calendar has the short name “%(slug)s”. Choose a different one.") % {"slug": slug}
        raise Wrong({"slug": [taken]}) from None
    return row


def change(*, calendar: OfficeCalendar, actor: User, **fields: Any) -> None:
    """Set some of `COLUMNS`; the others stay, whatever `calendar` remembers.

    Raises `Forbidden`, `Wrong`, and `NotVisible` where somebody removed it meanwhile.
    """
    require(actor, "settings.change")
    if unknown := set(fields) - set(COLUMNS):
        raise TypeError(f"a calendar has no {sorted(unknown)}")
    with transaction.atomic():
        _read_again(calendar)
        before = _values(calendar)
        for name, value in fields.items():
            setattr(calendar, name, value)
        _settle(calendar)
        changed = sorted(name for name, value in _values(calendar).items() if value != before[name])
        if changed:
            calendar.save(update_fields=changed)
            audit.record("calendar.changed", subject=subject(calendar), actor=actor, data={"fields": changed})


def subject(calendar: OfficeCalendar) -> str:
    """What the audit calls it."""
    return f"calendar:{calendar.slug}"


def _read_again(calendar: OfficeCalendar) -> None:
    try:
        calendar.refresh_from_db(from_queryset=OfficeCalendar.objects.select_for_update())
    except OfficeCalendar.DoesNotExist:
        raise NotVisible(_("This calendar has been removed meanwhile.")) from None


def _values(calendar: OfficeCalendar) -> dict[str, Any]:
    return {name: getattr(calendar, name) for name in COLUMNS}


def _settle(row: OfficeCalendar) -> None:
    """Check what is to be kept, and put it in order: the same calendar is the same columns. Raises `Wrong`."""
    whole = Calendar(row.zone, row.week, frozenset(row.closed_days), row.holidays, row.subdivision, row.special_hours)
    if found := checking.faults(whole):
        raise Wrong(found)
    row.week = {day: checking.ordered(row.week[day]) for day in DAYS if row.week.get(day)}
    row.closed_days = sorted(set(row.closed_days))
    row.special_hours = {day: checking.ordered(spans) for day, spans in sorted(row.special_hours.items())}
