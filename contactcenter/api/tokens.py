"""Giving, recognising and withdrawing a program's key."""

import hashlib
import hmac
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from contactcenter.api.models import ApiToken
from crm import audit
from crm.models import User

MARK = "spt"  # so that secret scanners and people recognise one
USED_NOTED_EVERY = timedelta(minutes=1)


def issue(*, user: User, name: str, scope: str, days: int | None, actor: User | None = None) -> tuple[ApiToken, str]:
    """A new token and its key, which nobody can show again. `days=None`: it doesn't expire."""
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    key, now = f"{MARK}_{prefix}_{secret}", timezone.now()
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user, name=name[:80], prefix=prefix, digest=_digest(key), scope=scope, created_at=now,
            expires_at=now + timedelta(days=days) if days is not None else None,
        )  # fmt: skip
        audit.record("api-token.issued", subject=f"api-token:{prefix}", actor=actor, data={"for": user.username})
    return token, key


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def recognise(key: str) -> ApiToken | None:
    """The valid token of a key, with its user; None for anything else. One statement, and one a minute more."""
    parts = key.split("_", 2)
    if len(parts) != 3 or parts[0] != MARK or not parts[1].isalnum():
        return None
    token = ApiToken.objects.select_related("user").filter(prefix=parts[1]).first()
    if token is None or not hmac.compare_digest(token.digest, _digest(key)) or not token.is_valid:
        return None
    _note_use(token)
    return token


def _note_use(token: ApiToken) -> None:
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at >= USED_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def revoke(*, token: ApiToken, actor: User | None = None) -> None:
    """It works no more, from the next request on. Revoking twice does nothing."""
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=timezone.now()):
            audit.record("api-token.revoked", subject=f"api-token:{token.prefix}", actor=actor)
