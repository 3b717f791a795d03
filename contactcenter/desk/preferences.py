"""What somebody chose for themselves: the language, and how their screens look and speak up.

A cookie mirrors the theme for pages before signing in.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from contactcenter.desk import devices, look
from contactcenter.desk.doors import desk, is_fragment
from contactcenter.desk.models import Preferences
from crm.models import User

A_YEAR = 365 * 24 * 3600


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language, also before signing in; back to the page it was asked on."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = settings.LOGIN_REDIRECT_URL
    answer = redirect(back)
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, max_age=A_YEAR, samesite="Lax")
        if isinstance(request.user, User) and request.user.language != chosen:
            User.objects.filter(pk=request.user.pk).update(language=chosen)
    return answer


@desk("GET", "POST")
def form(request: HttpRequest, user: User) -> HttpResponse:
    """The dialog of all choices. What is chosen holds on the whole page, so the page is drawn again."""
    if request.method == "GET":
        return _dialog(request, user)
    try:
        chosen = look.choose(actor=user, **_chosen(request))
    except look.NotAChoice as error:
        return _dialog(request, user, str(error))
    answer = HttpResponse(status=204) if is_fragment(request) else redirect("desk")
    if is_fragment(request):
        answer["HX-Refresh"] = "true"
    return _mirrored(answer, chosen.theme)


@require_POST
def quick(request: HttpRequest) -> HttpResponse:
    """One choice from a menu or sheet, on every staff page; the theme also before signing in."""
    given = {"theme": request.POST["theme"]} if "theme" in request.POST else {}
    kept = {**given, **({"keys": request.POST["keys"] == "on"} if "keys" in request.POST else {})}
    try:
        if isinstance(request.user, User):
            look.choose(actor=request.user, **kept)
        elif given.get("theme", "system") not in Preferences.Theme.values:
            return HttpResponse(status=422)
    except look.NotAChoice as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    answer = HttpResponse(status=204)
    return _mirrored(answer, given["theme"]) if given else answer


def _chosen(request: HttpRequest) -> dict[str, object]:
    volume = request.POST.get("volume", "")
    given = request.POST
    return {
        "theme": given.get("theme", ""),
        "density": given.get("density", ""),
        "keys": "keys" in given,
        "volume": (int(volume) if volume.isascii() and volume.isdigit() and len(volume) < 4 else -1)
        if "sounds" in given
        else 0,
        "told_of_offers": "told_of_offers" in given,
        "told_of_messages": "told_of_messages" in given,
    }


def _dialog(request: HttpRequest, user: User, sentence: str = "") -> HttpResponse:
    shown = {
        "chosen": look.of(user),
        "themes": Preferences.Theme.choices,
        "densities": Preferences.Density.choices,
        "sentence": sentence,
        "devices": devices.of(request, user),
        "question": "desk/_preferences.html",
    }
    return render(request, "desk/_preferences.html" if is_fragment(request) else "desk/question.html", shown)


def _mirrored(answer: HttpResponse, chosen: str) -> HttpResponse:
    answer.set_cookie("theme", chosen, max_age=A_YEAR, samesite="Lax")
    return answer
