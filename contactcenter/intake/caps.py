"""Caps on the public doors: so many per source and window, counted in the shared cache. Nothing about a source is kept."""

import hashlib
import math
import time
from typing import NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest


class TooMany(Exception):
    """The cap is reached. `retry_after` says in how many seconds the window ends."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many at once. Try again in {retry_after} seconds.")
        self.retry_after = retry_after


class Cap(NamedTuple):
    """At most `limit` for `key` in each window of `seconds`."""

    key: str
    limit: int
    seconds: int


def cap(key: str, limit: int, seconds: int) -> None:
    """Count one for `key` in the running window of `seconds`. Raises `TooMany` beyond `limit`."""
    caps(Cap(key, limit, seconds))


def caps(*wanted: Cap) -> None:
    """Count one for each of these, in one go. Raises `TooMany` for the first that is beyond its limit."""
    if not settings.CAPS_ENABLED:
        return
    now = time.time()
    named = {_name(each, now): each.seconds + 1 for each in wanted}
    counts = cache.count(named)  # type: ignore[attr-defined]  # config/caches.py
    for each, count in zip(wanted, counts, strict=True):
        if count > each.limit:
            raise TooMany(max(1, math.ceil((now // each.seconds + 1) * each.seconds - now)))


def _name(each: Cap, now: float) -> str:
    """Of the running window. Whom it counts can't be read from it."""
    return f"cap:{hashlib.sha256(each.key.encode()).hexdigest()[:32]}:{each.seconds}:{int(now // each.seconds)}"


def source(request: HttpRequest) -> str:
    """Whom to count a request for: the address of the other side, as our own proxy reports it where there is one."""
    return source_of(request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", ""))


def source_of(peer: str, forwarded: str) -> str:
    """Behind a proxy the last address of X-Forwarded-For is the proxy's own word; those before it are claims."""
    if settings.SECURE_PROXY_SSL_HEADER and forwarded:
        return forwarded.rsplit(",", 1)[-1].strip()
    return peer
