"""Rules from contact to queue: making, changing, putting in order and removing them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from contactcenter.accounts.models import ChannelAccount
from contactcenter.queues import rulebook
from contactcenter.queues.checking import PRIORITY, Faults, Wrong
from contactcenter.queues.models import RoutingRule
from contactcenter.routing import rules as routing
from contactcenter.sla.models import OfficeCalendar
from crm import audit
from crm.access import NotVisible, require
from crm.models import Topic, User

__all__ = ["COLUMNS", "OrderMoved", "Wrong", "change", "create", "move", "remove", "reorder"]
COLUMNS = ("name", "account", "conditions", "queue", "requirements", "priority", "active")


class OrderMoved(ValueError):
    """The rules that were put in order aren't those there are now."""

    def __init__(self) -> None:
        super().__init__(_("Somebody added or removed a rule meanwhile. Look at the list again, then put it in order."))


def create(*, name: str, actor: User | None, **fields: Any) -> RoutingRule:
    """Asked last, until it is moved. `fields` as in `COLUMNS`. Raises `Forbidden`, `Wrong`."""
    _allowed(actor)
    with transaction.atomic():
        last = RoutingRule.objects.aggregate(last=Max("position"))["last"] or 0
        rule = RoutingRule(name=name, position=last + 1)
        _set(rule, fields)
        rule.save(force_insert=True)
        _record("rule.created", rule, actor)
    return rule


def change(*, rule: RoutingRule, actor: User, **fields: Any) -> None:
    """Raises `Forbidden`, `Wrong`, `NotVisible` where it was removed meanwhile."""
    _allowed(actor)
    with transaction.atomic():
        _read_again(rule)
        _set(rule, fields)
        rule.save(update_fields=list(COLUMNS))
        _record("rule.changed", rule, actor, fields=sorted(fields))


def remove(*, rule: RoutingRule, actor: User) -> None:
    """What it led to its queue stays there. Raises `Forbidden`."""
    _allowed(actor)
    with transaction.atomic():
        _record("rule.removed", rule, actor)
        rule.delete()


def move(*, rule: RoutingRule, up: bool, actor: User) -> bool:
    """Past the one before or after it. False = it is the first or the last already. Raises `Forbidden`."""
    _allowed(actor)
    with transaction.atomic():
        order = _locked()
        ids = [row.pk for row in order]
        if rule.pk not in ids:
            raise NotVisible(_("This rule has been removed meanwhile."))
        at = ids.index(rule.pk)
        to = at - 1 if up else at + 1
        if not 0 <= to < len(ids):
            return False
        ids[at], ids[to] = ids[to], ids[at]
        _put_in_order(ids, order, actor)
    return True


def reorder(*, ids: Sequence[int], actor: User) -> None:
    """All of them, the first to be asked first. Raises `Forbidden`, `OrderMoved`."""
    _allowed(actor)
    with transaction.atomic():
        order = _locked()
        if sorted(ids) != sorted(row.pk for row in order):
            raise OrderMoved
        _put_in_order(ids, order, actor)


def _locked() -> list[RoutingRule]:
    return list(RoutingRule.objects.select_for_update().order_by("position", "id"))


def _put_in_order(ids: Sequence[int], rows: Sequence[RoutingRule], actor: User) -> None:
    places = {pk: place for place, pk in enumerate(ids, start=1)}
    for row in rows:
        row.position = places[row.pk]
    RoutingRule.objects.bulk_update(rows, ["position"])
    audit.record("rules.reordered", subject="rules", actor=actor, data={"order": list(ids)})
    rulebook.changed()


def _allowed(actor: User | None) -> None:
    if actor is not None:
        require(actor, "settings.change")


def _read_again(rule: RoutingRule) -> None:
    try:
        rule.refresh_from_db(from_queryset=RoutingRule.objects.select_for_update(of=("self",)))
    except RoutingRule.DoesNotExist:
        raise NotVisible(_("This rule has been removed meanwhile.")) from None


def _set(rule: RoutingRule, fields: Mapping[str, Any]) -> None:
    """Raises `Wrong`."""
    if unknown := set(fields) - set(COLUMNS):
        raise TypeError(f"a rule has no {sorted(unknown)}")
    for name, value in fields.items():
        setattr(rule, name, value)
    rule.requirements = rule.requirements.strip()
    faults = Faults()
    _check(rule, faults)
    faults.refuse()


def _check(rule: RoutingRule, faults: Faults) -> None:
    if not rule.name.strip():
        faults.say("name", _("Write a name."))
    faults.number("priority", rule.priority, *PRIORITY)
    faults.requirements("requirements", rule.requirements)
    if rule.account and not ChannelAccount.objects.filter(slug=rule.account).exists():
        faults.say("account", _("There is no channel “%(name)s”.") % {"name": rule.account[:50]})
    if rule.queue is None and not rule.requirements and not rule.priority:
        faults.say("queue", _("This rule does nothing yet. Choose a queue, write requirements or change the priority."))
    if rule.queue is not None and not rule.queue.active:
        faults.say("queue", _("%(queue)s is switched off. Choose another queue.") % {"queue": rule.queue})
    try:
        conditions = routing.conditions_from(rule.conditions)
    except routing.NotUnderstood as error:
        faults.say("conditions", str(error))
        return
    rule.conditions = routing.to_json(conditions)
    _check_names(conditions, faults)


def _check_names(conditions: routing.Conditions, faults: Faults) -> None:
    topics = set(Topic.objects.filter(slug__in=conditions.topics).values_list("slug", flat=True))
    for slug in conditions.topics:
        if slug not in topics:
            faults.say("conditions.topics", _("There is no topic “%(name)s”.") % {"name": slug})
    wanted = [entry.calendar for entry in conditions.hours if isinstance(entry, routing.While)]
    # Under lock until this rule is kept: nobody removes a calendar that it is about to name.
    rows = OfficeCalendar.objects.select_for_update(no_key=True).filter(slug__in=wanted).order_by("pk")
    calendars = set(rows.values_list("slug", flat=True))
    for slug in wanted:
        if slug not in calendars:
            faults.say("conditions.hours", _("There is no calendar “%(name)s”.") % {"name": slug})


def _record(action: str, rule: RoutingRule, actor: User | None, **data: Any) -> None:
    audit.record(action, subject=f"rule:{rule.pk}", actor=actor, data={"name": rule.name, **data})
    rulebook.changed()
