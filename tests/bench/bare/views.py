import hashlib
import hmac
import json

from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from crm.models import AuditEntry, Case, CaseNumber, Event, Office
from tests.bench.bare.models import Hook, QueueRow
from tests.crash.furnish import SECRET

PAGE = 50  # rows
EMPTY = {"Content-Length": "0"}  # no middleware of Django's says it here


def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


def hook(request: HttpRequest) -> HttpResponse:
    """The HMAC check and one committed insert."""
    signed = request.headers.get("Sportello-Timestamp", "").encode() + b"." + request.body
    wanted = "v1=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted.encode(), request.headers.get("Sportello-Signature", "").encode()):
        return HttpResponse(status=403, headers=EMPTY)
    Hook.objects.create(key=hashlib.sha256(signed).hexdigest(), body=request.body)
    return HttpResponse(headers=EMPTY)


def cases(request: HttpRequest) -> HttpResponse:
    """The same rows as the product's API writes for a case, and nothing besides."""
    subject, now = json.loads(request.body)["subject"], timezone.now()
    with transaction.atomic():
        year = CaseNumber.objects.get_or_create(year=now.year)[0].year
        CaseNumber.objects.filter(year=year).update(last=F("last") + 1)
        number = f"{year}-{CaseNumber.objects.get(year=year).last:06d}"
        office = Office.objects.get(slug="accoglienza")
        case = Case.objects.create(number=number, subject=subject, office=office, opened_at=now)
        Event.objects.create(name="case.opened", at=now, case=case)
        AuditEntry.objects.create(at=now, actor_label="bare", action="case.opened", subject=f"case:{case.public_id}")
    body = json.dumps({"id": str(case.public_id), "number": number}).encode()
    return HttpResponse(body, status=201, headers={"Content-Length": str(len(body))})


def rows(request: HttpRequest) -> HttpResponse:
    """Fifty rows of one table, in one template."""
    page = render(request, "bare/rows.html", {"rows": QueueRow.objects.order_by("queued_at")[:PAGE]})
    page["Content-Length"] = str(len(page.content))
    return page
