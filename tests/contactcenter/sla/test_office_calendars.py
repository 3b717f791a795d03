"""Calendars are made, changed and removed by administrators; a wrong one is never kept, a used one never lost."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from contactcenter.queues import calendars as queue_calendars, rules
from contactcenter.queues.models import Queue, RoutingRule
from contactcenter.sla import office_calendars
from contactcenter.sla.checking import Wrong
from contactcenter.sla.models import OfficeCalendar
from crm.access import Forbidden, NotVisible
from crm.models import AuditEntry, User
from tests.people import Town

ROME = ZoneInfo("Europe/Rome")
WEEK = {"mon": [["14:00", "18:00"], ["09:00", "13:00"]], "tue": []}


@pytest.fixture
def hours(ada: User) -> OfficeCalendar:
    """Ada sets up the hours of the town hall."""
    return office_calendars.create(
        slug="municipio", name="Municipio", zone="Europe/Rome", actor=ada, week=WEEK, holidays="IT", subdivision="RM",
        closed_days=["2026-12-24", "2026-08-14", "2026-12-24"], special_hours={"2026-12-31": [["09:00", "12:00"]]},
    )  # fmt: skip


def test_a_calendar_is_kept_in_order(hours: OfficeCalendar) -> None:
    hours.refresh_from_db()
    assert hours.week == {"mon": [["09:00", "13:00"], ["14:00", "18:00"]]}
    assert hours.closed_days == ["2026-08-14", "2026-12-24"]
    assert AuditEntry.objects.get(action="calendar.created").subject == "calendar:municipio"


def test_its_arithmetic_follows_the_columns(hours: OfficeCalendar, ada: User) -> None:
    before = office_calendars.calendar_of(hours)
    assert before is office_calendars.calendar_of(OfficeCalendar.objects.get())
    assert not before.is_open(dt.datetime(2026, 6, 29, 10, tzinfo=ROME))  # a Monday, the patron saints'
    office_calendars.change(calendar=hours, actor=ada, subdivision="")
    assert office_calendars.calendar_of(hours).is_open(dt.datetime(2026, 6, 29, 10, tzinfo=ROME))


def test_a_change_says_what_it_changed_and_nothing_where_it_changed_nothing(hours: OfficeCalendar, ada: User) -> None:
    office_calendars.change(calendar=hours, actor=ada, name="Municipio", zone="Europe/Kyiv", week=WEEK)
    assert AuditEntry.objects.get(action="calendar.changed").data == {"fields": ["zone"]}
    office_calendars.change(calendar=hours, actor=ada, zone="Europe/Kyiv")
    assert AuditEntry.objects.filter(action="calendar.changed").count() == 1


def test_a_change_keeps_what_somebody_else_changed_meanwhile(hours: OfficeCalendar, ada: User) -> None:
    stale = OfficeCalendar.objects.get()
    office_calendars.change(calendar=hours, actor=ada, holidays="", subdivision="")
    with pytest.raises(Wrong, match="Choose the country first"):
        office_calendars.change(calendar=stale, actor=ada, subdivision="MI")
    office_calendars.change(calendar=stale, actor=ada, name="Sede")
    assert OfficeCalendar.objects.values_list("name", "holidays").get() == ("Sede", "")


def test_what_is_wrong_is_not_kept(hours: OfficeCalendar, ada: User) -> None:
    with pytest.raises(Wrong) as caught:
        office_calendars.change(calendar=hours, actor=ada, week={"mon": [["09:00", ""]]})
    assert list(caught.value.faults) == ["week.mon"]
    assert OfficeCalendar.objects.get().week["mon"][0] == ["09:00", "13:00"]


def test_a_short_name_is_used_once(hours: OfficeCalendar, ada: User) -> None:
    with pytest.raises(Wrong, match="“municipio”"):
        office_calendars.create(slug="municipio", name="Altro", zone="UTC", actor=ada)
    assert OfficeCalendar.objects.count() == 1


def test_only_administrators_touch_calendars(hours: OfficeCalendar, diego: User) -> None:
    with pytest.raises(Forbidden):
        office_calendars.create(slug="x", name="x", zone="UTC", actor=diego)
    with pytest.raises(Forbidden):
        office_calendars.change(calendar=hours, actor=diego, name="x")
    with pytest.raises(Forbidden):
        queue_calendars.remove(calendar=hours, actor=diego)


def test_a_calendar_nobody_uses_is_removed(hours: OfficeCalendar, ada: User) -> None:
    stale = OfficeCalendar.objects.get()
    queue_calendars.remove(calendar=hours, actor=ada)
    assert not OfficeCalendar.objects.exists()
    assert AuditEntry.objects.get(action="calendar.removed").subject == "calendar:municipio"
    with pytest.raises(NotVisible):
        office_calendars.change(calendar=stale, actor=ada, name="x")


def test_one_that_is_used_stays_and_its_users_are_named(hours: OfficeCalendar, ada: User, town: Town) -> None:
    Queue.objects.update(calendar=hours)
    with pytest.raises(queue_calendars.InUse, match="used by “Accoglienza”, “Tributi”. Give them another one first"):
        queue_calendars.remove(calendar=hours, actor=ada)
    assert OfficeCalendar.objects.exists()
    assert not AuditEntry.objects.filter(action="calendar.removed").exists()


def test_many_users_are_named_in_part(hours: OfficeCalendar, ada: User, town: Town) -> None:
    for n in range(5):
        Queue.objects.create(slug=f"line-{n}", name=f"Line {n}", office=town.front)
    Queue.objects.update(calendar=hours)
    with pytest.raises(queue_calendars.InUse, match="“Line 3” and 2 more"):
        queue_calendars.remove(calendar=hours, actor=ada)


@pytest.mark.parametrize("active", [True, False])
def test_one_that_a_rule_asks_for_stays_and_the_rule_is_named(
    active: bool, hours: OfficeCalendar, ada: User, town: Town
) -> None:
    rule = rules.create(
        name="Di notte", queue=town.taxes_queue, actor=ada, active=active,
        conditions={"hours": [{"calendar": "municipio", "is": "closed"}]},
    )  # fmt: skip
    with pytest.raises(queue_calendars.InUse, match="ask whether this calendar is open: “Di notte”. Change them first"):
        queue_calendars.remove(calendar=hours, actor=ada)
    assert OfficeCalendar.objects.exists()
    rules.remove(rule=rule, actor=ada)
    queue_calendars.remove(calendar=hours, actor=ada)
    assert not OfficeCalendar.objects.exists()


def test_a_rule_that_nobody_can_read_keeps_no_calendar(hours: OfficeCalendar, ada: User, town: Town) -> None:
    RoutingRule.objects.create(name="Rotta", position=1, queue=town.taxes_queue, conditions={"hours": "municipio"})
    queue_calendars.remove(calendar=hours, actor=ada)
    assert not OfficeCalendar.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"zone": ""}, {"zone": "UTC", "subdivision": "RM"}])
def test_the_database_itself_refuses_what_makes_no_sense(wrong: dict[str, str]) -> None:
    with pytest.raises(IntegrityError, match="office_calendar_"), transaction.atomic():
        OfficeCalendar.objects.create(slug="x", name="x", **wrong)
