"""`manage.py demo`: the town of Roccaverde, with a week of work behind it."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from contactcenter.demo_street import installation
from contactcenter.demo_street.town import furnishing, organisation
from crm.models import User


class Command(BaseCommand):
    help = "Makes the demo town: offices, people, channels and a week of plausible work. Twice is once."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            furnishing.check()
            if installation.is_demo():
                self._say("The demo town is there already; nothing was changed.")
            else:
                self._say("Making Roccaverde: offices, people, channels, and their last week …")
                self._say(f"{furnishing.furnish()} conversations are in place.")
        except furnishing.Refused as reason:
            raise CommandError(str(reason)) from None
        if options["verbosity"]:
            self._tell()

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()

    def _tell(self) -> None:
        base = settings.BASE_URL
        self.stdout.write(f"  the demo street, as a citizen  {base}/demo/")
        self.stdout.write(f"  the desk, as an agent          {base}/desk/")
        for user in User.objects.filter(is_demo=True).order_by("id"):
            roles = ", ".join(sorted({str(grant.get_role_display()) for grant in user.grants.all()}))
            self.stdout.write(f"  {user.username:<7} {organisation.PASSWORD}   {user.display_name}, {roles}")
