"""What every page of the street begins with: only in a demo, in the reader's language, never out of a cache."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import add_never_cache_headers

from contactcenter.demo_street.installation import demo_only

View = Callable[..., HttpResponseBase]


def street_page(view: View) -> View:
    """`?lang=uk` chooses a language, and the browser remembers it."""

    @demo_only
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        chosen = _chosen(request)
        if chosen:
            translation.activate(chosen)
        answer = view(request, *args, **kwargs)
        if chosen:
            answer.set_cookie(
                settings.LANGUAGE_COOKIE_NAME, chosen, max_age=365 * 86_400, samesite="Lax", httponly=True
            )
        add_never_cache_headers(answer)
        return answer

    return wrapped


def _chosen(request: HttpRequest) -> str:
    wanted = request.GET.get("lang", "")
    return wanted if wanted in dict(settings.LANGUAGES) else ""
