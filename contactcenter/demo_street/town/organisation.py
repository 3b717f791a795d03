"""Offices, topics, queues, people and channel accounts, as `data/organisation.toml` names them."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from contactcenter.accounts import accounts
from contactcenter.accounts.models import ChannelAccount
from contactcenter.demo_street.town import scripts
from contactcenter.queues.models import Agent, AgentLanguage, AgentSkill, Presence, Queue, Skill
from contactcenter.sla import office_calendars
from contactcenter.sla.models import OfficeCalendar
from contactcenter.writing.models import CannedAnswer, Macro
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
    skills = {row["slug"]: _skill(row) for row in plan["skill"]}
    _people(plan["person"], offices, skills)
    for row in plan["account"]:
        _account(row)
    for row in scripts.canned()["answer"]:
        _canned(row, offices)
    Macro.objects.bulk_create(Macro(**row, scope=Macro.Scope.GLOBAL) for row in scripts.canned()["macro"])


def _canned(row: dict[str, Any], offices: dict[str, Office]) -> None:
    """Of an office, of a person, or of the whole house."""
    scope = CannedAnswer.Scope
    office, owner = offices.get(row.get("office", "")), User.objects.filter(username=row.get("owner", "")).first()
    CannedAnswer.objects.create(
        shortcut=row["shortcut"], title=row["title"], texts=row["texts"], uses=row.get("uses", 0), office=office,
        owner=owner, scope=scope.OFFICE if office else scope.PERSONAL if owner else scope.GLOBAL,
        topic=Topic.objects.get(slug=row["topic"]) if "topic" in row else None,
    )  # fmt: skip


def _calendar(row: dict[str, Any]) -> OfficeCalendar:
    return office_calendars.create(zone=settings.TIME_ZONE, actor=None, **row)


def _queue(row: dict[str, Any], offices: dict[str, Office], calendars: dict[str, OfficeCalendar]) -> None:
    fields: dict[str, Any] = {
        name: row[name] for name in ("slug", "name", "priority", "wrap_up_seconds") if name in row
    }
    # Only the chat is offered: a newcomer isn't met by a rain of old letters.
    fields["mode"] = row.get("mode", Queue.Mode.PULL)
    calendar = calendars[row["calendar"]] if "calendar" in row else None
    queue = Queue.objects.create(**fields, office=offices[row["office"]], calendar=calendar)
    queue.topics.set(Topic.objects.filter(slug__in=row["topics"]))


def _skill(row: dict[str, Any]) -> Skill:
    return Skill.objects.create(slug=row["slug"], name=row["name"], topic=Topic.objects.get(slug=row["topic"]))


def _people(rows: list[dict[str, Any]], offices: dict[str, Office], skills: dict[str, Skill]) -> None:
    password = make_password(PASSWORD)  # one hash for all: it is no secret, and hashing is slow by design
    for row in rows:
        names = {name: row[name] for name in ("username", "first_name", "last_name")}
        user = User.objects.create(**names, password=password, language="it", is_demo=True)
        places = [None] if EVERYWHERE in row["offices"] else [offices[slug] for slug in row["offices"]]
        Grant.objects.bulk_create(Grant(user=user, role=row["role"], office=office) for office in places)
        if "languages" in row:
            _agent(user, row, skills)
        if row.get("at_desk"):
            Presence.objects.create(
                user=user, status=Presence.Status.AVAILABLE, since=timezone.now(), lost=True,
                routing=Presence.Routing.LOST, routing_since=timezone.now(),
            )  # fmt: skip


def _agent(user: User, row: dict[str, Any], skills: dict[str, Skill]) -> None:
    """What they can do, and how much of it at once."""
    agent = Agent.objects.create(user=user, level=row["level"], **row.get("slots", {}))
    AgentLanguage.objects.bulk_create(
        AgentLanguage(agent=agent, language=code, level=level) for code, level in row["languages"].items()
    )
    AgentSkill.objects.bulk_create(
        AgentSkill(agent=agent, skill=skills[slug], level=level) for slug, level in row["skills"].items()
    )


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
