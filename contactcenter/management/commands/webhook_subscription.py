"""`manage.py webhook_subscription`: programs that are told of facts."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count, Q

from contactcenter.outbox import webhook_delivery, webhooks
from contactcenter.outbox.subscriptions import WebhookSubscription
from crm.models import Office


class Command(BaseCommand):
    help = "Add, list and remove programs that are told of facts by signed webhook; try again what was given up."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        add = verbs.add_parser("add", help="Tell an address of facts from now on; prints its id and secret.")
        add.add_argument("url")
        add.add_argument("events", nargs="+", help="message.received, case.* or '*'")
        add.add_argument("--name", required=True)
        add.add_argument("--office", help="Slug: only the facts of this office.")
        verbs.add_parser("list", help="Every subscription, with what waits and what was given up.")
        for verb, meaning in (("remove", "Tell it nothing more."), ("retry", "Try again what was given up.")):
            verbs.add_parser(verb, help=meaning).add_argument("id", help="As `list` shows it.")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        getattr(self, f"_{verb}")(**options)

    def _add(self, *, url: str, events: list[str], name: str, office: str | None, **_: Any) -> None:
        of = Office.objects.filter(slug=office).first() if office else None
        if office and of is None:
            raise CommandError(f"There is no office “{office}”.")
        try:
            made, secret = webhooks.subscribe(name=name, url=url, events=events, office=of)
        except webhooks.Invalid as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{made.public_id} {secret}")

    def _list(self, **_: Any) -> None:
        counted = WebhookSubscription.objects.annotate(
            waiting=Count("deliveries", filter=Q(deliveries__state="waiting")),
            dead=Count("deliveries", filter=Q(deliveries__state="dead")),
        )
        for one in counted.select_related("office"):
            office = one.office.slug if one.office else "all offices"
            self.stdout.write(
                f"{one.public_id}  {one.name}  {' '.join(one.events)}  {office}  {one.url}"
                f"  waiting {one.waiting}, given up {one.dead}  {one.trouble}".rstrip()
            )

    def _remove(self, *, id: str, **_: Any) -> None:
        webhooks.unsubscribe(subscription=self._one(id))
        self.stdout.write("Removed.")

    def _retry(self, *, id: str, **_: Any) -> None:
        self.stdout.write(f"{webhook_delivery.revive(self._one(id))} will be tried again.")

    def _one(self, public_id: str) -> WebhookSubscription:
        for one in WebhookSubscription.objects.all():
            if str(one.public_id) == public_id:
                return one
        raise CommandError(f"There is no subscription “{public_id}”. `webhook_subscription list` shows them.")
