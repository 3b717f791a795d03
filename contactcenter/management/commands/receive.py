"""`manage.py receive ACCOUNT < raw`: feed one raw item through the real door and print what came of it as JSON."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from channels_adapters.contract import RawRequest, Untrusted
from contactcenter.accounts import accounts
from contactcenter.intake.accept import accept
from contactcenter.intake.webhook import MAX_BODY


class Command(BaseCommand):
    help = "Feed one raw item from standard input to a channel account, and print the outcome as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("account", help="slug of the channel account")

    def handle(self, *args: Any, **options: Any) -> None:
        body = sys.stdin.buffer.read(MAX_BODY * 2 + 1)
        if not body.strip():
            raise CommandError("Nothing came in on standard input. Use: manage.py receive ACCOUNT < file")
        if len(body) > MAX_BODY * 2:
            raise CommandError("The item is larger than 40 MB, which no door takes.")
        try:
            account = accounts.find(options["account"])
            answer = accept(account, RawRequest(door="hand", body=body))
        except accounts.Disabled as error:
            raise CommandError(f"{error} `manage.py doctor` lists the channels of this installation.") from None
        except Untrusted:
            raise CommandError(
                "This channel takes nothing by hand, or the item isn't genuine. Nothing was stored."
            ) from None
        outcomes = [{"outcome": type(outcome).__name__, **asdict(outcome)} for outcome in answer.outcomes]
        self.stdout.write(json.dumps({"account": account.slug, "fresh": answer.fresh, "outcomes": outcomes}, indent=2))
