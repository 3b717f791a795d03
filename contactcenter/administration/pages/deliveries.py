"""What could not be understood: kept as it came, readable as text, to be replayed or discarded."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from channels_adapters.contract import Undeliverable
from channels_adapters.registry import UnknownKind
from contactcenter.accounts.secrets import Unreadable
from contactcenter.administration.pages.doors import administrator
from contactcenter.intake import accept, discarding
from contactcenter.intake.models import RawDelivery
from crm import audit
from crm.models import User

PAGE = 50
State = RawDelivery.State
REPLAYABLE = (State.UNDELIVERABLE, State.DISCARDED)
SHOWN = 50_000  # bytes of a body


@administrator("delivery.read")
def index(request: HttpRequest, user: User) -> HttpResponse:
    rows = RawDelivery.objects.select_related("account").defer("body").order_by("-received_at")
    shown = {
        "deliveries": rows.filter(state=State.UNDELIVERABLE)[:PAGE],
        "discarded": rows.filter(state=State.DISCARDED).exclude(body=b"")[:PAGE],
        "days": settings.KEEP_DELIVERIES_DAYS,
    }
    return render(request, "settings/deliveries.html", shown)


@administrator("delivery.read")
def show(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    """The item as text, never as what it claims to be. The look is recorded."""
    delivery = get_object_or_404(RawDelivery.objects.select_related("account"), pk=pk)
    audit.record("delivery.read", subject=f"delivery:{delivery.pk}", actor=user)
    body = bytes(delivery.body)
    text = body[:SHOWN].decode("utf-8", "replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")
    shown = {
        "delivery": delivery,
        "text": text,
        "more": max(0, len(body) - SHOWN),
        "may_replay": delivery.state in REPLAYABLE and bool(body),
        "may_discard": delivery.state == State.UNDELIVERABLE,
    }
    return render(request, "settings/delivery.html", shown)


@administrator("delivery.read", "POST")
def replay(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    """Try once more; what was recorded before is not recorded twice."""
    rows = RawDelivery.objects.select_related("account__queue__office", "account__office")
    delivery = get_object_or_404(rows.exclude(state=State.DISCARDED, body=b""), pk=pk, state__in=REPLAYABLE)
    audit.record("delivery.replayed", subject=f"delivery:{delivery.pk}", actor=user)
    try:
        outcomes = accept.replay(delivery)
    except (Unreadable, UnknownKind) as error:
        messages.error(request, str(error))
        return redirect("settings-delivery", pk)
    if any(isinstance(outcome, Undeliverable) for outcome in outcomes):
        messages.error(request, _("It still can't be understood; it stays here."))
        return redirect("settings-delivery", pk)
    messages.success(request, _("It was taken in. Look for it in its queue."))
    return redirect("settings-deliveries")


@administrator("delivery.discard", "GET", "POST")
def discard(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    """Asks why and whether, then puts the item aside."""
    rows = RawDelivery.objects.select_related("account").defer("body")
    delivery = get_object_or_404(rows, pk=pk, state=State.UNDELIVERABLE)
    shown: dict[str, object] = {"delivery": delivery, "days": settings.KEEP_DELIVERIES_DAYS, "longest": discarding.WHY}
    if request.method != "POST":
        return render(request, "settings/discard.html", shown)
    why = request.POST.get("why", "")
    try:
        discarding.discard(delivery=delivery, actor=user, why=why)
    except discarding.NotDiscarded as error:
        return render(request, "settings/discard.html", {**shown, "why": why, "wrong": str(error)}, status=422)
    messages.success(request, _("It was discarded. It can be replayed as long as its bytes are kept."))
    return redirect("settings-deliveries")
