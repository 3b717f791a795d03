"""What `manage.py doctor` looks at. Every check returns remarks; an error is what must be mended before people work."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import DatabaseError, connection

from channels_adapters.contract import SendError, Unsupported
from channels_adapters.registry import UnknownKind
from contactcenter.accounts.models import ChannelAccount
from contactcenter.accounts.secrets import Unreadable
from contactcenter.administration import backlog, readiness, safety, translations
from contactcenter.outbox import webhooks
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
    yield from _files()
    if all(one.ok for one in findings if one.name in {"database", "migrations"}):
        for check in STORED:
            yield from _guarded(check)


def _guarded(check: Callable[[], Iterator[Remark]]) -> Iterator[Remark]:
    try:
        yield from check()
    except DatabaseError as error:
        yield Remark(f"The database refused a question ({type(error).__name__}): {check.__name__.strip('_')}.")


def _python() -> Iterator[Remark]:
    if sys.version_info < OLDEST_PYTHON:
        yield Remark(f"Python {sys.version.split()[0]} is too old. Sportello needs 3.11 or newer.")


def _files() -> Iterator[Remark]:
    if missing := [path for path in BROWSER_PARTS if not finders.find(path)]:
        yield Remark(f"Browser parts are missing ({', '.join(missing)}). Run: make setup.")
    if lacking := translations.uncompiled():
        yield Remark(f"Translations are not compiled: {', '.join(lacking)}. Run: manage.py translations --compile.")


def _database() -> Iterator[Remark]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW server_version_num")
            if int(cursor.fetchone()[0]) < OLDEST_POSTGRESQL:
                yield Remark("This PostgreSQL is older than 15, which Sportello needs. Upgrade it.")
            return
        for name, wanted in WANTED_PRAGMAS.items():
            cursor.execute(f"PRAGMA {name}")
            if str(cursor.fetchone()[0]) != wanted:
                yield Remark(f"SQLite runs with another {name} than “{wanted}”: a power cut could lose messages.")
    if settings.PRODUCTION and not settings.EMBEDDED:
        yield Remark("Several processes write into SQLite. Use PostgreSQL: set DATABASE_URL.", error=False)


def _people() -> Iterator[Remark]:
    if not User.objects.filter(is_active=True).exists():
        yield Remark("Nobody can log in yet. Make somebody: manage.py organise person, or manage.py demo.", error=False)


def _accounts() -> Iterator[Remark]:
    for account in ChannelAccount.objects.select_related("queue__office", "office").order_by("slug"):
        for sentence in _wrong_with(account):
            yield Remark(f"Channel “{account.slug}”: {sentence}", error=account.enabled)


def _wrong_with(account: ChannelAccount) -> list[str]:
    try:
        faults = list(account.adapter.check())
    except (UnknownKind, Unreadable, Unsupported) as error:
        return [str(error)]
    except SendError as error:
        return [error.reason]
    except Exception as error:  # noqa: BLE001 - an adapter from elsewhere may raise anything; the others must be seen
        return [f"its check broke off with {type(error).__name__}."]
    return [*faults, *([f"in trouble: {account.trouble}"] if account.trouble else [])]


def _doubtful() -> Iterator[Remark]:
    if count := backlog.perhaps_sent():
        yield Remark(f"{count} messages were perhaps sent, perhaps not. Their senders have to decide.", error=False)


def _webhooks() -> Iterator[Remark]:
    for subscription in webhooks.in_trouble():
        yield Remark(
            f"Webhook “{subscription.name}”: {subscription.trouble} `webhook_subscription list` tells more.",
            error=False,
        )


def _audit() -> Iterator[Remark]:
    yield from map(Remark, audit.verify())


STORED: list[Callable[[], Iterator[Remark]]] = [_database, _people, _accounts, _doubtful, _webhooks, _audit]
