"""Caps on the public doors: so many per source and window, counted in the shared cache. Nothing about a source is kept."""

import hashlib
import math
import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest


class TooMany(Exception):
    """The cap is reached. `retry_after` says in how many seconds the window ends."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many at once. Try again in {retry_after} seconds.")
        self.retry_after = retry_after


def cap(key: str, limit: int, seconds: int) -> None:
    """Count one for `key` in the running window of `seconds`. Raises `TooMany` beyond `limit`."""
    if not settings.CAPS_ENABLED:
        return
    now = time.time()
    window = int(now // seconds)
    name = f"cap:{hashlib.sha256(key.encode()).hexdigest()[:32]}:{seconds}:{window}"
    if cache.add(name, 1, timeout=seconds + 1):
        return
    try:
        count = cache.incr(name)
    except ValueError:  # it expired between the two
        return
    if count > limit:
        raise TooMany(max(1, math.ceil((window + 1) * seconds - now)))


def source(request: HttpRequest) -> str:
    """Whom to count a request for: the address of the other side, as our own proxy reports it where there is one."""
    return source_of(request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", ""))


def source_of(peer: str, forwarded: str) -> str:
    """Behind a proxy the last address of X-Forwarded-For is the proxy's own word; those before it are claims."""
    if settings.SECURE_PROXY_SSL_HEADER and forwarded:
        return forwarded.rsplit(",", 1)[-1].strip()
    return peer
