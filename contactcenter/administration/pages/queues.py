"""Queues and their opening hours."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from contactcenter.administration.pages.doors import administrator
from contactcenter.administration.pages.forms import DAY_NAMES, QueueForm
from contactcenter.queues import lines
from contactcenter.queues.models import Queue
from crm.models import User


def _week(queue: Queue) -> list[tuple[object, str]]:
    """Days with hours, for reading."""
    return [
        (name, ", ".join("–".join(span) for span in queue.hours[day]))
        for day, name in DAY_NAMES.items()
        if queue.hours.get(day)
    ]


@administrator("settings.change")
def index(request: HttpRequest, user: User) -> HttpResponse:
    rows = [(queue, _week(queue)) for queue in Queue.objects.select_related("office")]
    return render(request, "settings/queues.html", {"queues": rows})


@administrator("settings.change", "GET", "POST")
def edit(request: HttpRequest, user: User, slug: str) -> HttpResponse:
    queue = get_object_or_404(Queue.objects.select_related("office"), slug=slug)
    form = QueueForm(request.POST if request.method == "POST" else None, queue=queue)
    if form.is_bound and form.is_valid():
        lines.change(queue=queue, actor=user, **form.columns())
        messages.success(request, _("Kept. What is set here holds from now on."))
        return redirect("settings-queues")
    hours = [form[name] for name in form.fields if name.startswith("hours_")]
    plain = [form[name] for name in form.fields if not name.startswith("hours_")]
    return render(request, "settings/queue.html", {"queue": queue, "form": form, "hours": hours, "plain": plain})
