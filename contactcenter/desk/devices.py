"""This browser, called also while the desk isn't open: switched on and off here, and the worker that shows the calls."""

import json
from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contactcenter.desk.doors import desk
from contactcenter.push import devices, keys
from crm.models import User

LONGEST = 4096  # bytes of what a browser says of itself
WORKER = Path(__file__).parent / "static" / "desk" / "worker.js"


@desk("GET", "POST", "DELETE")
def this_browser(request: HttpRequest, user: User) -> HttpResponse:
    """GET: the key it asks its push service with. POST: call it from now on. DELETE: no longer."""
    if request.method == "GET":
        return JsonResponse({"key": keys.public_key()})
    given = _given(request)
    if request.method == "DELETE":
        devices.forget(user=user, address=given.get("address", ""))
        return HttpResponse(status=204)
    try:
        devices.register(
            user=user, address=given.get("address", ""), public_key=given.get("public_key", ""),
            secret=given.get("secret", ""), session_key=request.session.session_key or "", at=timezone.now(),
        )  # fmt: skip
    except devices.NotADevice as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)


def _given(request: HttpRequest) -> dict[str, str]:
    """The words of a small JSON object; what is no such thing says nothing."""
    if len(request.body) > LONGEST:
        return {}
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):
        return {}
    return {key: value for key, value in found.items() if isinstance(value, str)} if isinstance(found, dict) else {}


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The script that a browser keeps and wakes, with its sentences in the language that it is asked for in. It is served
    from the desk's own folder, since a worker may act on nothing above where it lies."""
    words = {
        "offer": _("A citizen waits: something is offered to you."),
        "message": _("A citizen of yours has written."),
        "called": _("A colleague asks you to look at a conversation."),
    }
    script = f"self.words = {json.dumps(words)};\n{_script()}"
    answer = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@cache
def _script() -> str:
    return WORKER.read_text(encoding="utf-8")
