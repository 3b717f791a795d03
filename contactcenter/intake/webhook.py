"""/hooks/<account>/: every provider's webhook."""

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from channels_adapters.contract import RawRequest, RawResponse, Untrusted
from channels_adapters.registry import UnknownKind
from contactcenter.accounts import accounts
from contactcenter.accounts.models import ChannelAccount
from contactcenter.accounts.secrets import Unreadable
from contactcenter.intake import caps
from contactcenter.intake.accept import accept

log = structlog.get_logger(__name__)
MAX_BODY = 20 * 1024 * 1024  # bytes
PER_SOURCE = (6000, 60)  # requests per seconds, whatever they are
PER_ACCOUNT = (6000, 60)  # genuine deliveries per seconds
NO_PAGE = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}  # whoever opens it in a browser
WRONG_PER_SOURCE = (60, 60)  # refused ones per seconds


def _answer(response: RawResponse) -> HttpResponse:
    return HttpResponse(response.body, status=response.status, content_type=response.content_type, headers=NO_PAGE)


def _sentence(text: str, status: int) -> HttpResponse:
    return HttpResponse(text + "\n", status=status, content_type="text/plain; charset=utf-8", headers=NO_PAGE)


def raw_request(request: HttpRequest) -> RawRequest:
    """The request as an adapter sees it. A form body is read raw, so that signatures over it can be checked."""
    form = {_plain(name): [_plain(value) for value in request.GET.getlist(name)] for name in request.GET}
    return RawRequest(
        door="webhook",
        method=request.method or "POST",
        url=request.build_absolute_uri(),
        headers={name.lower(): value for name, value in request.headers.items()},
        form=form,
        body=request.body,
    )


def _plain(text: str) -> str:
    """Without NUL, which no database takes."""
    return text.replace("\x00", "")


@csrf_exempt
@require_http_methods(["GET", "POST"])
def webhook(request: HttpRequest, account: str) -> HttpResponse:
    """403 unsigned, 404 unknown, 413 too large, 429 too many; else what the adapter answers once the item is stored."""
    if int(request.headers.get("Content-Length") or 0) > MAX_BODY:
        return _sentence(_("This is larger than 20 MB. Send it in parts."), 413)
    try:
        found = accounts.kept(account)
        if "webhook" not in found.adapter_class.abilities.doors:
            raise accounts.Disabled
        raw = raw_request(request)
        caps.cap(f"hook:{account}:{caps.source(request)}", *PER_SOURCE)
        return _answer(found.adapter.handshake(raw) or _accepted(found, raw))
    except accounts.Disabled:
        return _sentence(_("There is no open channel at this address."), 404)
    except (UnknownKind, Unreadable):
        # The provider keeps it and comes again; readiness and `doctor` tell the administrator.
        log.error("webhook.account_unusable", account=account)
        return _sentence(_("This channel can't work at the moment. Try again later."), 503)
    except Untrusted:
        return _refused(request, account)
    except caps.TooMany as error:
        return _too_many(error)


def _accepted(account: ChannelAccount, raw: RawRequest) -> RawResponse:
    """Only what is genuine counts for the account: strangers can't use up its provider's room."""
    account.adapter.verify(raw)
    caps.cap(f"hook:{account.slug}", *PER_ACCOUNT)
    return accept(account, raw).response


def _refused(request: HttpRequest, account: str) -> HttpResponse:
    try:
        caps.cap(f"hook-refused:{account}:{caps.source(request)}", *WRONG_PER_SOURCE)
    except caps.TooMany as error:
        return _too_many(error)
    return _sentence(_("The signature is missing or wrong, so nothing was stored."), 403)


def _too_many(error: caps.TooMany) -> HttpResponse:
    answer = _sentence(_("Too many at once. Try again a little later."), 429)
    answer["Retry-After"] = str(error.retry_after)
    return answer
