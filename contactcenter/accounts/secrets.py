"""Secrets at rest: encrypted with keys that are kept apart from the database (ENCRYPTION_KEY, newest first)."""

import base64
import hashlib
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.translation import gettext as _


class Unreadable(Exception):
    """The stored secrets don't open with any key of this installation."""


def _box() -> MultiFernet:
    keys = [base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()) for key in settings.ENCRYPTION_KEYS]
    if not keys:
        raise Unreadable(_("ENCRYPTION_KEY is not set: no secret can be stored or read. Set it and start again."))
    return MultiFernet([Fernet(key) for key in keys])


def seal(values: dict[str, Any]) -> str:
    """Raises `Unreadable` where no key is set."""
    return _box().encrypt(json.dumps(values).encode()).decode() if values else ""


def unseal(sealed: str) -> dict[str, Any]:
    """Raises `Unreadable` with a sentence for the administrator."""
    if not sealed:
        return {}
    try:
        opened: dict[str, Any] = json.loads(_box().decrypt(sealed.encode()))
    except InvalidToken:
        raise Unreadable(
            _(
                "The stored secrets were encrypted with another ENCRYPTION_KEY. Add that key behind the present one, "
                "after a comma."
            )
        ) from None
    return opened
