"""Which devices somebody is told on: made by a browser, ended by hand, by signing out, or by the push service."""

import base64
import binascii
import hashlib
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from channels_adapters import http
from contactcenter.push.models import PushSubscription
from crm.models import User

COOKIE = "push-device"  # a random word by which signing out finds what this browser had subscribed
MOST = 10  # devices of one person; the oldest makes room
LONGEST = 1000  # characters of an endpoint


class NotASubscription(ValueError):
    """What the browser gave can't be used; a sentence says so."""


def subscribe(*, user: User, endpoint: str, p256dh: str, auth: str, device: str) -> PushSubscription:
    """Tell this person on this device. Whoever was told on it before isn't any more. Raises `NotASubscription`."""
    _check(endpoint, p256dh, auth)
    with transaction.atomic():
        row, _made = PushSubscription.objects.update_or_create(
            mark=_hash(endpoint),
            defaults={
                "user": user, "endpoint": endpoint, "p256dh": p256dh, "auth": auth, "device": _hash(device),
                "made_at": timezone.now(), "delivered_at": None,
            },
        )  # fmt: skip
        PushSubscription.objects.filter(device=row.device).exclude(pk=row.pk).delete()
        kept = PushSubscription.objects.filter(user=user).order_by("-made_at", "-id").values_list("pk", flat=True)
        PushSubscription.objects.filter(pk__in=list(kept[MOST : 2 * MOST])).delete()
    return row


def new_device() -> str:
    return secrets.token_urlsafe(24)


def is_told(user: User, device: str) -> bool:
    """Whether this browser rings for this person."""
    return bool(device) and PushSubscription.objects.filter(user=user, device=_hash(device)).exists()


def others(user: User, device: str) -> int:
    """On how many further devices they are told."""
    return PushSubscription.objects.filter(user=user).exclude(device=_hash(device)).count()


def end(*, user: User, device: str = "") -> int:
    """Tell them no more: on this device, or ("") on none. Returns how many ended."""
    rows = PushSubscription.objects.filter(user=user)
    return (rows.filter(device=_hash(device)) if device else rows).delete()[0]


def forget() -> int:
    """Of people who were switched off."""
    return PushSubscription.objects.filter(user__is_active=False).delete()[0]


def _check(endpoint: str, p256dh: str, auth: str) -> None:
    """The keys are tried here, so that a worker never stumbles over them. RFC 8291, 3.1 and 3.2."""
    wrong = NotASubscription(_("This browser gave no usable subscription. Update the browser, then try again."))
    if len(endpoint) > LONGEST:
        raise wrong
    try:
        http.check_address(endpoint)
        if len(decoded(auth)) != 16:
            raise wrong
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(p256dh))
    except (http.FetchRefused, ValueError):
        raise wrong from None


def decoded(text: str) -> bytes:
    """Base64url without padding. Raises `ValueError`."""
    if len(text) > 90 or not text.isascii():
        raise ValueError
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError from None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _signed_in(request: HttpRequest, user: User, **_rest: Any) -> None:
    """A device that somebody else left without signing out rings for them no more."""
    if device := request.COOKIES.get(COOKIE, ""):
        PushSubscription.objects.filter(device=_hash(device)).exclude(user=user).delete()


def _signed_out(request: HttpRequest, user: User | None, **_rest: Any) -> None:
    if user is not None and (device := request.COOKIES.get(COOKIE, "")):
        end(user=user, device=device)


def listen() -> None:
    """Once, as the house starts."""
    user_logged_in.connect(_signed_in, dispatch_uid="push.signed_in")
    user_logged_out.connect(_signed_out, dispatch_uid="push.signed_out")
