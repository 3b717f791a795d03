"""What `manage.py doctor` looks at. Every check returns remarks; an error is what must be mended before people work."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from channels_adapters.contract import SendError, Unsupported
from channels_adapters.registry import UnknownKind
from contactcenter.accounts.models import ChannelAccount
from contactcenter.accounts.secrets import Unreadable
from contactcenter.administration import backlog, readiness, safety, translations
from contactcenter.outbox import webhooks
from contactcenter.push import keys
from crm import audit
from crm.models import User

OLDEST_PYTHON = (3, 11)
OLDEST_POSTGRESQL = 150000
BROWSER_PARTS = ("npm/bootstrap/css/bootstrap.min.css", "npm/bootstrap/js/bootstrap.bundle.min.js")
WANTED_PRAGMAS = {"journal_mode": "wal", "synchronous": "2"}  # 2 = FULL: a committed row survives a power cut


@dataclass(frozen=True)
class Remark:
    sentence: str
    error: bool = True


def look() -> Iterator[Remark]:
    """Everything that is wrong here, what others depend on first. Raises nothing."""
    yield from _python()
    yield from map(Remark, safety.objections() or safety.missing_secrets())
    findings = readiness.look()
    yield from (Remark(one.says, error=one.needed) for one in findings if not one.ok and one.name != "secrets")
    yield from _push()
    yield from _files()
    if all(one.ok for one in findings if one.name in {"database", "migrations"}):
        for check in STORED:
            yield from _guarded(check)


def _guarded(check: Callable[[], Iterator[Remark]]) -> Iterator[Remark]:
    try:
        yield from check()
    except DatabaseError as error:
        words = _("The database refused a question (%(error)s): %(check)s.")
        yield Remark(words % {"error": type(error).__name__, "check": check.__name__.strip("_")})


def _python() -> Iterator[Remark]:
    if sys.version_info < OLDEST_PYTHON:
        words = _("Python %(version)s is too old. Sportello needs 3.11 or newer.")
        yield Remark(words % {"version": sys.version.split()[0]})


def _push() -> Iterator[Remark]:
    if not keys.is_set():
        words = _(
            "PUSH_KEY is missing or shorter than %(n)d characters: no device is notified. Set it, or put it into a file "
            "and name that in PUSH_KEY_FILE."
        )
        yield Remark(words % {"n": keys.SHORTEST}, error=False)


def _files() -> Iterator[Remark]:
    if missing := [path for path in BROWSER_PARTS if not finders.find(path)]:
        yield Remark(_("Browser parts are missing (%(names)s). Run: make setup.") % {"names": ", ".join(missing)})
    if lacking := translations.uncompiled():
        words = _("Translations are not compiled: %(names)s. Run: manage.py translations --compile.")
        yield Remark(words % {"names": ", ".join(lacking)})


def _database() -> Iterator[Remark]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW server_version_num")
            if int(cursor.fetchone()[0]) < OLDEST_POSTGRESQL:
                yield Remark(_("This PostgreSQL is older than 15, which Sportello needs. Upgrade it."))
            return
        for name, wanted in WANTED_PRAGMAS.items():
            cursor.execute(f"PRAGMA {name}")
            if str(cursor.fetchone()[0]) != wanted:
                words = _("SQLite runs with another %(name)s than “%(wanted)s”: a power cut could lose messages.")
                yield Remark(words % {"name": name, "wanted": wanted})
    if settings.PRODUCTION and not settings.EMBEDDED:
        yield Remark(_("Several processes write into SQLite. Use PostgreSQL: set DATABASE_URL."), error=False)


def _people() -> Iterator[Remark]:
    if not User.objects.filter(is_active=True).exists():
        words = _("Nobody can log in yet. Make somebody: manage.py organise person, or manage.py demo.")
        yield Remark(words, error=False)


def _accounts() -> Iterator[Remark]:
    for account in ChannelAccount.objects.select_related("queue__office", "office").order_by("slug"):
        for sentence in _wrong_with(account):
            words = _("Channel “%(account)s”: %(sentence)s") % {"account": account.slug, "sentence": sentence}
            yield Remark(words, error=account.enabled)


def _wrong_with(account: ChannelAccount) -> list[str]:
    try:
        faults = list(account.adapter.check())
    except UnknownKind:
        return [_("no channel of kind “%(kind)s” is installed here.") % {"kind": account.kind}]
    except (Unreadable, Unsupported) as error:
        return [str(error)]
    except SendError as error:
        return [error.reason]
    except Exception as error:  # noqa: BLE001 - an adapter from elsewhere may raise anything; the others must be seen
        return [_("its check broke off with %(error)s.") % {"error": type(error).__name__}]
    return [*faults, *([_("in trouble: %(why)s") % {"why": account.trouble}] if account.trouble else [])]


def _doubtful() -> Iterator[Remark]:
    if count := backlog.perhaps_sent():
        words = _("Messages that were perhaps sent, perhaps not: %(n)d. Their senders have to decide.")
        yield Remark(words % {"n": count}, error=False)


def _webhooks() -> Iterator[Remark]:
    for subscription in webhooks.in_trouble():
        words = _("Webhook “%(name)s”: %(why)s `webhook_subscription list` tells more.")
        yield Remark(words % {"name": subscription.name, "why": subscription.trouble}, error=False)


def _audit() -> Iterator[Remark]:
    yield from map(Remark, audit.verify())


STORED: list[Callable[[], Iterator[Remark]]] = [_database, _people, _accounts, _doubtful, _webhooks, _audit]
