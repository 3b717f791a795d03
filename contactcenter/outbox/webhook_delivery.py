"""Handing facts to one subscriber: one worker at a time, oldest first, and a pause as soon as it is in trouble."""

import json
from datetime import datetime, timedelta

import structlog
from celery import current_app
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from channels_adapters.http import FetchFailed, FetchRefused, fetch, signed_headers
from contactcenter.accounts import secrets
from contactcenter.outbox import webhooks
from contactcenter.outbox.subscriptions import WebhookDelivery, WebhookSubscription

log = structlog.get_logger(__name__)
State = WebhookDelivery.State
ROUND = timedelta(seconds=60)  # one worker's turn
TIMEOUT = 15.0  # seconds for one delivery
LEASE = ROUND + timedelta(seconds=TIMEOUT + 15)
GIVEN_UP_AFTER = timedelta(days=3)
LONGEST_PAUSE = timedelta(hours=2)


class NotTaken(Exception):
    """The subscriber didn't confirm with a 2xx."""


def sweep() -> int:
    """Feed every subscription and see that its due deliveries leave; returns how many facts were fed."""
    fed = webhooks.feed()
    for pk in _due_subscriptions():
        _hint(pk)
    return fed


def _due_subscriptions() -> list[int]:
    now = timezone.now()
    idle = Q(subscription__busy_until__isnull=True) | Q(subscription__busy_until__lt=now)
    rows = WebhookDelivery.objects.filter(
        idle, state=State.WAITING, next_attempt_at__lte=now, subscription__active=True
    )
    return list(rows.values_list("subscription_id", flat=True).distinct())


def _hint(pk: int) -> None:
    """A task for each subscriber, so that a slow one delays nobody. What the broker loses, the next sweep repeats."""
    try:
        current_app.send_task("webhooks.deliver", args=[pk], expires=10, retry=False, ignore_result=True)
    except (OperationalError, OSError) as error:
        log.warning("webhooks.hint_lost", error=type(error).__name__)


def deliver(pk: int) -> int:
    """Deliver what is due to one subscription; returns how many it confirmed. 0 when another worker is at it."""
    began = timezone.now()
    free = Q(busy_until__isnull=True) | Q(busy_until__lt=began)
    if not WebhookSubscription.objects.filter(free, pk=pk, active=True).update(busy_until=began + LEASE):
        return 0
    subscription = WebhookSubscription.objects.get(pk=pk)
    try:
        return _round(subscription, began)
    finally:
        WebhookSubscription.objects.filter(pk=pk, busy_until=began + LEASE).update(busy_until=None)


def _round(subscription: WebhookSubscription, began: datetime) -> int:
    try:
        secret = str(secrets.unseal(subscription.secret)["secret"])
    except secrets.Unreadable as error:
        _mark_trouble(subscription, str(error))
        return 0
    taken = 0
    for delivery in _due(subscription):
        if timezone.now() - began > ROUND:
            break
        try:
            _post(subscription, delivery, secret)
        except NotTaken as error:
            _postpone(delivery, str(error))
            _mark_trouble(subscription, str(error))
            break
        taken += 1
        WebhookDelivery.objects.filter(pk=delivery.pk).update(
            state=State.DONE, done_at=timezone.now(), attempts=F("attempts") + 1, error=""
        )
    if taken:
        WebhookSubscription.objects.filter(pk=subscription.pk, trouble_since__lt=began).update(
            trouble="", trouble_since=None
        )
    return taken


def _due(subscription: WebhookSubscription) -> list[WebhookDelivery]:
    rows = WebhookDelivery.objects.filter(
        subscription=subscription, state=State.WAITING, next_attempt_at__lte=timezone.now()
    )
    return list(rows.order_by("next_attempt_at", "event_id")[:200])


def _post(subscription: WebhookSubscription, delivery: WebhookDelivery, secret: str) -> None:
    """Raises `NotTaken` with a sentence."""
    body = json.dumps({"id": str(delivery.key), **delivery.body}, separators=(",", ":")).encode()
    headers = {
        "Content-Type": "application/json",
        "Sportello-Delivery": str(delivery.key),
        "Sportello-Event": delivery.body["event"],
        **signed_headers(secret, body),
    }
    try:
        answer = fetch(
            "POST",
            subscription.url,
            headers=headers,
            body=body,
            timeout=TIMEOUT,
            max_bytes=64 * 1024,
            allow_private=True,
        )
    except (FetchRefused, FetchFailed) as error:
        raise NotTaken(error.reason) from error
    if not 200 <= answer.status < 300:
        raise NotTaken(_("The program answered with status %(status)d.") % {"status": answer.status})


def _postpone(delivery: WebhookDelivery, error: str) -> None:
    """Again after a growing pause; given up after three days, and visible as such."""
    now, attempts = timezone.now(), delivery.attempts + 1
    given_up = now - delivery.created_at > GIVEN_UP_AFTER
    WebhookDelivery.objects.filter(pk=delivery.pk, state=State.WAITING).update(
        attempts=attempts,
        error=error[:300],
        state=State.DEAD if given_up else State.WAITING,
        done_at=now if given_up else None,
        next_attempt_at=now + pause(attempts),
    )
    if given_up:
        log.warning("webhooks.given_up", delivery=str(delivery.key))


def pause(attempts: int) -> timedelta:
    """10 s, 20 s, 40 s … up to two hours."""
    return min(timedelta(seconds=10 * 2 ** min(attempts - 1, 12)), LONGEST_PAUSE)


def _mark_trouble(subscription: WebhookSubscription, error: str) -> None:
    WebhookSubscription.objects.filter(pk=subscription.pk, trouble_since__isnull=True).update(
        trouble_since=timezone.now()
    )
    WebhookSubscription.objects.filter(pk=subscription.pk).update(trouble=error[:300])


def revive(subscription: WebhookSubscription) -> int:
    """Try again what was given up, because a person asked; returns how many."""
    now = timezone.now()
    return WebhookDelivery.objects.filter(subscription=subscription, state=State.DEAD).update(
        state=State.WAITING, done_at=None, attempts=0, next_attempt_at=now, created_at=now
    )
