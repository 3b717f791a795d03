"""The guarantee behind the broker: what waits is sent, what a dead worker held is settled, what is doubtful looked up."""

from datetime import timedelta

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from channels_adapters.contract import SendError, Unsupported
from contactcenter.outbox import compose, states
from contactcenter.outbox.dispatch import dispatch, settle
from contactcenter.outbox.models import EarlyUpdate, OutboxItem
from crm.models import Message

log = structlog.get_logger(__name__)
State = OutboxItem.State
BATCH = 200
LOOK_UP_AGAIN = timedelta(minutes=1)
MAX_LOOK_UPS = 10
EARLY_UPDATES_KEPT = timedelta(days=2)


def sweep() -> int:
    """One round; returns how many items were handled. Any number of processes may run it at once."""
    _recover_lost_leases()
    handled = sum(dispatch(pk) for pk in _due())
    handled += sum(_look_up(item) for item in _doubtful())
    EarlyUpdate.objects.filter(at__lt=timezone.now() - EARLY_UPDATES_KEPT).delete()
    return handled


def _due() -> list[int]:
    rows = OutboxItem.objects.filter(state=State.WAITING, next_attempt_at__lte=timezone.now())
    return list(rows.order_by("next_attempt_at").values_list("pk", flat=True)[:BATCH])


def _recover_lost_leases() -> None:
    """A worker died with the item in its hands. Whether it was sent, only the channel can tell."""
    lost = OutboxItem.objects.select_related("account", "message").filter(
        state=State.LEASED, leased_until__lt=timezone.now()
    )
    for item in lost[:BATCH]:
        repeatable = item.account is not None and item.account.adapter_class.abilities.repeatable
        state = State.WAITING if repeatable else State.UNKNOWN
        with transaction.atomic():
            freed = OutboxItem.objects.filter(pk=item.pk, lease=item.lease, state=State.LEASED).update(
                state=state, leased_until=None, next_attempt_at=timezone.now()
            )
            if freed and state == State.UNKNOWN and item.message is not None:
                states.advance(
                    message=item.message,
                    state=Message.State.UNKNOWN,
                    reason=_("The sender stopped in the middle of it."),
                )
        log.info("outbox.lease_recovered", item=str(item.key), state=str(state))


def _doubtful() -> list[OutboxItem]:
    rows = OutboxItem.objects.select_related("account", "message__interaction__contact_point")
    return list(
        rows.filter(state=State.UNKNOWN, attempts__lt=MAX_LOOK_UPS, next_attempt_at__lte=timezone.now())[:BATCH]
    )


def _look_up(item: OutboxItem) -> bool:
    """Ask the provider whether it has the message. Where it can't be asked, the doubt stays and a person decides."""
    if item.account is None:
        return False
    if item.message is not None and item.message.state in states.HAS_IT:
        return _settled_itself(item)
    try:
        receipt = item.account.adapter.find(compose.outbound(item))
    except Unsupported:
        OutboxItem.objects.filter(pk=item.pk, state=State.UNKNOWN).update(attempts=MAX_LOOK_UPS)
        return False
    except SendError:
        return _later(item)
    except Exception as error:
        # One item that can't be looked up (a lost file, an unreadable secret) must not keep the others waiting.
        log.exception("outbox.look_up_failed", item=str(item.key), error=type(error).__name__)
        return _later(item)
    now = timezone.now()
    if receipt is None:  # certainly not taken: send it after all
        return bool(
            OutboxItem.objects.filter(pk=item.pk, state=State.UNKNOWN).update(state=State.WAITING, next_attempt_at=now)
        )
    OutboxItem.objects.filter(pk=item.pk, state=State.UNKNOWN, lease=item.lease).update(
        state=State.LEASED, leased_until=now + LOOK_UP_AGAIN
    )
    settle(item, receipt)
    return True


def _later(item: OutboxItem) -> bool:
    OutboxItem.objects.filter(pk=item.pk, state=State.UNKNOWN).update(
        attempts=item.attempts + 1, next_attempt_at=timezone.now() + LOOK_UP_AGAIN
    )
    return False


def _settled_itself(item: OutboxItem) -> bool:
    """A late receipt told that the citizen has it: nothing to look up any more, and nothing to send again."""
    done = OutboxItem.objects.filter(pk=item.pk, state=State.UNKNOWN).update(state=State.DONE, done_at=timezone.now())
    return bool(done)
