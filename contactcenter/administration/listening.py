"""Waits where a provider tells of news by itself (a mail server's IDLE), and has the account fetched at once.

Only a convenience: every account is polled each minute anyway, so nothing is lost while nobody listens.
"""

import threading

import structlog
from django.db import DatabaseError, close_old_connections

from channels_adapters.contract import SendError, Unsupported
from channels_adapters.registry import UnknownKind
from contactcenter.accounts.models import ChannelAccount
from contactcenter.accounts.secrets import Unreadable
from contactcenter.intake.poll import poll

WAIT = 60.0  # seconds that an adapter may wait for news at a time
LOOK_AGAIN = 30.0  # seconds between looks for accounts that came or went
AFTER_TROUBLE = 60.0  # seconds before the same account is listened to again
log = structlog.get_logger(__name__)


def listen(stop: threading.Event) -> None:
    """Blocks until `stop` is set. One thread per account that listens."""
    threads: dict[str, threading.Thread] = {}
    while not stop.is_set():
        for slug in accounts():
            if slug not in threads or not threads[slug].is_alive():
                threads[slug] = _start(slug, stop)
        stop.wait(LOOK_AGAIN)


def _start(slug: str, stop: threading.Event) -> threading.Thread:
    thread = threading.Thread(target=listen_to, args=(slug, stop), name=f"listen {slug}", daemon=True)
    thread.start()
    return thread


def accounts() -> list[str]:
    """Slugs of the enabled accounts whose channel can wait for news."""
    try:
        rows = list(ChannelAccount.objects.filter(enabled=True).order_by("slug"))
        return [row.slug for row in rows if _listens(row)]
    except DatabaseError:
        log.warning("listening.database_unreachable")
        return []
    finally:
        close_old_connections()


def _listens(account: ChannelAccount) -> bool:
    try:
        return account.adapter_class.abilities.listens
    except UnknownKind:
        return False  # `doctor` names it


def listen_to(slug: str, stop: threading.Event) -> None:
    """Returns when the account is gone, switched off or in trouble; the caller starts anew."""
    try:
        while not stop.is_set() and _wait_and_fetch(slug):
            pass
    except (SendError, Unsupported, Unreadable, UnknownKind, DatabaseError, OSError) as error:
        log.warning("listening.trouble", account=slug, error=type(error).__name__)
        stop.wait(AFTER_TROUBLE)
    finally:
        close_old_connections()


def _wait_and_fetch(slug: str) -> bool:
    """One wait of at most a minute. False when there is no such account any more."""
    account = ChannelAccount.objects.select_related("queue__office", "office").filter(slug=slug, enabled=True).first()
    close_old_connections()  # none is held while waiting
    if account is None:
        return False
    if account.adapter.listen(WAIT):
        poll(account)
    return True
