"""Service mode's listener: one process that waits where providers tell of news."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from contactcenter.administration import listening


class Command(BaseCommand):
    help = "Waits for news on accounts whose provider announces it (IMAP IDLE) and has them fetched at once."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        self.stdout.write(f"Listening to: {', '.join(listening.accounts()) or 'no account yet'}.")
        listening.listen(stop)
