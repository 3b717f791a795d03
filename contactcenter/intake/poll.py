"""Fetching what a provider keeps for us: batch by batch, the cursor moves only after everything is stored."""

import structlog
from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _

from channels_adapters.contract import SendError, Untrusted
from channels_adapters.registry import UnknownKind
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake.accept import accept

log = structlog.get_logger(__name__)
MAX_BATCHES = 200
LOCK_SECONDS = 600


def pollable() -> list[ChannelAccount]:
    rows = ChannelAccount.objects.select_related("queue__office", "office").filter(enabled=True)
    return [account for account in rows if _polls(account)]


def _polls(account: ChannelAccount) -> bool:
    try:
        return "poll" in account.adapter_class.abilities.doors
    except UnknownKind:
        return False  # `doctor` names it


def poll(account: ChannelAccount) -> int:
    """Fetch everything new; returns how many items were new to us. Two polls of one account never overlap."""
    if not cache.add(f"poll:{account.pk}", 1, LOCK_SECONDS):
        return 0
    try:
        return _poll(account)
    except SendError as error:
        _note_trouble(account, error.reason)
        return 0
    except Exception as error:
        # An adapter's own fault, an unreadable secret: the accounts behind this one are fetched all the same.
        log.exception("poll.broke_off", account=account.slug, error=type(error).__name__)
        _note_trouble(account, _("Fetching broke off unexpectedly. An administrator finds the reason in the log."))
        return 0
    finally:
        cache.delete(f"poll:{account.pk}")


def _poll(account: ChannelAccount) -> int:
    new = 0
    account.refresh_from_db(fields=["cursor"])
    for _batch in range(MAX_BATCHES):
        items, cursor = account.adapter.poll(account.cursor)
        for raw in items:
            try:
                new += accept(account, raw).fresh
            except Untrusted:
                log.warning("poll.untrusted", account=account.slug)
        account.cursor = cursor
        ChannelAccount.objects.filter(pk=account.pk).update(
            cursor=cursor, polled_at=timezone.now(), trouble="", trouble_since=None
        )
        if not items:
            break
    return new


def _note_trouble(account: ChannelAccount, reason: str) -> None:
    log.warning("poll.failed", account=account.slug)
    since = account.trouble_since or timezone.now()
    ChannelAccount.objects.filter(pk=account.pk).update(trouble=reason[:300], trouble_since=since)
