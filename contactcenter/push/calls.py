"""Calling somebody's browsers. What is sent says which sort of thing happened and in which conversation, no more: the
words are made where it arrives, and who reads along learns nothing."""

from __future__ import annotations

import json
import os
import time
from datetime import timedelta
from functools import partial
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

import http_ece
import structlog
from celery import current_app
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from channels_adapters import http
from contactcenter.push import devices, keys
from contactcenter.push.models import PushDevice

log = structlog.get_logger(__name__)
Sort = Literal["offer", "message", "called"]
GOOD_FOR: dict[str, timedelta] = {  # how long a push service keeps it for a browser that sleeps
    "offer": timedelta(seconds=30), "message": timedelta(hours=4), "called": timedelta(hours=12),
}  # fmt: skip
GONE = {404, 410, 403}  # forgotten there, or made for another key of ours
TIMEOUT = 10.0


def after_commit(sort: Sort, person: UUID, conversation: UUID) -> None:
    """Something happened that this person may want to hear of where their desk isn't open. A hint: it may be lost."""
    transaction.on_commit(partial(_hint, sort, str(person), str(conversation)))


def _hint(sort: str, person: str, conversation: str) -> None:
    if not devices.has_some(person):
        return
    try:
        late = GOOD_FOR[sort].total_seconds()
        current_app.send_task("push.call", args=[sort, person, conversation], retry=False, expires=late)
    except (OperationalError, OSError) as error:
        log.warning("push.hint_lost", error=type(error).__name__)


def call(sort: str, person: str, conversation: str) -> int:
    """Call every browser of a person; returns how many took it. One that is gone is forgotten."""
    found = PushDevice.objects.filter(user__public_id=person, user__is_active=True)
    return sum(_called(device, sort, conversation) for device in found)


def _called(device: PushDevice, sort: str, conversation: str) -> bool:
    parts = urlsplit(device.address)
    headers = {
        **keys.signature(f"{parts.scheme}://{parts.netloc}", time.time()),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(int(GOOD_FOR[sort].total_seconds())),
        "Urgency": "high" if sort == "offer" else "normal",
    }
    try:
        answer = http.fetch(
            "POST", device.address, headers=headers, body=_sealed(device, sort, conversation),
            timeout=TIMEOUT, max_bytes=64 * 1024,
        )  # fmt: skip
    except (http.FetchRefused, http.FetchFailed) as error:
        log.info("push.not_reached", device=device.pk, error=type(error).__name__)
        return False
    if answer.status in GONE:
        device.delete()
    if not 200 <= answer.status < 300:
        log.info("push.refused", device=device.pk, status=answer.status)
        return False
    PushDevice.objects.filter(pk=device.pk).update(reached_at=timezone.now())
    return True


def _sealed(device: PushDevice, sort: str, conversation: str) -> bytes:
    """For that browser alone (RFC 8291)."""
    words = json.dumps({"sort": sort, "conversation": conversation}).encode()
    sealed: bytes = http_ece.encrypt(
        words,
        salt=os.urandom(16),
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=devices.decoded(device.public_key),
        auth_secret=devices.decoded(device.secret),
        version="aes128gcm",
    )
    return sealed
