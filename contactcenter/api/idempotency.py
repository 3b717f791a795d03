"""The same request twice makes one thing: `Idempotency-Key`, kept for a week."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from contactcenter.api.errors import Conflict
from contactcenter.api.models import IdempotentRequest
from crm.models import User

M = TypeVar("M", bound=models.Model)
KEPT = timedelta(days=7)


def key_of(request: Request, longest: int = 100) -> str:
    """The caller's key, "" where it has none."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > longest or not key.isprintable():
        raise ValidationError({"Idempotency-Key": [_("Must be printable and not longer than %(n)d.") % {"n": longest}]})
    return key


def once(request: Request, user: User, rows: models.QuerySet[M], make: Callable[[], M]) -> M:
    """What `make` makes, or what it made under the same key before. Raises `Conflict` for a key of another request."""
    key = key_of(request)
    if not key:
        return make()
    fingerprint = _fingerprint(request)
    try:
        with transaction.atomic():
            made = make()
            IdempotentRequest.objects.create(
                user=user, key=key, fingerprint=fingerprint, created_at=timezone.now(),
                made=made.public_id,  # type: ignore[attr-defined]  # everything a program makes has one
            )  # fmt: skip
            return made
    except IntegrityError:
        before = IdempotentRequest.objects.filter(user=user, key=key).first()
        if before is None:
            raise
    if before.fingerprint != fingerprint:
        raise Conflict(_("This Idempotency-Key was used for another request. Choose a new one."), "key-reused")
    return rows.get(public_id=before.made)


def _fingerprint(request: Request) -> str:
    asked: list[Any] = [request.method, request.path, request.data]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def forget() -> int:
    """Drop keys nobody repeats any more; returns how many."""
    return IdempotentRequest.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]
