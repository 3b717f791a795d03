"""From a fresh checkout to a running house. Every step notices by itself that it has nothing to do."""

import ipaddress
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation.reloader import translation_file_changed

from contactcenter.administration import translations
from crm.models import Office, User

Say = Callable[[str], None]


def set_up(say: Say) -> None:
    """Raises `CommandError` with a sentence where the machine doesn't allow it."""
    check_data_folder(settings.DATA_DIR)
    if compiled := translations.compile_all():
        # This process has read the old catalogues (or found none) when it started: forget them.
        translation_file_changed(None, Path("django.mo"))
        say(_("Translation catalogues compiled: %(n)d.") % {"n": compiled})
    migrate(say)
    if settings.SEED_DEMO and is_empty():
        seed(say)


def check_data_folder(folder: Path) -> None:
    probe = folder / f".writable-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise CommandError(
            _(
                "The data folder %(folder)s can't be written (%(error)s). "
                "Make it writable for this user, or choose another: make run DATA_DIR=/path."
            )
            % {"folder": folder, "error": error.strerror}
        ) from None


def migrate(say: Say) -> None:
    try:
        missing = pending_migrations()
        if missing:
            say(_("Preparing the database (steps: %(n)d) …") % {"n": missing})
            call_command("migrate", interactive=False, verbosity=0)
    except DatabaseError as error:
        words = _("The database can't be prepared: %(error)s. Check DATABASE_URL and the disk.")
        raise CommandError(words % {"error": error}) from None


def pending_migrations() -> int:
    """How many migrations this database still lacks. Raises `DatabaseError` where it can't be reached."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def is_empty() -> bool:
    return not User.objects.exists() and not Office.objects.exists()


def seed(say: Say) -> None:
    say(_("Furnishing the demo town …"))
    with translation.override(settings.LANGUAGE_CODE):  # what is stored is the town's, not the operator's
        call_command("demo", verbosity=0)  # the welcome below tells the addresses


def _is_every_address(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False  # a name


def welcome(host: str, port: int) -> Iterator[str]:
    """What a newcomer needs to know: where, and as whom."""
    shown = "127.0.0.1" if _is_every_address(host) else host
    base = f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
    yield "\n" + _("Sportello runs on %(address)s (Ctrl-C stops it)") % {"address": f"{base}/"}
    people = list(User.objects.filter(is_demo=True, is_active=True).order_by("id"))
    if not people:
        return
    yield "  " + _("the demo street, as a citizen: %(address)s") % {"address": f"{base}/demo/"}
    yield "  " + _("the desk, as an agent: %(address)s") % {"address": f"{base}/desk/"}
    names = ", ".join(person.username for person in people)
    yield "  " + _("demo logins, password “demo” each: %(names)s") % {"names": names}
