"""What a worker does with a hint: who is to be told, what of it leaves the house, and the post to the push service.

The payload is encrypted for the browser (RFC 8291) and even so names nobody: what it is about, a channel, a public id.
"""

import json
import os
import time
from dataclasses import dataclass

import http_ece
import structlog
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.cache import cache
from django.utils import timezone

from channels_adapters import http
from contactcenter.push import hints, keys, subscriptions
from contactcenter.push.models import PushSubscription
from contactcenter.queues.models import Presence, WorkItem
from crm import access
from crm.models import Interaction, User

log = structlog.get_logger(__name__)
TIMEOUT = 8.0  # seconds for one post
MAX_ANSWER = 64 * 1024  # bytes that are read of it
QUIET_FOR = 60  # seconds between two notices of one kind about one conversation
LIVES = {hints.OFFER: 30, hints.MESSAGE: 3600, hints.MENTION: 24 * 3600}  # seconds that a push service keeps trying
SIGNED_FOR = 3600  # seconds
GONE = {404, 410}  # RFC 8030, 7.3


@dataclass(frozen=True)
class Told:
    """What leaves the house."""

    about: str
    channel: str
    id: str

    @property
    def body(self) -> bytes:
        return json.dumps({"kind": self.about, "channel": self.channel, "id": self.id}).encode()


def tell(about: str, interaction_id: int, users: list[int]) -> int:
    """Returns how many devices were told. Rights are asked here, as they may have changed since."""
    interaction = Interaction.objects.filter(pk=interaction_id).first()
    if interaction is None or about not in LIVES or not keys.is_set():
        return 0
    people = users if about != hints.MESSAGE else _owners_away(interaction)
    told = Told(about, interaction.account, str(interaction.public_id))
    subscribed = User.objects.filter(pk__in=people, is_active=True, push_subscriptions__isnull=False).distinct()
    return sum(_tell(user, interaction, told) for user in subscribed)


def _tell(user: User, interaction: Interaction, told: Told) -> int:
    if not _is_for(user, interaction, told.about):
        return 0
    return sum(_send(row, told) for row in PushSubscription.objects.filter(user=user))


def _owners_away(interaction: Interaction) -> list[int]:
    """Whoever has it in hand and isn't at the desk: on a break, offline, or with a lost connection."""
    owners = WorkItem.objects.filter(interaction=interaction, state__in=WorkItem.OWNED).values_list("owner", flat=True)
    rows = Presence.objects.filter(user__in=list(owners), status=Presence.Status.AVAILABLE, lost=False)
    return [pk for pk in owners if pk is not None and pk not in set(rows.values_list("user", flat=True))]


def _is_for(user: User, interaction: Interaction, about: str) -> bool:
    """One notice a minute for each matter: a burst of messages is one. They must still be allowed to read it."""
    if not access.visible(user, Interaction.objects.filter(pk=interaction.pk)).exists():
        return False
    return about == hints.OFFER or bool(cache.add(f"push-told:{about}:{user.pk}:{interaction.pk}", True, QUIET_FOR))


def _send(row: PushSubscription, told: Told) -> bool:
    """Post it. An address that leads nowhere any more, or never led outside, is dropped."""
    try:
        answer = http.fetch(
            "POST", row.endpoint, headers=_headers(row.endpoint, told), body=_sealed(row, told.body),
            timeout=TIMEOUT, max_bytes=MAX_ANSWER,
        )  # fmt: skip
    except http.AnswerTooLarge as error:
        status = error.status
    except http.FetchRefused:
        row.delete()
        return False
    except http.FetchFailed:
        log.warning("push.failed", subscription=row.pk)
        return False
    else:
        status = answer.status
    return _answered(row, status)


def _answered(row: PushSubscription, status: int) -> bool:
    if status in GONE:
        row.delete()
    elif 200 <= status < 300:
        PushSubscription.objects.filter(pk=row.pk).update(delivered_at=timezone.now())
        return True
    else:
        log.warning("push.refused", subscription=row.pk, status=status)
    return False


def _headers(endpoint: str, told: Told) -> dict[str, str]:
    """`Topic`: a newer notice about the same replaces one that isn't delivered yet; it may be 32 characters (RFC 8030)."""
    return {
        **keys.signed(endpoint, until=int(time.time()) + SIGNED_FOR),
        "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream",
        "ttl": str(LIVES[told.about]),
        "urgency": "high" if told.about == hints.OFFER else "normal",
        "topic": told.id.replace("-", "")[:31] + told.about[0],
    }


def _sealed(row: PushSubscription, body: bytes) -> bytes:
    """Readable by that browser alone. A key pair and a salt of its own for each, as RFC 8291 wants."""
    sealed: bytes = http_ece.encrypt(
        body, salt=os.urandom(16), private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=subscriptions.decoded(row.p256dh), auth_secret=subscriptions.decoded(row.auth), version="aes128gcm",
    )  # fmt: skip
    return sealed
