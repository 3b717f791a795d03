"""Fetching what a provider keeps for us, each account by itself: batch by batch, the cursor moves after the storing."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

import structlog
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from channels_adapters.contract import RawRequest, SendError, Untrusted
from channels_adapters.registry import UnknownKind
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake.accept import accept

log = structlog.get_logger(__name__)
MAX_BATCHES = 200
LEASE = timedelta(minutes=3)  # how long a worker that died keeps others from its account; renewed with every batch


def pollable() -> list[int]:
    """The accounts to fetch, the longest unvisited first. One without a kind that we know is passed over."""
    rows = ChannelAccount.objects.filter(enabled=True).order_by(F("polled_at").asc(nulls_first=True), "pk")
    return [account.pk for account in rows if _polls(account)]


def _polls(account: ChannelAccount) -> bool:
    try:
        return "poll" in account.adapter_class.abilities.doors
    except UnknownKind:
        return False  # `doctor` names it


def poll_one(pk: int) -> int:
    """Fetch an account that may have been switched off since it was its turn; returns how many items were new."""
    rows = ChannelAccount.objects.select_related("queue__office", "office")
    account = rows.filter(pk=pk, enabled=True).first()
    return poll(account) if account else 0


def poll(account: ChannelAccount) -> int:
    """Fetch everything new; returns how many items were new to us. Nothing where another worker is at it."""
    lease = _take_lease(account)
    if lease is None:
        return 0
    try:
        return _poll(account)
    except SendError as error:
        _note_trouble(account, error.reason)
        return 0
    except Exception as error:
        # An adapter's own fault, an unreadable secret: the account says so, and is tried again.
        log.exception("poll.broke_off", account=account.slug, error=type(error).__name__)
        _note_trouble(account, _("Fetching broke off unexpectedly. An administrator finds the reason in the log."))
        return 0
    finally:
        ChannelAccount.objects.filter(pk=account.pk, fetch_lease=lease).update(
            fetch_lease=None, fetch_leased_until=None
        )


def _take_lease(account: ChannelAccount) -> uuid.UUID | None:
    """In the database, so that it outlives a broker and binds every process."""
    now, lease = timezone.now(), uuid.uuid4()
    free = Q(fetch_leased_until=None) | Q(fetch_leased_until__lte=now)
    taken = ChannelAccount.objects.filter(free, pk=account.pk).update(fetch_lease=lease, fetch_leased_until=now + LEASE)
    return lease if taken else None


def _poll(account: ChannelAccount) -> int:
    new = 0
    account.refresh_from_db(fields=["cursor"])
    for _batch in range(MAX_BATCHES):
        items, cursor = account.adapter.poll(account.cursor)
        new += _accept(account, items)
        if not _move(account, cursor) or not items:
            break
    return new


def _accept(account: ChannelAccount, items: Sequence[RawRequest]) -> int:
    new = 0
    for raw in items:
        try:
            new += accept(account, raw).fresh
        except Untrusted:
            log.warning("poll.untrusted", account=account.slug)
    return new


def _move(account: ChannelAccount, cursor: str) -> bool:
    """Everything up to `cursor` is stored. False where another worker moved it: ours took longer than its lease.

    It moves from where it was, not by who holds the lease: a line that is slower than any lease gets on all the same.
    """
    now = timezone.now()
    moved = ChannelAccount.objects.filter(pk=account.pk, cursor=account.cursor).update(
        cursor=cursor, polled_at=now, trouble="", trouble_since=None, fetch_leased_until=now + LEASE
    )
    account.cursor = cursor
    return bool(moved)


def _note_trouble(account: ChannelAccount, reason: str) -> None:
    log.warning("poll.failed", account=account.slug)
    since = account.trouble_since or timezone.now()
    ChannelAccount.objects.filter(pk=account.pk).update(trouble=reason[:300], trouble_since=since)
