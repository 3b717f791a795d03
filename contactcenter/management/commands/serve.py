"""The one process of embedded mode; in service mode only the web server of it."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from contactcenter.administration import first_start, safety, web, wording


class Command(BaseCommand):
    help = (
        "Serves Sportello. Without REDIS_URL the worker, the scheduler and the listener run in the same process; "
        "with it, start them yourself (docs/operations.md)."
    )
    requires_system_checks = []  # what matters is refused in words below

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HOST, help="address to listen on; default: HOST")
        parser.add_argument("--port", type=int, default=settings.PORT, help="default: PORT")
        parser.add_argument(
            "--set-up",
            action="store_true",
            help="first compile translations, migrate, and fill an empty installation with the demo town",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with wording.operators():
            try:
                socket = web.claim(options["host"], options["port"])
            except web.CannotServe as error:
                raise CommandError(str(error)) from None
            if options["set_up"]:
                first_start.set_up(self._say)
            self._refuse_if_unsafe()
        self._serve(socket, options["host"], options["port"])

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()

    def _refuse_if_unsafe(self) -> None:
        if objections := safety.objections():
            raise CommandError("\n".join([_("Sportello does not start:"), *objections]))

    def _serve(self, socket: Any, host: str, port: int) -> None:
        from contactcenter.administration.one_process import Background  # loads Celery's worker: only here
        from contactcenter.demo_street.opening import open_street  # loads a mail server: only here

        server = web.server()
        background = Background(on_failure=server.close) if settings.EMBEDDED else None
        street = open_street(port) if background else None  # apart: manage.py demo_smtp
        if background:
            background.start()
        with wording.operators():
            for line in first_start.welcome(host, port):
                self._say(line)
        try:
            server.run(sockets=[socket])
        finally:
            if background:
                background.stop()
            if street:
                street.stop()
            with wording.operators():
                self._say(_("Sportello has stopped."))
        if background and background.failed:
            with wording.operators():
                raise CommandError(_("The background work broke off; the reason is in the log above. Start again."))
