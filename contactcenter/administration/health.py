"""/healthz, /readyz and /metrics: what a supervisor, a load balancer and a monitoring system ask."""

import hmac
import ipaddress

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contactcenter.administration import figures, readiness


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers. Touches nothing else, so that a broken database doesn't get it killed."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Each dependency by name; 503 while one that we can't do without is missing. Sentences only, no internals."""
    findings = readiness.look()
    red = any(not finding.ok and finding.needed for finding in findings)
    body = {
        "ready": not red,
        "checks": {one.name: {"ok": one.ok, "needed": one.needed, "says": one.says} for one in findings},
    }
    return JsonResponse(body, status=503 if red else 200, json_dumps_params={"ensure_ascii": False})


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text, from this machine or with METRICS_TOKEN as bearer. Nothing personal is in it."""
    if not _may_measure(request):
        words = _("Not from here: set METRICS_TOKEN and send it as a bearer token.")
        return HttpResponse(f"{words}\n", status=403, content_type="text/plain; charset=utf-8")
    return HttpResponse(figures.as_text(), content_type=figures.CONTENT_TYPE)


def _may_measure(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
    # Behind a proxy everybody seems to come from this machine: then only a token tells.
    return not settings.SECURE_PROXY_SSL_HEADER and "X-Forwarded-For" not in request.headers and _is_local(request)


def _is_local(request: HttpRequest) -> bool:
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
