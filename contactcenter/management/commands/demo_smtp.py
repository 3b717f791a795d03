"""Service mode's mail catcher for the demo street; `manage.py serve` runs it by itself where all is one process."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from contactcenter.administration import wording
from contactcenter.demo_street.opening import CannotOpen, NoDemo, opened


class Command(BaseCommand):
    help = "Keeps the demo office's outgoing mail for the demo street; nothing leaves this machine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address that the office's workers reach this under")
        parser.add_argument("--port", type=int, default=0, help="default: that of last time, else any free one")

    def handle(self, *args: Any, **options: Any) -> None:
        with wording.operators():
            self._keep_mail(options["host"], options["port"])

    def _keep_mail(self, host: str, port: int) -> None:
        try:
            catcher = opened(settings.PORT, smtp_host=host, smtp_port=port)
        except (NoDemo, CannotOpen) as error:
            raise CommandError(str(error)) from None
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        place = {"host": catcher.host, "port": catcher.port}
        self.stdout.write(_("The office's mail is kept at %(host)s:%(port)d.") % place)
        self.stdout.flush()
        stop.wait()
        catcher.stop()
