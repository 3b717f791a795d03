"""What every address of the desk does first: who is it, may they be here. Every refusal is a sentence."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contactcenter.calls.callbacks import NotOffered
from contactcenter.outbox.holding import TooLate
from contactcenter.outbox.replies import CannotReply
from contactcenter.queues.asides import CannotSay
from contactcenter.queues.consulting import CannotJoin
from contactcenter.queues.filling_in import FilledIn
from contactcenter.queues.mentions import CannotMention
from contactcenter.queues.offers import OfferGone
from contactcenter.queues.parking import CannotPark
from contactcenter.queues.presence import OpenWork
from contactcenter.queues.supervision import CannotTakeOver
from contactcenter.queues.transfers import ClosedQueue, NoQueue, NotThere
from contactcenter.queues.work_items import AlreadyTaken, NoRoom, NotYours
from crm import access
from crm.interactions import AlreadyClosed, GoesOnElsewhere, IdTaken, StaleView, StillOpen
from crm.merging import CannotMerge
from crm.models import User

View = Callable[..., HttpResponseBase]
CONFLICTS = (
    AlreadyTaken, NotYours, NoRoom, OfferGone, OpenWork, ClosedQueue, NoQueue, NotThere, CannotJoin, CannotPark,
    AlreadyClosed, FilledIn, GoesOnElsewhere, IdTaken, StaleView, StillOpen, TooLate, NotOffered,
)  # fmt: skip


def is_fragment(request: HttpRequest) -> bool:
    """Asked for by the page itself, which then swaps a part."""
    return request.headers.get("HX-Request") == "true"


def desk(*methods: str) -> Callable[[View], View]:
    """A view `(request, user, …)` for people who may read citizens' words."""

    def decorate(view: View) -> View:
        @require_http_methods(methods)
        @wraps(view)
        def wrapped(request: HttpRequest, **rest: Any) -> HttpResponseBase:
            user = request.user
            if not isinstance(user, User) or not user.is_authenticated:
                return _sign_in(request)
            if not access.roles(user) & set(access.READERS):
                return _not_a_reader(request, user)
            answer = _guarded(view, request, user, rest)
            answer.headers.setdefault("Cache-Control", "private, no-cache")
            return answer

        return wrapped

    return decorate


def _guarded(view: View, request: HttpRequest, user: User, rest: dict[str, Any]) -> HttpResponseBase:
    """Errors become a sentence in the page's notice, or a page of their own."""
    try:
        return view(request, user, **rest)
    except CONFLICTS as error:
        return notice(request, str(error), status=409)
    except (CannotReply, CannotSay, CannotMention, CannotMerge, CannotTakeOver) as error:
        return notice(request, str(error), status=422)
    except access.Forbidden as error:
        return notice(request, str(error), status=403)
    except Http404:
        return notice(request, _("There is nothing here, or it isn't yours to see."), status=404)


def notice(request: HttpRequest, text: str, *, status: int) -> HttpResponse:
    """A sentence for whoever acted; the rest of their screen stays as it is."""
    if not is_fragment(request):
        return render(request, "house/sentence.html", {"sentence": text}, status=status)
    answer = render(request, "desk/_notice.html", {"text": text}, status=status)
    answer["HX-Retarget"], answer["HX-Reswap"], answer["HX-Trigger"] = "#notice", "innerHTML", "desk:refused"
    return answer


def ask(request: HttpRequest, template: str, context: Mapping[str, object], *, status: int = 409) -> HttpResponse:
    """A question before anything is done: in the page's dialog, or on a page of its own for a plain browser."""
    if not is_fragment(request):
        return render(request, "desk/question.html", {**context, "question": template}, status=status)
    answer = render(request, template, dict(context), status=status)
    answer["HX-Retarget"], answer["HX-Reswap"], answer["HX-Trigger-After-Settle"] = (
        "#dialog-body",
        "innerHTML",
        "desk:ask",
    )
    return answer


def _sign_in(request: HttpRequest) -> HttpResponse:
    if is_fragment(request):
        answer = HttpResponse(status=401)
        answer["HX-Redirect"] = reverse("login")
        return answer
    return redirect_to_login(request.get_full_path())


def _not_a_reader(request: HttpRequest, user: User) -> HttpResponse:
    """Administrators have no desk: they come in by the same door and are shown to the settings."""
    if access.may(user, "settings.change") and request.method == "GET" and not is_fragment(request):
        return redirect("settings")
    return notice(request, _("Your role has no desk. Ask an administrator for one."), status=403)
