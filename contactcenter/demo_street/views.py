"""The street itself: where to begin, and the pretend web site of the town."""

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from contactcenter.demo_street import boxes, origins
from contactcenter.demo_street.opening import CHAT
from contactcenter.demo_street.pages import street_page
from contactcenter.demo_street.town import organisation
from contactcenter.queues import presence
from contactcenter.queues.models import Queue
from crm.models import User

SERVICES = (
    (_("Identity card"), _("Book an appointment; the card comes by post within six days.")),
    (_("Moving here"), _("Register your residence online in ten minutes.")),
    (_("Waste tax"), _("See what you owe, pay, ask for a refund.")),
    (_("Parking permits"), _("For residents, guests and people with disabilities.")),
    (_("Roads and lights"), _("Tell us about a pothole or a dark street lamp.")),
    (_("School and nursery"), _("Enrolment, meals, diets.")),
)


@require_safe
@street_page
def street(request: HttpRequest) -> HttpResponse:
    shown = {
        "people": User.objects.filter(is_demo=True, is_active=True).prefetch_related("grants").order_by("id"),
        "password": organisation.PASSWORD,
        "town": origins.other(request) + reverse("demo-town"),
        "same_origin": origins.other(request) == origins.own(request),
        "chat": reverse("visitor-page", args=[CHAT]),
        "box": boxes.mine(request),
        "staffed": _staffed(),
        **_languages(),
    }
    return render(request, "demo_street/street.html", shown)


@require_safe
@street_page
def desk_state(request: HttpRequest) -> HttpResponse:
    """Is anybody at the desk? Asked again every few seconds by the street."""
    return render(request, "demo_street/_desk_state.html", {"staffed": _staffed()})


@require_safe
@street_page
def town(request: HttpRequest) -> HttpResponseBase:
    """A town's page that knows nothing of us but one script tag."""
    office = origins.other(request)
    shown = {
        "office": office,
        "street": office + reverse("demo-street"),
        "account": CHAT,
        "services": SERVICES,
        **_languages(),
    }
    answer = render(request, "demo_street/town.html", shown)
    policy = {"script-src": ["'self'", office], "frame-src": ["'self'", office], "font-src": ["'self'", "data:"]}
    return csp_replace(policy)(lambda _request: answer)(request)


def _staffed() -> int:
    queue = Queue.objects.filter(channel_accounts__slug=CHAT).first()
    return presence.staffed(queue) if queue else 0


def _languages() -> dict[str, object]:
    return {"languages": settings.LANGUAGES}
