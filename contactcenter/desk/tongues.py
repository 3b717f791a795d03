"""Which language a conversation is in, corrected by whoever reads it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from contactcenter.desk import actions, conversation, names
from contactcenter.desk.doors import desk, notice
from contactcenter.queues import languages
from crm.models import User


@desk("GET")
def form(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    interaction = conversation.find(user, public_id)
    return render(request, "desk/_tongue.html", {"interaction": interaction, "tongues": names.languages()})


@desk("POST")
def correct(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    interaction = conversation.find(user, public_id)
    given = request.POST.get("language", "") or request.POST.get("other", "")
    try:
        languages.correct(interaction=interaction, language=given[:8], actor=user)
    except languages.Unknown:
        return notice(request, _("Choose the language the citizen writes in."), status=422)
    return actions.show(request, user, public_id, done="desk:done")
