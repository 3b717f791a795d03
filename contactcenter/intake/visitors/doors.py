"""What every HTTP door of a visitor does first: the account, the origin, the caps, the token. Errors are sentences."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from channels_adapters.contract import LiveAdapter, RawRequest
from channels_adapters.registry import UnknownKind
from contactcenter.accounts import accounts
from contactcenter.accounts.models import ChannelAccount
from contactcenter.accounts.secrets import Unreadable
from contactcenter.intake import caps
from contactcenter.intake.visitors import limits, origins, sessions
from contactcenter.intake.visitors.models import VisitorSession

View = Callable[..., HttpResponse]


class Refusal(Exception):
    """Ends a request with a sentence. `code` is for the page's program, `text` for its reader."""

    def __init__(self, status: int, code: str, text: str, retry_after: int = 0) -> None:
        super().__init__(text)
        self.status, self.code, self.text, self.retry_after = status, code, text, retry_after


@dataclass(frozen=True)
class Visit:
    """Who stands at the door. `token` "" = not asked for."""

    account: ChannelAccount
    adapter: LiveAdapter
    session: VisitorSession | None = None
    token: str = ""

    @property
    def known(self) -> VisitorSession:
        if self.session is None:
            raise Refusal(401, "no-session", _("Your session has ended. Reload the page to start a new one."))
        return self.session


def door(*methods: str, bearer: bool = True) -> Callable[[View], View]:
    """A view `(request, visit, …) -> HttpResponse` below `/chat/<account>/`; every refusal is JSON with a sentence."""

    def decorate(view: View) -> View:
        @csrf_exempt  # the token is in a header that no other site can send
        @wraps(view)
        def wrapped(request: HttpRequest, account: str, **rest: Any) -> HttpResponse:
            if request.method == "OPTIONS":
                return _guarded(request, account, lambda visit: _preflight(methods), bearer=False)
            if request.method not in methods:
                return refused(Refusal(405, "method", _("This address doesn't take that kind of request.")))
            return _guarded(request, account, lambda visit: view(request, visit, **rest), bearer=bearer)

        return wrapped

    return decorate


def _guarded(request: HttpRequest, slug: str, then: Callable[[Visit], HttpResponse], *, bearer: bool) -> HttpResponse:
    allowed = False
    try:
        visit = enter(request, slug, bearer=bearer)
        allowed = True
        answer = then(visit)
    except Refusal as refusal:
        allowed = allowed or refusal.code == "no-session"
        answer = refused(refusal)
    except caps.TooMany as error:
        answer = refused(too_many(error))
    return _shared(request, answer, allowed=allowed)


def too_many(error: caps.TooMany) -> Refusal:
    text = _("That was too much at once. Wait %(n)d seconds, then try again.") % {"n": error.retry_after}
    return Refusal(429, "too-fast", text, error.retry_after)


def enter(request: HttpRequest, slug: str, *, bearer: bool) -> Visit:
    """Raises `Refusal`: 404 no such chat, 403 foreign origin, 401 no session."""
    try:
        account, adapter = origins.live_account(slug)
    except (accounts.Disabled, UnknownKind, Unreadable):
        text = _("There is no chat at this address. Look it up on the office's web site.")
        raise Refusal(404, "no-account", text) from None
    origin = request.headers.get("Origin")
    if origin is not None and not origins.may_call(adapter, origin, request.get_host()):
        text = _("This web site may not use this chat. Its owner can ask the office to allow it.")
        raise Refusal(403, "origin", text)
    if not bearer:
        return Visit(account, adapter)
    token = _bearer(request)
    try:
        return Visit(account, adapter, sessions.find(account=account, token=token), token)
    except sessions.NoSession as error:
        raise Refusal(401, "no-session", str(error)) from None


def _bearer(request: HttpRequest) -> str:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _preflight(methods: tuple[str, ...]) -> HttpResponse:
    answer = HttpResponse(status=204)
    answer["Access-Control-Allow-Methods"] = ", ".join(methods)
    answer["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Accept-Language"
    answer["Access-Control-Max-Age"] = "600"
    return answer


def _shared(request: HttpRequest, answer: HttpResponse, *, allowed: bool) -> HttpResponse:
    """The answer is for exactly the origin that asked; without cookies, and in nobody's cache."""
    patch_vary_headers(answer, ["Origin"])
    answer.setdefault("Cache-Control", "no-store")
    origin = request.headers.get("Origin")
    if origin and allowed:
        answer["Access-Control-Allow-Origin"] = origin
    return answer


def refused(refusal: Refusal) -> JsonResponse:
    error = {"code": refusal.code, "text": refusal.text, "retry_after": refusal.retry_after}
    answer = JsonResponse({"error": error}, status=refusal.status)
    if refusal.retry_after:
        answer["Retry-After"] = str(refusal.retry_after)
    return answer


def body_of(request: HttpRequest) -> bytes:
    """Raises `Refusal` before anything large is read."""
    length = request.headers.get("Content-Length", "0")
    if not length.isdigit() or int(length) > limits.BODY:
        raise Refusal(413, "too-large", _("That is too large. Shorten it and send again."))
    body = request.body
    if len(body) > limits.BODY:
        raise Refusal(413, "too-large", _("That is too large. Shorten it and send again."))
    return body


def json_of(request: HttpRequest) -> dict[str, Any]:
    try:
        data = json.loads(body_of(request) or b"{}")
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise Refusal(400, "unreadable", _("The request isn't a JSON object. Reload the page and try again."))
    return data


def text_of(data: dict[str, Any], key: str, longest: int) -> str:
    """A string of a JSON body, without what no database stores; anything else counts as nothing."""
    value = data.get(key)
    if not isinstance(value, str):
        return ""
    return value.replace("\x00", "").encode("utf-8", "ignore").decode()[:longest].strip()


def raw(visit: Visit, door_name: Any, body: bytes) -> RawRequest:
    return RawRequest(door=door_name, body=body, sender=visit.known.address)
