"""The hosted page, the same page inside a frame, and the script that towns embed."""

from pathlib import Path
from urllib.parse import urlsplit

from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from channels_adapters import registry
from channels_adapters.contract import LiveAdapter
from contactcenter.accounts import accounts
from contactcenter.accounts.models import ChannelAccount
from contactcenter.accounts.secrets import Unreadable
from contactcenter.intake.visitors import limits, origins, waiting

SCRIPT_AGE = 600  # seconds: towns never change their page, so a new loader must reach them by itself


@require_safe
@gzip_page
def loader(request: HttpRequest) -> HttpResponse:
    """`/widget.js`: the loader of the live channel that is installed."""
    path = registry.loader()
    file = finders.find(path) if path else None
    if not file:
        raise Http404(_("No chat is installed here."))
    answer = HttpResponse(Path(str(file)).read_bytes(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = f"public, max-age={SCRIPT_AGE}"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


@require_safe
@never_cache
@gzip_page  # nothing secret is in it that a length could give away
def page(request: HttpRequest, account: str) -> HttpResponseBase:
    """The citizen's page. In a frame only on our own pages and on those the account allows."""
    try:
        found, adapter = origins.live_account(account)
    except (accounts.Disabled, registry.UnknownKind, Unreadable):
        return _nothing_here(request)
    language = _language(request, found)
    with translation.override(language):
        answer = render(request, adapter.page_template, _shown(request, found, adapter, language))
    return csp_replace(_policy(request, adapter))(lambda _request: answer)(request)


def _policy(request: HttpRequest, adapter: LiveAdapter) -> dict[str, list[str]]:
    sockets = "wss" if request.is_secure() else "ws"  # older browsers don't count a socket among 'self'
    return {
        "frame-ancestors": ["'self'", *adapter.allowed_origins()],
        "connect-src": ["'self'", f"{sockets}://{request.get_host()}"],
    }


def _shown(request: HttpRequest, account: ChannelAccount, adapter: LiveAdapter, language: str) -> dict[str, object]:
    state = waiting.entrance(account)
    return {
        "account": adapter.account,
        "settings": adapter.settings,
        "language": language,
        "languages": settings.LANGUAGES,
        "embed": request.GET.get("embed") == "1",
        "host_origin": _host_origin(request, adapter),
        "state": state,
        "words": waiting.words(account, state, language),
        "opens": _opening(account) if state == "closed" else "",
        "topics": limits.topics(language),
        "limits": limits.of(account),
    }


def _opening(account: ChannelAccount) -> str:
    at = waiting.opens_at(account)
    return waiting.day_and_hour(at) if at else ""


def _language(request: HttpRequest, account: ChannelAccount) -> str:
    """As chosen in the address, else as the browser prefers, else the account's own."""
    known = dict(settings.LANGUAGES)
    chosen = request.GET.get("lang", "")[:2].lower()
    if chosen in known:
        return chosen
    wanted = [part.split(";")[0].strip()[:2].lower() for part in request.headers.get("Accept-Language", "").split(",")]
    return next((code for code in wanted if code in known), account.language[:2])


def _host_origin(request: HttpRequest, adapter: LiveAdapter) -> str:
    """The page around the frame, if it may be that: our messages go to exactly this origin."""
    parts = urlsplit(request.GET.get("origin", "")[:200])
    origin = f"{parts.scheme}://{parts.netloc}"
    return origin if origins.may_call(adapter, origin, request.get_host()) else ""


def _nothing_here(request: HttpRequest) -> HttpResponse:
    return render(request, "visitors/no_chat.html", status=404)
