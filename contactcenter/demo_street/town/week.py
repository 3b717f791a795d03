"""From plans to rows: cases get their numbers in the order in which they were opened, then everything is told."""

from datetime import datetime, timedelta

from django.utils import timezone

from contactcenter.demo_street.town.people import Directory
from contactcenter.demo_street.town.plans import Plan, Planner
from contactcenter.demo_street.town.rows import Rows
from contactcenter.demo_street.town.telling import Telling
from contactcenter.queues import roster
from crm import cases
from crm.models import Case, Citizen


def happen(now: datetime) -> int:
    """Write the week before `now`; returns how many conversations it had. The caller holds the transaction."""
    roster.forget()  # these people were made a moment ago
    plans = Planner(now, timezone.get_default_timezone_name()).plans()
    directory, rows = Directory(), Rows()
    points = {plan.key: directory.point(plan) for plan in plans}
    numbered = {plan.key: case for plan in _by_case(plans) if (case := _case(plan, points[plan.key].citizen))}
    directory.save()
    rows.cases.extend(numbered.values())
    for plan in plans:
        Telling(plan, points[plan.key], numbered.get(plan.key), rows).tell()
    rows.save()
    return len(plans)


def _by_case(plans: list[Plan]) -> list[Plan]:
    opened = [(plan.case_at, plan.key, plan) for plan in plans if plan.case_at]
    return [plan for _at, _key, plan in sorted(opened, key=lambda row: row[:2])]


def _case(plan: Plan, citizen: Citizen | None) -> Case | None:
    at = plan.case_at
    if at is None:
        return None
    topic = plan.topic
    return Case(
        number=cases.next_number(at), topic=topic, office=plan.queue.office, citizen=citizen, opened_at=at,
        legal_due_at=_end_of_day(at, topic.legal_days if topic else None),
        norm_due_at=_end_of_day(at, topic.norm_days if topic else None),
    )  # fmt: skip


def _end_of_day(at: datetime, days: int | None) -> datetime | None:
    """Terms count whole local days and end with the last one, as `crm.cases` reckons them."""
    if days is None:
        return None
    day = timezone.localtime(at) + timedelta(days=days)
    return day.replace(hour=23, minute=59, second=59, microsecond=0)
