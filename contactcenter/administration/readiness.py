"""Can this installation do its work right now? Each dependency by name, each with a sentence."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import redis
import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.administration import backlog, first_start, safety

OLDEST_IN_OUTBOX = timedelta(minutes=15)
REDIS_TIMEOUT = 2  # seconds
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Finding:
    """`needed`: without it this installation can't do its work. The others are remarks."""

    name: str
    ok: bool
    says: str
    needed: bool = True


def look() -> list[Finding]:
    """All findings, in the order in which one would mend them. Never raises."""
    findings = [database()]
    if findings[0].ok:
        findings.append(migrations())
    rest: list[Callable[[], Finding]] = [broker, channel_layer, data_folder, secrets]
    if findings[-1].ok:
        rest += [outbox, undeliverable]
    return [*findings, *(check() for check in rest)]


def database() -> Finding:
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        _note("database", error)
        return Finding("database", False, _("The database can't be reached. Is it running, and is DATABASE_URL right?"))
    return Finding("database", True, _("%(name)s answers.") % {"name": connection.display_name})


def migrations() -> Finding:
    try:
        missing = first_start.pending_migrations()
    except DatabaseError as error:
        _note("migrations", error)
        return Finding("migrations", False, _("The state of the migrations can't be read."))
    if missing:
        return Finding(
            "migrations", False, _("Migrations are missing: %(n)d. Run: manage.py migrate.") % {"n": missing}
        )
    return Finding("migrations", True, _("All migrations are applied."))


def broker() -> Finding:
    if settings.EMBEDDED:
        return Finding("broker", True, _("Background work runs inside this process."))
    try:
        redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=REDIS_TIMEOUT, socket_timeout=REDIS_TIMEOUT
        ).ping()
    except (redis.RedisError, ValueError, OSError) as error:
        _note("broker", error)
        return Finding("broker", False, _("Redis can't be reached. Is it running, and is REDIS_URL right?"))
    return Finding("broker", True, _("%(name)s answers.") % {"name": "Redis"})


def channel_layer() -> Finding:
    """Sends a ping that nobody waits for: a layer that can't be written would leave every screen stale."""
    from asgiref.sync import async_to_sync
    from channels.layers import get_channel_layer

    layer = get_channel_layer()
    if layer is None:
        return Finding(
            "channel layer", False, _("No channel layer is configured: open pages would not be told of news.")
        )
    try:
        async_to_sync(layer.group_send)(f"readiness.{uuid.uuid4().hex}", {"type": "ping"})
    except Exception as error:  # noqa: BLE001 - layers raise whatever their client raises; readiness must answer
        _note("channel layer", error)
        return Finding(
            "channel layer", False, _("Open pages can't be told of news: the channel layer refuses messages.")
        )
    return Finding("channel layer", True, _("Open pages are told of news."))


def data_folder() -> Finding:
    from django.core.management import CommandError

    try:
        first_start.check_data_folder(settings.DATA_DIR)
    except CommandError:
        return Finding("data folder", False, _("The data folder can't be written: attachments could not be stored."))
    return Finding("data folder", True, _("The data folder can be written."))


def secrets() -> Finding:
    if missing := safety.missing_secrets():
        return Finding("secrets", False, " ".join(missing))
    return Finding("secrets", True, _("All secrets are set."))


def outbox() -> Finding:
    oldest = backlog.oldest_waiting()
    if oldest and timezone.now() - oldest > OLDEST_IN_OUTBOX:
        minutes = int((timezone.now() - oldest).total_seconds() // 60)
        words = _("A message has been waiting to leave for %(n)d minutes.") % {"n": minutes}
        return Finding("outbox", False, words, needed=False)
    return Finding("outbox", True, _("Nothing has been waiting to leave for long."), needed=False)


def undeliverable() -> Finding:
    count = backlog.not_understood()
    if count:
        words = _("Items that could not be understood and wait for a look: %(n)d.") % {"n": count}
        return Finding("undeliverable", False, words, needed=False)
    return Finding("undeliverable", True, _("Everything that arrived was understood."), needed=False)


def _note(what: str, error: Exception) -> None:
    log.warning("readiness.red", what=what, error=type(error).__name__)
