"""Which browsers may be called: asked for by the person who sits there, ended by signing out or when nobody is reached."""

from __future__ import annotations

import base64
import binascii
import hashlib
import time
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.utils.translation import get_language, gettext as _

from contactcenter.push.models import PushDevice
from crm.models import User

MOST = 10  # of one person; the oldest goes
FORGOTTEN_AFTER = timedelta(days=60)  # without anything that its push service took
KEPT_FOR = 5.0  # seconds that a process remembers whether somebody has any
_with_some: tuple[float, frozenset[str]] = (0.0, frozenset())


class NotADevice(ValueError):
    """What the browser gave can't be called, as a sentence."""


def register(*, user: User, address: str, public_key: str, secret: str, session_key: str, at: datetime) -> PushDevice:
    """This browser may be called for this person from now on, and for nobody else. Raises `NotADevice`."""
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname or parts.username or len(address) > 1000 or not address.isascii():
        raise NotADevice(_("This browser’s push service can’t be used. Try another browser."))
    if _length(public_key) != 65 or _length(secret) != 16:
        raise NotADevice(_("This browser gave keys that can’t be used. Switch it off and on again."))
    made, _new = PushDevice.objects.update_or_create(
        mark=_hash(address),
        defaults={
            "user": user, "address": address, "public_key": public_key, "secret": secret,
            "session": _hash(session_key), "language": (get_language() or "it")[:8], "made_at": at, "reached_at": None,
        },
    )  # fmt: skip
    kept = PushDevice.objects.filter(user=user).order_by("-made_at", "-id").values_list("pk", flat=True)[:MOST]
    PushDevice.objects.filter(user=user).exclude(pk__in=list(kept)).delete()
    _forget_who()
    return made


def forget(*, user: User, address: str) -> None:
    """One's own browser is not called any more."""
    PushDevice.objects.filter(user=user, mark=_hash(address)).delete()


def signed_out(session_key: str) -> None:
    """Whoever sits at that browser next isn't told of somebody else's work."""
    if session_key:
        PushDevice.objects.filter(session=_hash(session_key)).delete()


def forget_old(now: datetime) -> int:
    """Browsers that nothing reaches any more, and those of people who were switched off."""
    silent = PushDevice.objects.filter(made_at__lt=now - FORGOTTEN_AFTER).exclude(reached_at__gt=now - FORGOTTEN_AFTER)
    return silent.delete()[0] + PushDevice.objects.filter(user__is_active=False).delete()[0]


def has_some(person: str) -> bool:
    """Has this person (their public id) a browser to call? As it was a moment ago: asked with every message."""
    global _with_some
    if time.monotonic() - _with_some[0] > KEPT_FOR or not _with_some[0]:
        found = PushDevice.objects.order_by().values_list("user__public_id", flat=True).distinct()
        _with_some = (time.monotonic(), frozenset(map(str, found)))
    return person in _with_some[1]


def _forget_who() -> None:
    global _with_some
    _with_some = (0.0, frozenset())


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _length(text: str) -> int:
    """Of base64url, in bytes; 0 for anything else."""
    try:
        return len(decoded(text))
    except (binascii.Error, ValueError):
        return 0


def decoded(text: str) -> bytes:
    """Base64url with or without its padding."""
    if not text.isascii() or len(text) > 200:
        raise ValueError("too long")
    return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)
