"""Is this a demo installation? The demo people tell: they exist only where `manage.py demo` was run."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from crm.models import User

View = Callable[..., HttpResponseBase]


def is_demo() -> bool:
    return not settings.PRODUCTION and User.objects.filter(is_demo=True, is_active=True).exists()


def demo_only(view: View) -> View:
    """A page that doesn't exist in an office that works in earnest (404)."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_demo():
            raise Http404(_("There is no demo street here."))
        return view(request, *args, **kwargs)

    return wrapped
