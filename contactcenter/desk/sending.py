"""When an answer leaves: in a moment, at a chosen hour, now after all, or never."""

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.desk import actions, conversation, moments
from contactcenter.desk.doors import desk
from contactcenter.outbox import holding
from contactcenter.outbox.replies import CannotReply
from contactcenter.queues import work_items
from crm.models import Interaction, Message, User


def moment(request: HttpRequest, interaction: Interaction) -> datetime:
    """When the answer in this form is to leave: as chosen, else after the moment in which it can be taken back.

    Raises `CannotReply` for a moment that is none.
    """
    now, chosen = timezone.now(), request.POST.get("later", "")
    if not chosen:
        return now + holding.UNDO
    at = _chosen(request, interaction, chosen, now)
    if at is None:
        raise CannotReply(_("Choose when it should leave: a date and a time."))
    try:
        holding.check_moment(at, now)
    except holding.BadMoment as error:
        raise CannotReply(str(error)) from None
    return at


def _chosen(request: HttpRequest, interaction: Interaction, chosen: str, now: datetime) -> datetime | None:
    if chosen == "hour":
        return now + timedelta(hours=1)
    if chosen == "morning":
        item = work_items.open_item(interaction)
        return moments.morning(item.queue if item else None, now)
    return moments.written(request.POST.get("send_at", ""))


@desk("POST")
def withdraw(request: HttpRequest, user: User, public_id: str, seq: int) -> HttpResponse:
    """Take it back; the page puts its words into the composer again."""
    message = _mine(user, public_id, seq)
    holding.withdraw(message=message, actor=user)
    return actions.show(
        request, user, public_id, done=f'{{"desk:withdrawn": {{"seq": {message.seq}}}, "desk:changed": ""}}'
    )


@desk("POST")
def hurry(request: HttpRequest, user: User, public_id: str, seq: int) -> HttpResponse:
    """Send it now."""
    holding.send_now(message=_mine(user, public_id, seq), actor=user)
    return actions.show(request, user, public_id)


def _mine(user: User, public_id: str, seq: int) -> Message:
    rows = Message.objects.select_related("interaction__citizen")
    return get_object_or_404(rows, interaction=conversation.find(user, public_id), seq=seq, direction="out")
