"""`manage.py organise office|queue|topic|person …`: an installation's first offices, queues and people."""

import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, transaction

from contactcenter.queues import lines
from contactcenter.queues.models import Queue
from crm import organisation
from crm.models import Office, User
from crm.models.people import Role


class Command(BaseCommand):
    help = "Add an office, a queue, a topic or a person with a role. Channels are added at /settings/."

    def add_arguments(self, parser: ArgumentParser) -> None:
        kinds = parser.add_subparsers(dest="what", required=True)
        for what in ("office", "queue", "topic"):
            kind = kinds.add_parser(what)
            kind.add_argument("slug")
            kind.add_argument("name")
            if what != "office":
                kind.add_argument("--office", required=True, help="slug of an office")
        kinds.choices["topic"].add_argument("--queue", default="", help="slug of the queue it leads to")
        kinds.choices["topic"].add_argument("--legal-days", type=int)
        kinds.choices["topic"].add_argument("--norm-days", type=int)
        person = kinds.add_parser("person")
        person.add_argument("username")
        person.add_argument("--first-name", default="")
        person.add_argument("--last-name", default="")
        person.add_argument("--role", required=True, choices=Role.values)
        person.add_argument("--office", default="", help="slug of an office; left away = all offices")
        person.add_argument("--queue", default="", help="slug of a queue; left away = all queues of the office")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                said = getattr(self, f"_{options['what']}")(options)
        except IntegrityError:
            raise CommandError("There is one of that name already. Choose another.") from None
        self.stdout.write(said)

    def _office(self, options: dict[str, Any]) -> str:
        organisation.open_office(slug=options["slug"], name=options["name"], actor=None)
        return f"The office {options['name']} is open."

    def _queue(self, options: dict[str, Any]) -> str:
        office = _named(Office, options["office"])
        try:
            lines.open(slug=options["slug"], name=options["name"], office=office, actor=None)
        except lines.Wrong as error:
            raise CommandError(str(error)) from None
        return f"The queue {options['name']} is open. Its hours are set at /settings/."

    def _topic(self, options: dict[str, Any]) -> str:
        topic = organisation.add_topic(
            slug=options["slug"], name=options["name"], office=_named(Office, options["office"]), actor=None,
            legal_days=options["legal_days"], norm_days=options["norm_days"],
        )  # fmt: skip
        if options["queue"]:
            queue = _named(Queue, options["queue"])
            lines.change(queue=queue, topics=[*queue.topics.all(), topic], actor=None)
        return f"Citizens can choose {options['name']} now."

    def _person(self, options: dict[str, Any]) -> str:
        """A known person only gets the role; a new one also a password, shown this once."""
        office = _named(Office, options["office"]) if options["office"] else None
        if options["queue"]:
            _named(Queue, options["queue"])
        user, password = User.objects.filter(username=options["username"]).first(), ""
        if user is None:
            password = secrets.token_urlsafe(12)
            user = organisation.take_in(
                username=options["username"], first_name=options["first_name"], last_name=options["last_name"],
                password=password, actor=None,
            )  # fmt: skip
        organisation.give(user=user, role=options["role"], office=office, queue=options["queue"], actor=None)
        told = f" The password, shown this once: {password}" if password else ""
        return f"{options['username']} is {options['role']} in {office or 'all offices'}.{told}"


def _named(model: Any, slug: str) -> Any:
    found = model.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(model.objects.values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"There is no {model.__name__.lower()} called “{slug}”. Known: {known}.")
    return found
