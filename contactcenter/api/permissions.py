"""What a token may do at all. What its user may do is asked of `crm.access`, row by row."""

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from contactcenter.api.models import ApiToken
from contactcenter.intake import caps
from crm.access import grants
from crm.models import User

PER_CALLER = (1200, 60)  # requests per seconds


class Scoped(BasePermission):
    """A reading token reads. Somebody without any grant has nothing to do here."""

    message = _("This token may only read. Ask an administrator for one that may write.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.user, User):
            return False
        if not grants(request.user):
            self.message = _("You have no role in any office yet. Ask an administrator.")
            return False
        scoped = isinstance(request.auth, ApiToken) and request.auth.scope != ApiToken.Scope.WRITE
        reads = request.method in SAFE_METHODS or getattr(view, "reads", False)  # a search by POST reads, too
        return reads or not scoped


class PerCaller(BaseThrottle):
    """So many requests per token (or person) and minute."""

    def __init__(self) -> None:
        self._wait: int | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:
        caller = f"token:{request.auth.pk}" if isinstance(request.auth, ApiToken) else f"user:{request.user.pk}"
        try:
            caps.cap(f"api:{caller}", *PER_CALLER)
        except caps.TooMany as error:
            self._wait = error.retry_after
            return False
        return True

    def wait(self) -> float | None:
        return self._wait
