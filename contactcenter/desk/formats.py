"""How an answer will look where its channel carries formatting."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe

from contactcenter.desk import conversation
from contactcenter.desk.doors import desk
from contactcenter.outbox import formatting
from crm.models import User


@desk("POST")
def preview(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    conversation.find(user, public_id)
    made = formatting.preview(request.POST.get("text", "").replace("\r\n", "\n"))
    shown = {"made": mark_safe(made)}  # nosec B308 B703 - cleaned to eight harmless tags
    return render(request, "desk/_formatted.html", shown)
