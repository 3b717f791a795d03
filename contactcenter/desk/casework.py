"""The case of a conversation: opened, linked, taken out again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from contactcenter.desk import actions, conversation
from contactcenter.desk.doors import desk, notice
from crm import access, cases
from crm.models import Case, Topic, User


@desk("GET")
def form(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    interaction = conversation.find(user, public_id)
    shown = {
        "interaction": interaction,
        "cases": conversation.open_cases(user, interaction),
        "topics": Topic.objects.filter(active=True).select_related("office"),
    }
    return render(request, "desk/_case.html", shown)


@desk("POST")
def open_case(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    interaction = conversation.find(user, public_id)
    topic = Topic.objects.select_related("office").filter(slug=request.POST.get("topic", "")[:50], active=True).first()
    subject = request.POST.get("subject", "").replace("\x00", "").strip() or interaction.subject or interaction.preview
    version = actions.based_on(request)
    return actions.unless_stale(
        request, user, public_id,
        lambda: cases.open_for(
            interaction=interaction, subject=subject[:300], topic=topic, actor=user, based_on=version
        ),
    )  # fmt: skip


@desk("POST")
def link(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    interaction = conversation.find(user, public_id)
    number, version = request.POST.get("number", "").strip()[:12], actions.based_on(request)
    case = access.visible(user, Case.objects.all()).filter(number=number).first()
    if case is None:
        return notice(request, _("There is no case %(number)s that you may see.") % {"number": number}, status=404)
    return actions.unless_stale(
        request, user, public_id,
        lambda: cases.link(case=case, interaction=interaction, actor=user, based_on=version),
    )  # fmt: skip


@desk("POST")
def unlink(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    interaction, version = conversation.find(user, public_id), actions.based_on(request)
    why = request.POST.get("why", "")
    try:
        return actions.unless_stale(
            request, user, public_id,
            lambda: cases.unlink(interaction=interaction, why=why, actor=user, based_on=version),
        )  # fmt: skip
    except ValueError as error:
        return notice(request, str(error), status=422)
