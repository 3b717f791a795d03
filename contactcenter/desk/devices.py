"""Notices on this device while no desk is open: turned on and off by whoever sits at it, and the worker that shows them."""

import json
from dataclasses import dataclass

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language, gettext as _
from django.views.decorators.http import require_safe

from contactcenter.desk.doors import desk
from contactcenter.push import hints, keys, subscriptions
from crm.models import User

A_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Devices:
    """`key` "" = this house can't send. `here`: this one is told; `others`: so many more are."""

    key: str
    here: bool
    others: int


def of(request: HttpRequest, user: User) -> Devices:
    device = request.COOKIES.get(subscriptions.COOKIE, "")
    return Devices(keys.public(), subscriptions.is_told(user, device), subscriptions.others(user, device))


@desk("POST", "DELETE")
def device(request: HttpRequest, user: User) -> HttpResponse:
    """Turn it on (what the browser subscribed with) or off. Answers the part of the dialog."""
    known = request.COOKIES.get(subscriptions.COOKIE, "")
    if request.method == "DELETE":
        if known:
            subscriptions.end(user=user, device=known)
        return _part(request, user)
    given = request.POST
    name = known or subscriptions.new_device()
    try:
        subscriptions.subscribe(
            user=user, endpoint=given.get("endpoint", ""), p256dh=given.get("p256dh", ""), auth=given.get("auth", ""),
            device=name,
        )  # fmt: skip
    except subscriptions.NotASubscription as error:
        return _part(request, user, str(error))
    request.COOKIES[subscriptions.COOKIE] = name
    answer = _part(request, user)
    answer.set_cookie(
        subscriptions.COOKIE, name, max_age=A_YEAR, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return answer


@desk("DELETE")
def none(request: HttpRequest, user: User) -> HttpResponse:
    """No device any more, wherever it is: for one that was lost."""
    subscriptions.end(user=user)
    return _part(request, user)


def _part(request: HttpRequest, user: User, sentence: str = "") -> HttpResponse:
    return render(request, "desk/_device.html", {"devices": of(request, user), "device_sentence": sentence})


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, under the desk's own path so that this is its scope, with its sentences in one's language."""
    found = finders.find("desk/push_worker.js")
    with open(str(found), encoding="utf-8") as file:
        body = file.read()
    asked = request.GET.get("language", "")  # a worker's own request says the browser's language, not the page's
    with translation.override(asked if asked in dict(settings.LANGUAGES) else get_language()):
        words = json.dumps({**_words(), "language": get_language(), "desk": reverse("desk")})
    answer = HttpResponse(f"const WORDS = {words};\n{body}", content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _words() -> dict[str, str]:
    return {
        hints.OFFER: _("A citizen waits: something is offered to you."),
        hints.MESSAGE: _("A citizen of yours has written."),
        hints.MENTION: _("A colleague mentioned you."),
        "other": _("Something at the desk wants your attention."),
    }
