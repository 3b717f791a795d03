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
        return Finding("database", False, "The database can't be reached. Is it running, and is DATABASE_URL right?")
    return Finding("database", True, f"{connection.display_name} answers.")


def migrations() -> Finding:
    try:
        missing = first_start.pending_migrations()
    except DatabaseError as error:
        _note("migrations", error)
        return Finding("migrations", False, "The state of the migrations can't be read.")
    if missing:
        return Finding("migrations", False, f"{missing} migrations are missing. Run: manage.py migrate.")
    return Finding("migrations", True, "All migrations are applied.")


def broker() -> Finding:
    if settings.EMBEDDED:
        return Finding("broker", True, "Background work runs inside this process.")
    try:
        redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=REDIS_TIMEOUT, socket_timeout=REDIS_TIMEOUT
        ).ping()
    except (redis.RedisError, ValueError, OSError) as error:
        _note("broker", error)
        return Finding("broker", False, "Redis can't be reached. Is it running, and is REDIS_URL right?")
    return Finding("broker", True, "Redis answers.")


def channel_layer() -> Finding:
    """Sends a ping that nobody waits for: a layer that can't be written would leave every screen stale."""
    from asgiref.sync import async_to_sync
    from channels.layers import get_channel_layer

    layer = get_channel_layer()
    if layer is None:
        return Finding("channel layer", False, "No channel layer is configured: open pages would not be told of news.")
    try:
        async_to_sync(layer.group_send)(f"readiness.{uuid.uuid4().hex}", {"type": "ping"})
    except Exception as error:  # noqa: BLE001 - layers raise whatever their client raises; readiness must answer
        _note("channel layer", error)
        return Finding("channel layer", False, "Open pages can't be told of news: the channel layer refuses messages.")
    return Finding("channel layer", True, "Open pages are told of news.")


def data_folder() -> Finding:
    from django.core.management import CommandError

    try:
        first_start.check_data_folder(settings.DATA_DIR)
    except CommandError:
        return Finding("data folder", False, "The data folder can't be written: attachments could not be stored.")
    return Finding("data folder", True, "The data folder can be written.")


def secrets() -> Finding:
    if missing := safety.missing_secrets():
        return Finding("secrets", False, " ".join(missing))
    return Finding("secrets", True, "All secrets are set.")


def outbox() -> Finding:
    oldest = backlog.oldest_waiting()
    if oldest and timezone.now() - oldest > OLDEST_IN_OUTBOX:
        minutes = int((timezone.now() - oldest).total_seconds() // 60)
        return Finding("outbox", False, f"A message has been waiting for {minutes} minutes to leave.", needed=False)
    return Finding("outbox", True, "Nothing has been waiting to leave for long.", needed=False)


def undeliverable() -> Finding:
    count = backlog.not_understood()
    if count:
        return Finding(
            "undeliverable", False, f"{count} items could not be understood and wait for a look.", needed=False
        )
    return Finding("undeliverable", True, "Everything that arrived was understood.", needed=False)


def _note(what: str, error: Exception) -> None:
    log.warning("readiness.red", what=what, error=type(error).__name__)
