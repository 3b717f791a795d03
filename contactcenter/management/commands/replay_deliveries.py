"""`manage.py replay_deliveries [--account A] [ID …]`: try what could not be understood once more."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from channels_adapters.registry import UnknownKind
from contactcenter.accounts.secrets import Unreadable
from contactcenter.intake import accept
from contactcenter.intake.models import RawDelivery
from contactcenter.intake.sweep import HANDLED

State = RawDelivery.State


class Command(BaseCommand):
    help = (
        "Replay undeliverable (and still waiting) raw deliveries. Nothing that was recorded before is recorded twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ids", nargs="*", type=int, help="only these deliveries")
        parser.add_argument("--account", default="", help="only of this channel account")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = RawDelivery.objects.select_related("account__queue__office", "account__office")
        rows = rows.filter(pk__in=options["ids"]) if options["ids"] else rows.exclude(state__in=HANDLED)
        if options["account"]:
            rows = rows.filter(account__slug=options["account"])
        understood = 0
        rows = rows.exclude(state__in=HANDLED, body=b"")  # handled long ago, and its bytes forgotten since
        for delivery in rows.order_by("pk").iterator(chunk_size=50):
            try:
                accept.replay(delivery)
            except (Unreadable, UnknownKind) as error:  # the account's trouble: the others go on
                self.stdout.write(f"{delivery.pk}: {error}")
                continue
            delivery.refresh_from_db(fields=["state", "error"])
            understood += delivery.state == State.PROCESSED
            self.stdout.write(f"{delivery.pk}: {delivery.get_state_display()} {delivery.error}".rstrip())
        self.stdout.write(f"{understood} understood now.")
