"""Handing one item to its provider. Lease in one transaction, send in none, store the receipt under the lease."""

import uuid
from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from channels_adapters.contract import Adapter, OutboundMessage, Receipt, SendError, Unsupported
from contactcenter.accounts.models import ChannelAccount
from contactcenter.outbox import compose, states
from contactcenter.outbox.models import OutboxItem
from crm.models import Message

log = structlog.get_logger(__name__)
LEASE = timedelta(minutes=3)  # longer than any adapter's own time-out
MAX_ATTEMPTS = 12
LONGEST_PAUSE = timedelta(hours=4)
State = OutboxItem.State


def lease(item_id: int, now: datetime) -> OutboxItem | None:
    """Take a due item for this worker; None when another has it or nothing is due."""
    token = uuid.uuid4()
    taken = OutboxItem.objects.filter(pk=item_id, state=State.WAITING, next_attempt_at__lte=now).update(
        state=State.LEASED, lease=token, leased_until=now + LEASE
    )
    if not taken:
        return None
    rows = OutboxItem.objects.select_related("account", "message__interaction__contact_point")
    return rows.filter(pk=item_id, lease=token).first()


def dispatch(item_id: int) -> bool:
    """Send one item if it is due. True when this call handled it, whatever came of it."""
    item = lease(item_id, timezone.now())
    if item is None:
        return False
    if item.message is not None and item.message.state in states.HAS_IT:
        return _release(item, State.DONE, done_at=timezone.now(), error="")
    if item.message is not None:
        states.advance(message=item.message, state=Message.State.SENDING)
    try:
        receipt = _send(item)
    except SendError as error:
        _not_sent(item, error)
    except Unsupported as error:
        _not_sent(item, SendError(str(error), permanent=True))
    except Exception as error:
        # An adapter's own fault: nobody knows how far it came, so nobody may send again unasked.
        log.exception("outbox.adapter_failed", item=str(item.key), error=type(error).__name__)
        _not_sent(item, SendError(_("Sending broke off unexpectedly."), ambiguous=True))
    else:
        settle(item, receipt)
    return True


def _send(item: OutboxItem) -> Receipt:
    if item.account is None or not item.account.enabled:
        raise SendError(_("The channel this should leave through is switched off."), permanent=True)
    adapter, outbound = _prepared(item, item.account)
    return adapter.send(outbound)


def _prepared(item: OutboxItem, account: ChannelAccount) -> tuple[Adapter, OutboundMessage]:
    """What breaks here (a lost file, a secret under another key) broke before anything left: certainly not sent."""
    try:
        return account.adapter, compose.outbound(item)
    except Exception as error:
        log.exception("outbox.not_prepared", item=str(item.key), error=type(error).__name__)
        raise SendError(
            _("It could not be made ready to send. An administrator finds the reason in the log.")
        ) from error


def _release(item: OutboxItem, state: str, **fields: object) -> bool:
    """Give the lease back; False when somebody else has taken the item over since."""
    return bool(
        OutboxItem.objects.filter(pk=item.pk, lease=item.lease, state=State.LEASED).update(
            state=state, leased_until=None, **fields
        )
    )


def settle(item: OutboxItem, receipt: Receipt) -> None:
    """Store the provider's receipt, under the lease it was obtained with."""
    now = timezone.now()
    with transaction.atomic():
        if not _release(item, State.DONE, done_at=now, error="", payload={}):  # a letter's words have left the house
            log.warning("outbox.lease_lost", item=str(item.key))
            return
        message = item.message
        if message is None:
            return
        states.advance(message=message, state=receipt.state, at=now)
        if receipt.external_id and receipt.external_id != message.external_id:
            _keep_id(message, receipt.external_id)
        states.match_early(message=message, account=item.account.slug if item.account else message.account)


def _keep_id(message: Message, external_id: str) -> None:
    try:
        with transaction.atomic():
            Message.objects.filter(pk=message.pk).update(external_id=external_id[:500])
        message.external_id = external_id[:500]
    except IntegrityError:
        log.warning("outbox.external_id_taken", message=str(message.public_id))


def _not_sent(item: OutboxItem, error: SendError) -> None:
    attempts = item.attempts + 1
    with transaction.atomic():
        if error.ambiguous:
            _look_up_or_doubt(item, error)
        elif error.permanent or attempts >= MAX_ATTEMPTS:
            if _release(item, State.FAILED, attempts=attempts, error=error.reason[:300], done_at=timezone.now()):
                _mark(item, Message.State.FAILED, error.reason)
        else:
            _release(
                item,
                State.WAITING,
                attempts=attempts,
                error=error.reason[:300],
                next_attempt_at=timezone.now() + pause(attempts),
            )


def pause(attempts: int) -> timedelta:
    """10 s, 20 s, 40 s … up to four hours."""
    return min(timedelta(seconds=10 * 2 ** (attempts - 1)), LONGEST_PAUSE)


def _look_up_or_doubt(item: OutboxItem, error: SendError) -> None:
    if _release(
        item, State.UNKNOWN, attempts=item.attempts + 1, error=error.reason[:300], next_attempt_at=timezone.now()
    ):
        _mark(item, Message.State.UNKNOWN, error.reason)


def _mark(item: OutboxItem, state: str, reason: str) -> None:
    if item.message is not None:
        states.advance(message=item.message, state=state, reason=reason)
