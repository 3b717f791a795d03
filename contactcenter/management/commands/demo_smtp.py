"""Service mode's mail catcher for the demo street; `manage.py serve` runs it by itself where all is one process."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from contactcenter.demo_street.opening import open_street


class Command(BaseCommand):
    help = "Keeps the demo office's outgoing mail for the demo street; nothing leaves this machine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address that the office's workers reach this under")
        parser.add_argument("--port", type=int, default=0, help="default: that of last time, else any free one")

    def handle(self, *args: Any, **options: Any) -> None:
        catcher = open_street(settings.PORT, smtp_host=options["host"], smtp_port=options["port"])
        if catcher is None:
            raise CommandError("There is no demo town in this installation. Make it first: manage.py demo.")
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        self.stdout.write(f"The office's mail is kept at {catcher.host}:{catcher.port}.")
        self.stdout.flush()
        stop.wait()
        catcher.stop()
