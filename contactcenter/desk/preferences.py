"""What somebody chose for themselves: the language. (The theme is a cookie that the page itself writes.)"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

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
