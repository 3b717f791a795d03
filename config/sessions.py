"""Sessions in the database, as Django keeps them, read by a statement that is worked out once: every page begins with it."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from crm.prepared import PreparedModel


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Any:
        """None, and no key any more, for one that is unknown or over."""
        kept = _by_key().first(str(self.session_key))
        if kept is None or kept.expire_date <= timezone.now():
            self._session_key = None
            return None
        return kept


@cache
def _by_key() -> PreparedModel[Session]:
    return PreparedModel(Session.objects.filter(session_key="@key"), "@key")
