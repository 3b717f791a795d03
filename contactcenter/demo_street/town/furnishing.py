"""Making the town: once, in one transaction, and only where no real office works."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from contactcenter.demo_street import installation
from contactcenter.demo_street.town import organisation, week
from crm.models import Office, User


class Refused(Exception):
    """Why no demo town may be made here, as a sentence."""


def furnish() -> int:
    """Make offices, people, channels and their week; returns how many conversations there are. Raises `Refused`."""
    check()
    with transaction.atomic():
        organisation.furnish()
        return week.happen(timezone.now())


def check() -> None:
    """Raises `Refused`."""
    if settings.PRODUCTION:
        raise Refused(
            "This is a production installation (PRODUCTION is set), and everybody knows the demo people's password. "
            "Make the demo town in an installation of its own."
        )
    if User.objects.filter(is_demo=False).exists():
        raise Refused(
            "Real people work in this database. Make the demo town in a database of its own: "
            "make run DATA_DIR=/another/folder."
        )
    if Office.objects.exists() and not installation.is_demo():
        raise Refused(
            "This database has offices that the demo did not make. Make the demo town in a database of its own."
        )
