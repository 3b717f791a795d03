"""Removing a calendar. One that a queue keeps to, or a rule names, stays: the rule would silently hold for nobody."""

from collections.abc import Iterable, Iterator

from django.db import transaction
from django.utils.translation import gettext as _

from contactcenter.queues import rulebook
from contactcenter.queues.models import Queue, RoutingRule
from contactcenter.routing import rules as routing
from contactcenter.sla import office_calendars
from contactcenter.sla.models import OfficeCalendar
from crm import audit
from crm.access import NotVisible, require
from crm.models import User

NAMED = 5  # of those that use a calendar


class InUse(ValueError):
    """Something still keeps to this calendar; the sentence names it."""


def remove(*, calendar: OfficeCalendar, actor: User) -> None:
    """Raises `Forbidden`, `InUse` as long as a queue or a rule keeps to it, `NotVisible` where it is gone already.

    The calendar is locked before the rules are read; whoever keeps a rule that names it locks it as well.
    """
    require(actor, "settings.change")
    with transaction.atomic():
        if not list(OfficeCalendar.objects.select_for_update().filter(pk=calendar.pk).values_list("pk")):
            raise NotVisible(_("This calendar has been removed meanwhile."))
        _refuse_used(Queue.objects.filter(calendar=calendar).order_by("name"))
        _refuse_named(calendar)
        subject = office_calendars.subject(calendar)
        calendar.delete()
        audit.record("calendar.removed", subject=subject, actor=actor)
        rulebook.changed()


def _refuse_used(queues: Iterable[Queue]) -> None:
    if names := [str(queue) for queue in queues]:
        sentence = _("This calendar is used by %(names)s. Give them another one first, then remove it.")
        raise InUse(sentence % {"names": _listed(names)})


def _refuse_named(calendar: OfficeCalendar) -> None:
    """Rules know a calendar by its short name; those that are switched off may be switched on again."""
    if names := [rule.name for rule in RoutingRule.objects.all() if calendar.slug in _named_by(rule)]:
        sentence = _("These rules ask whether this calendar is open: %(names)s. Change them first, then remove it.")
        raise InUse(sentence % {"names": _listed(names)})


def _named_by(rule: RoutingRule) -> Iterator[str]:
    try:
        hours = routing.conditions_from(rule.conditions).hours
    except routing.NotUnderstood:
        return  # it holds for nobody anyway
    yield from (entry.calendar for entry in hours if isinstance(entry, routing.While))


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:NAMED])
    if len(names) > NAMED:
        return _("%(names)s and %(n)d more") % {"names": shown, "n": len(names) - NAMED}
    return shown
