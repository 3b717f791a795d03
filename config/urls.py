"""Which room answers which address."""

from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import include, path
from django.views.decorators.http import require_safe

from contactcenter.administration import health
from contactcenter.desk import presence
from crm.models import User


@require_safe
def front_door(request: HttpRequest) -> HttpResponse:
    """A newcomer to a demo installation sees the town first; everybody else comes to work."""
    playing = not request.user.is_authenticated and User.objects.filter(is_demo=True).exists()
    return redirect("/demo/" if playing else "/desk/")


urlpatterns = [
    path("", front_door, name="front-door"),
    path("login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", presence.sign_out, name="logout"),
    path("healthz", health.alive, name="alive"),
    path("readyz", health.ready, name="ready"),
    path("metrics", health.metrics, name="metrics"),
    path("", include("contactcenter.intake.urls")),
    path("", include("contactcenter.desk.urls")),
    path("", include("contactcenter.administration.urls")),
    path("", include("contactcenter.api.urls")),
    path("", include("contactcenter.demo_street.urls")),
]
