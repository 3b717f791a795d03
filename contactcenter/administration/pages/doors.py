"""Who may come in: an action of the access gateway, asked at every address."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crm import access
from crm.models import User

View = Callable[..., HttpResponse]


def administrator(action: str, *methods: str) -> Callable[[View], View]:
    """A view `(request, user, …)` for people who may do `action`; others get 403."""

    def decorate(view: View) -> View:
        @require_http_methods(methods or ("GET",))
        @login_required
        @never_cache
        @wraps(view)
        def wrapped(request: HttpRequest, **rest: Any) -> HttpResponse:
            user = request.user
            if not isinstance(user, User):
                raise access.Forbidden
            access.require(user, action)
            return view(request, user, **rest)

        return wrapped

    return decorate
