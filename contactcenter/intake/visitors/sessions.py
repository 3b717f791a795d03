"""Anonymous sessions: a random token per browser and account. It proves only that the same browser is back."""

import hashlib
import secrets
from datetime import timedelta
from urllib.parse import urlsplit

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake.visitors.models import VisitorSession

IDLE = timedelta(days=30)
ROTATE_AFTER = timedelta(days=1)
PREVIOUS_GOOD_FOR = timedelta(hours=1)


class NoSession(Exception):
    """The token is unknown, of another account, expired or revoked: a new one is needed first."""

    def __init__(self) -> None:
        super().__init__(_("Your session has ended. Reload the page to start a new one."))


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _page(address: str) -> str:
    """Where the chat began, without what may tell about the person: no query, no fragment."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if not parts.scheme or not parts.netloc:
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"[:300]


def begin(*, account: ChannelAccount, language: str = "", page: str = "") -> tuple[VisitorSession, str]:
    """A new visitor, and the token that only their browser has."""
    now = timezone.now()
    token = secrets.token_urlsafe(32)
    session = VisitorSession.objects.create(
        visitor=secrets.token_hex(16), account=account, token_hash=hashed(token), language=language[:8],
        page=_page(page), created_at=now, rotated_at=now, expires_at=now + IDLE,
    )  # fmt: skip
    return session, token


def find(*, account: ChannelAccount, token: str) -> VisitorSession:
    """Raises `NoSession`."""
    now = timezone.now()
    mark = hashed(token)
    theirs = Q(token_hash=mark) | Q(previous_hash=mark, previous_until__gt=now)
    rows = VisitorSession.objects.filter(theirs, account=account, revoked_at=None, expires_at__gt=now)
    session = rows.first() if token else None
    if session is None:
        raise NoSession
    return session


def renew(*, session: VisitorSession, token: str) -> str:
    """The token to use from now on: the same, or a fresh one each day. Puts the expiry off."""
    now = timezone.now()
    session.expires_at = now + IDLE
    if session.token_hash != hashed(token) or now - session.rotated_at < ROTATE_AFTER:
        session.save(update_fields=["expires_at"])
        return token
    fresh = secrets.token_urlsafe(32)
    session.previous_hash, session.previous_until = session.token_hash, now + PREVIOUS_GOOD_FOR
    session.token_hash, session.rotated_at = hashed(fresh), now
    session.save(update_fields=["expires_at", "previous_hash", "previous_until", "token_hash", "rotated_at"])
    return fresh


def revoke(session: VisitorSession) -> None:
    """Forget this browser; its conversation stays with the office."""
    session.revoked_at = timezone.now()
    session.save(update_fields=["revoked_at"])


def seen(session: VisitorSession) -> None:
    """The citizen's page is open. The caller asks for it at most every 45 seconds."""
    VisitorSession.objects.filter(pk=session.pk).update(seen_at=timezone.now())
