"""What runs by the clock or by a hint. Each task is one call into its room; none holds state."""

from celery import shared_task
from django.utils import timezone

from contactcenter.administration import signing_in
from contactcenter.api import idempotency
from contactcenter.calls import sweep as calls_sweep
from contactcenter.intake import poll as polling, sweep as intake_sweep
from contactcenter.intake.visitors import away, idle, leftovers
from contactcenter.outbox import dispatch as outbox_dispatch, sweep as outbox_sweep, webhook_delivery, webhooks
from contactcenter.push import subscriptions as push_subscriptions, telling
from contactcenter.queues import match, notices, sweep as queues_sweep
from crm import audit


@shared_task(name="outbox.dispatch")
def dispatch(item_id: int) -> bool:
    return outbox_dispatch.dispatch(item_id)


@shared_task(name="outbox.sweep")
def sweep_outbox() -> int:
    return outbox_sweep.sweep()


@shared_task(name="intake.sweep")
def sweep_intake() -> int:
    return intake_sweep.sweep()


@shared_task(name="intake.forget")
def forget_bodies() -> int:
    return intake_sweep.forget_bodies() + leftovers.forget(timezone.now())


@shared_task(name="intake.poll")
def poll_all() -> int:
    """One task for each account: a provider that is slow keeps nobody else's mail waiting."""
    due = polling.pollable()
    for account_id in due:
        poll_one.apply_async(args=[account_id], expires=60)
    return len(due)


@shared_task(name="intake.poll_one")
def poll_one(account_id: int) -> int:
    return polling.poll_one(account_id)


@shared_task(name="intake.close_abandoned")
def notice_visitors_who_left() -> int:
    now = timezone.now()
    return away.notice_left(now) + idle.sweep(now)


@shared_task(name="queues.match")
def match_queues() -> int:
    return match.run(timezone.now())


@shared_task(name="queues.sweep")
def sweep_queues() -> int:
    now = timezone.now()
    return calls_sweep.sweep(now) + queues_sweep.sweep(now)


@shared_task(name="audit.seal")
def seal_audit() -> int:
    return audit.seal()


@shared_task(name="webhooks.sweep")
def sweep_webhooks() -> int:
    return webhook_delivery.sweep()


@shared_task(name="webhooks.deliver")
def deliver_webhooks(subscription_id: int) -> int:
    return webhook_delivery.deliver(subscription_id)


@shared_task(name="people.forget")
def forget_sign_ins() -> int:
    return signing_in.forget(timezone.now()) + push_subscriptions.forget()


@shared_task(name="notices.forget")
def forget_notices() -> int:
    return notices.forget(timezone.now())


@shared_task(name="push.tell")
def tell_devices(kind: str, interaction_id: int, users: list[int]) -> int:
    return telling.tell(kind, interaction_id, users)


@shared_task(name="programs.forget")
def forget_programs() -> int:
    """Delivered webhooks and idempotency keys of long ago."""
    return webhooks.forget() + idempotency.forget()
