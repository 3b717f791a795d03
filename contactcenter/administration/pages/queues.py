"""Queues: which there are and how they are, setting one up, and the switch for emergencies."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from contactcenter.administration.pages import queue_preview
from contactcenter.administration.pages.doors import administrator
from contactcenter.administration.pages.fields import TellingForm, by_language
from contactcenter.administration.pages.opened import Opened, alone
from contactcenter.administration.pages.queue_form import QueueForm
from contactcenter.queues import lines, presence
from contactcenter.queues.models import Queue, WorkItem
from crm.models import User

LOOK = "look"  # the button that shows the preview and keeps nothing
ROWS = Queue.objects.select_related("office", "calendar", "overflow_to")


@administrator("settings.change")
def index(request: HttpRequest, user: User) -> HttpResponse:
    return render(request, "settings/queues.html", {"queues": [_row(queue) for queue in ROWS.all()]})


def _row(queue: Queue) -> dict[str, Any]:
    is_open, sentence = queue_preview.opening(queue)
    waiting = WorkItem.objects.filter(queue=queue, state__in=[WorkItem.State.WAITING, WorkItem.State.OFFERED])
    return {
        "queue": queue, "is_open": is_open, "opening": sentence, "staffed": presence.staffed(queue),
        "waiting": waiting.count(),
    }  # fmt: skip


@administrator("settings.change", "GET", "POST")
def create(request: HttpRequest, user: User) -> HttpResponse:
    form = QueueForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        made = _kept(request, form, None, user)
        if made is not None:
            messages.success(request, _("%(name)s is open.") % {"name": made.name})
            return redirect("settings-queue", made.slug)
    return _page(request, form, None)


@administrator("settings.change", "GET", "POST")
def edit(request: HttpRequest, user: User, slug: str) -> HttpResponse:
    with alone(request, Queue.objects.all()):  # in the order in which the verb itself holds them
        return _edited(request, user, slug)


def _edited(request: HttpRequest, user: User, slug: str) -> HttpResponse:
    queue = get_object_or_404(ROWS, slug=slug)
    form = QueueForm(request.POST if request.method == "POST" else None, queue=queue)
    opened = Opened(request, user, form, kind="queue", name=slug)
    if form.is_bound and form.is_valid() and _kept(request, form, queue, user, opened) is not None:
        messages.success(request, _("Kept. What is set here holds from now on."))
        return redirect("settings-queue", queue.slug)
    return _page(request, form, get_object_or_404(ROWS, slug=slug), opened)


def _kept(
    request: HttpRequest, form: QueueForm, queue: Queue | None, user: User, opened: Opened | None = None
) -> Queue | None:
    """The queue as it is kept; None where only the preview was asked for, or a fault was found and told."""
    columns = form.columns()
    try:
        if LOOK in request.POST:
            form.drawn = lines.draft(queue=queue, **{k: v for k, v in columns.items() if k != "topics"})
            return None
        if opened and opened.is_refused():
            return None
        if queue is None:
            return lines.open(slug=form.cleaned_data["slug"], actor=user, **columns)
        lines.change(queue=queue, actor=user, **columns)
    except lines.Wrong as error:
        form.tell(error)
        return None
    return queue


def _page(request: HttpRequest, form: QueueForm, queue: Queue | None, opened: Opened | None = None) -> HttpResponse:
    shown = form.drawn if form.is_bound else queue
    page: dict[str, Any] = {"queue": queue, "form": form, "sections": form.sections(), "opened": opened}
    if shown is not None:
        is_open, sentence = queue_preview.opening(shown)
        served = queue_preview.serving(shown) if shown.pk else []
        page["preview"] = {
            "is_open": is_open, "opening": sentence, "steps": queue_preview.in_words(shown), "served": served,
            "kept": not form.is_bound,
        }  # fmt: skip
    return render(request, "settings/queue.html", page, status=opened.status if opened else 200)


class EmergencyForm(TellingForm):
    """The text that citizens read meanwhile."""

    def __init__(self, data: Any, *, queue: Queue) -> None:
        super().__init__(data)
        fields: dict[str, forms.Field] = by_language("texts_emergency", _("Text"), queue.texts.get("emergency", {}))
        self.fields.update(fields)

    def place_of(self, place: str) -> str:
        first = next(iter(self.fields))
        return first if place == "texts.emergency" else super().place_of(place)

    def texts(self) -> dict[str, str]:
        return {name.removeprefix("texts_emergency_"): text for name, text in self.cleaned_data.items()}


@administrator("settings.change", "GET", "POST")
def emergency(request: HttpRequest, user: User, slug: str) -> HttpResponse:
    """One page with the text and the button: on. Off is a button in the list."""
    queue = get_object_or_404(ROWS, slug=slug)
    if request.method == "POST" and request.POST.get("switch") == "off":
        lines.switch_emergency(queue=queue, on=False, actor=user)
        messages.success(request, _("The emergency of %(name)s is over.") % {"name": queue.name})
        return redirect("settings-queues")
    form = EmergencyForm(request.POST if request.method == "POST" else None, queue=queue)
    if form.is_bound and form.is_valid():
        try:
            lines.switch_emergency(queue=queue, on=True, texts=form.texts(), actor=user)
        except lines.Wrong as error:
            form.tell(error)
        else:
            messages.success(request, _("Emergency: citizens of %(name)s read your text now.") % {"name": queue.name})
            return redirect("settings-queues")
    return render(request, "settings/emergency.html", {"queue": queue, "form": form})
