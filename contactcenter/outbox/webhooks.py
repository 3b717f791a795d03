"""Telling other programs what happened: facts from the log, signed, retried, at least once.

Nothing personal leaves: a name, an instant, public ids and links into /api/v1, where rights are asked again.
"""

import re
import secrets as random
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from channels_adapters.http import FetchRefused, check_address
from contactcenter.accounts import secrets
from contactcenter.outbox.subscriptions import WebhookDelivery, WebhookSubscription
from crm import audit
from crm.access import require
from crm.models import Case, Event, Office, User

# A transaction may commit after one that drew a later id. Ids are looked at again for this long after they were the
# newest; no transaction of ours lasts near as long (a busy database gives up after 20 s).
LATECOMERS = timedelta(minutes=2)
BATCH = 500
KEPT = timedelta(days=14)
PATTERN = re.compile(r"\*|[a-z-]+\.(\*|[a-z-]+)")


class Invalid(ValueError):
    """A subscription that can't work; a sentence says why."""


def subscribe(
    *, name: str, url: str, events: list[str], office: Office | None = None, secret: str = "", actor: User | None = None
) -> tuple[WebhookSubscription, str]:
    """Tell `url` of every fact from now on that matches. Returns the secret too. Raises `Invalid`, `Forbidden`."""
    if actor is not None:
        require(actor, "settings.change")
    _check(url, events)
    secret, now = secret or random.token_urlsafe(32), timezone.now()
    newest = _newest()
    with transaction.atomic():
        made = WebhookSubscription.objects.create(
            name=name[:80], url=url, events=sorted(set(events)), office=office, created_at=now, head_seen_at=now,
            secret=secrets.seal({"secret": secret}), settled_id=newest, head_id=newest,
        )  # fmt: skip
        audit.record("webhook.subscribed", subject=f"webhook:{made.public_id}", actor=actor)
    return made, secret


def _check(url: str, events: list[str]) -> None:
    try:
        check_address(url, allow_private=True)
    except FetchRefused as error:
        raise Invalid(error.reason) from None
    if len(url) > 500:
        raise Invalid(_("The address is longer than 500 characters."))
    wrong = [pattern for pattern in events if not PATTERN.fullmatch(pattern)]
    if wrong or not events:
        raise Invalid(_("Name facts as “message.received”, “case.*” or “*”."))


def unsubscribe(*, subscription: WebhookSubscription, actor: User | None = None) -> None:
    """Tell it nothing more, from now on. What waits for it is dropped. Raises `Forbidden`."""
    if actor is not None:
        require(actor, "settings.change")
    with transaction.atomic():
        audit.record("webhook.unsubscribed", subject=f"webhook:{subscription.public_id}", actor=actor)
        subscription.delete()


def _newest() -> int:
    return Event.objects.aggregate(newest=Max("id"))["newest"] or 0


def feed() -> int:
    """Write a delivery for every new fact that somebody wants; returns how many. Safe in several processes."""
    return sum(_feed(subscription) for subscription in WebhookSubscription.objects.filter(active=True))


def _feed(subscription: WebhookSubscription) -> int:
    now, newest = timezone.now(), _newest()
    if newest == subscription.settled_id:
        return 0
    wanted = list(_wanted(subscription)[:BATCH])
    rows = [
        WebhookDelivery(subscription=subscription, event=event, body=told(event), created_at=now, next_attempt_at=now)
        for event in wanted
    ]
    WebhookDelivery.objects.bulk_create(rows, ignore_conflicts=True)
    if len(wanted) < BATCH and now - subscription.head_seen_at >= LATECOMERS:
        WebhookSubscription.objects.filter(pk=subscription.pk, head_id=subscription.head_id).update(
            settled_id=subscription.head_id, head_id=newest, head_seen_at=now
        )
    return len(rows)


def _wanted(subscription: WebhookSubscription) -> QuerySet[Event]:
    """New facts that match, of the office asked for. Cases that not everybody may see are kept from programs too."""
    known = WebhookDelivery.objects.filter(subscription=subscription, event=OuterRef("pk"))
    rows = Event.objects.filter(_matching(subscription.events), ~Exists(known), id__gt=subscription.settled_id)
    normal = Case.Confidentiality.NORMAL
    rows = rows.filter(Q(case__isnull=True) | Q(case__confidentiality=normal)).filter(
        Q(interaction__case__isnull=True) | Q(interaction__case__confidentiality=normal)
    )
    if subscription.office_id is not None:
        office = subscription.office_id
        rows = rows.filter(Q(interaction__office=office) | Q(interaction__isnull=True, case__office=office))
    return rows.select_related("interaction", "case").order_by("id")


def _matching(patterns: list[str]) -> Q:
    if "*" in patterns:
        return Q()
    exact = Q(name__in=[pattern for pattern in patterns if not pattern.endswith(".*")])
    families = [Q(name__startswith=pattern[:-1]) for pattern in patterns if pattern.endswith(".*")]
    return reduce(or_, families, exact)


def told(event: Event) -> dict[str, Any]:
    """What a subscriber learns of a fact. Of its data numbers only: a reason may be somebody's words."""
    said: dict[str, Any] = {
        "event": event.name,
        "at": event.at.isoformat(),
        "account": event.account,
        "queue": event.queue,
    }
    if event.interaction is not None:
        said["interaction"] = _link("interactions", event.interaction.public_id)
    if event.case is not None:
        said["case"] = _link("cases", event.case.public_id)
    numbers = {name: value for name, value in event.data.items() if isinstance(value, int | float)}
    return {**said, "data": numbers}


def _link(collection: str, public_id: object) -> dict[str, str]:
    return {"id": str(public_id), "url": f"{settings.BASE_URL}/api/v1/{collection}/{public_id}/"}


def in_trouble() -> list[WebhookSubscription]:
    """Subscriptions whose program doesn't confirm; `trouble` is a sentence."""
    return list(WebhookSubscription.objects.filter(active=True).exclude(trouble=""))


def forget() -> int:
    """Drop what was delivered or given up long ago; returns how many. The unique key of younger ones stays."""
    return WebhookDelivery.objects.filter(done_at__lt=timezone.now() - KEPT).delete()[0]
