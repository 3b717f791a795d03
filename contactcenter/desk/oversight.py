"""A supervisor in somebody else's conversation: watching it in the open, and taking it over with a reason."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from contactcenter.desk import actions, conversation, names
from contactcenter.desk.doors import desk, is_fragment, notice
from contactcenter.queues import asides, supervision
from contactcenter.queues.models import WorkItem
from contactcenter.queues.models.together import REASON_LENGTH
from crm import access, interactions
from crm.models import Interaction, User


@dataclass(frozen=True)
class Together:
    """What one reader can do beside a conversation."""

    lane: bool = False  # may they read and write in the side-chat?
    whispers: bool = False  # as a supervisor who isn't in it
    unread: int = 0  # side messages
    take_over: bool = False


def of(user: User, interaction: Interaction, item: WorkItem | None) -> Together:
    """`interaction` as `asides.marked` read it."""
    concerned, unread = getattr(interaction, "in_aside", False), getattr(interaction, "unread_asides", 0)
    whispers = not concerned and asides.may_whisper(user, interaction)
    return Together(
        lane=concerned or whispers,
        whispers=whispers,
        unread=unread if concerned or whispers else 0,
        take_over=item is not None and _may_take_over(user, item),
    )


def _may_take_over(user: User, item: WorkItem) -> bool:
    others = item.owner_id not in {None, user.pk} and item.state != WorkItem.State.WRAPPING
    return others and access.may(user, "interaction.take-over", office_id=item.queue.office_id)


@desk("POST")
def watch(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """From the team's page to the conversation; that one watches is recorded first."""
    supervision.watch(interaction=conversation.find(user, public_id), actor=user)
    beside = "#beside" if request.POST.get("then") == "beside" else ""
    return redirect(reverse("desk-talk", args=[public_id]) + beside)


@desk("GET")
def take_over_form(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    interaction = conversation.find(user, public_id)
    owner = names.person(actions.item_of(interaction).owner_id)
    shown = {"interaction": interaction, "owner": owner, "who": names.who(interaction), "most": REASON_LENGTH}
    return render(request, "desk/_take_over.html", shown)


@desk("POST")
def take_over(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """409 when something came in since the dialog was drawn, or somebody else has it by now."""
    interaction = conversation.find(user, public_id)
    item, reason = actions.item_of(interaction), request.POST.get("reason", "")
    from_team = request.POST.get("from") == "team" and is_fragment(request)
    try:
        supervision.take_over(item=item, actor=user, reason=reason, based_on=actions.based_on(request))
    except interactions.StaleView:
        stale = _("Something came in meanwhile. Read it first; then take it over if it still fits.")
        if from_team:
            return notice(request, stale, status=409)
        return actions.show(request, user, public_id, status=409, done="desk:stale", stale=stale)
    answer = actions.opened(request, user, public_id)
    if from_team:
        answer["HX-Redirect"] = reverse("desk-talk", args=[public_id])
    return answer
