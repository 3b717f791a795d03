"""Offices, topics, queues, people and channel accounts, as `data/organisation.toml` names them."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password

from contactcenter.accounts import accounts
from contactcenter.accounts.models import ChannelAccount
from contactcenter.demo_street.town import scripts
from contactcenter.queues.models import Queue
from contactcenter.sla import office_calendars
from contactcenter.sla.models import OfficeCalendar
from crm.models import Grant, Office, Topic, User

# Everybody may know it; production refuses to start with these people.
PASSWORD = "demo"  # nosec B105
EVERYWHERE = "*"


def furnish() -> None:
    """Make everything that stands still. The caller holds the transaction."""
    plan = scripts.organisation()
    Office.objects.bulk_create(Office(**row) for row in plan["office"])
    offices = {office.slug: office for office in Office.objects.all()}
    Topic.objects.bulk_create(Topic(**{**row, "office": offices[row["office"]]}) for row in plan["topic"])
    calendars = {row["slug"]: _calendar(row) for row in plan["calendar"]}
    for row in plan["queue"]:
        _queue(row, offices, calendars)
    _people(plan["person"], offices)
    for row in plan["account"]:
        _account(row)


def _calendar(row: dict[str, Any]) -> OfficeCalendar:
    return office_calendars.create(zone=settings.TIME_ZONE, actor=None, **row)


def _queue(row: dict[str, Any], offices: dict[str, Office], calendars: dict[str, OfficeCalendar]) -> None:
    fields = {name: row[name] for name in ("slug", "name", "priority") if name in row}
    calendar = calendars[row["calendar"]] if "calendar" in row else None
    queue = Queue.objects.create(**fields, office=offices[row["office"]], calendar=calendar)
    queue.topics.set(Topic.objects.filter(slug__in=row["topics"]))


def _people(rows: list[dict[str, Any]], offices: dict[str, Office]) -> None:
    password = make_password(PASSWORD)  # one hash for all: it is no secret, and hashing is slow by design
    for row in rows:
        names = {name: row[name] for name in ("username", "first_name", "last_name")}
        user = User.objects.create(**names, password=password, language="it", is_demo=True)
        places = [None] if EVERYWHERE in row["offices"] else [offices[slug] for slug in row["offices"]]
        Grant.objects.bulk_create(Grant(user=user, role=row["role"], office=office) for office in places)


def _account(row: dict[str, Any]) -> None:
    settings = dict(row.get("settings", {}))
    if "generated_secret" in row:
        settings[row["generated_secret"]] = secrets.token_urlsafe(32)
    reply_through = ChannelAccount.objects.filter(slug=row.get("reply_through", "")).first()
    acknowledgements = {language: text.strip() for language, text in row.get("acknowledgements", {}).items()}
    accounts.create(
        slug=row["slug"],
        kind=row["kind"],
        name=row["name"],
        queue=Queue.objects.select_related("office").get(slug=row["queue"]),
        actor=None,
        settings=settings,
        opens_case=row["opens_case"],
        reply_through=reply_through,
        acknowledgements=acknowledgements,
    )
