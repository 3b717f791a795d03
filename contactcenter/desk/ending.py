"""The end of a conversation: closed with what came of it, reopened, or put away as rubbish."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.desk import actions, conversation
from contactcenter.desk.doors import ask, desk, notice
from contactcenter.queues import filling_in, reopening, work_items, wrap_up
from contactcenter.queues.models import WorkItem
from contactcenter.queues.wrap_up import NotFilledIn
from crm import access, blocks, interactions
from crm.models import ContactPoint, Interaction, Topic, User

FOR = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}


@desk("GET")
def form(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    return render(request, "desk/_close.html", _asked(user, conversation.find(user, public_id)))


def _asked(user: User, interaction: Interaction, **more: object) -> dict[str, object]:
    found = work_items.open_item(interaction) or filling_in.open_for(interaction, user)
    queue, wraps = (found.queue if found else None), found is not None and found.state == WorkItem.State.WRAPPING
    fills = found is not None and found.unfilled
    return {
        "interaction": interaction,
        "wraps": wraps,
        "fills": fills,
        "later": queue.wrap_up_seconds if queue and not (wraps or fills) else 0,
        "queue": queue,
        "outcomes": wrap_up.offered(queue) if queue else [],
        "outcome": found.outcome if found else "",
        "note_length": conversation.NOTE_LENGTH,
        "topics": Topic.objects.filter(active=True).select_related("office"),
        "topic": interaction.topic.slug if interaction.topic else "",
        **more,
    }


@desk("POST")
def close(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """Finish my own work, now or after its wrapping up; what nobody has to work on is simply closed.

    409 when something came in meanwhile; 422 with the form again where the queue wants to know more.
    """
    interaction, given = conversation.find(user, public_id), request.POST
    try:
        return actions.unless_stale(request, user, public_id, _verb(request, user, interaction))
    except NotFilledIn as error:
        kept = {
            "outcome": given.get("outcome", "")[:80], "topic": given.get("topic", "")[:50], "note": _note(request),
        }  # fmt: skip
        again = _asked(user, interaction, missing=error.sentences, **kept)
        return ask(request, "desk/_close.html", again, status=422)


def _verb(request: HttpRequest, user: User, interaction: Interaction) -> Callable[[], None]:
    """The verb that ends it, ready to be called."""
    outcome, version = request.POST.get("outcome", "")[:80], actions.based_on(request)
    item = work_items.open_item(interaction)
    topic = Topic.objects.filter(slug=request.POST.get("topic", "")[:50], active=True).first()
    told: dict[str, Any] = {"actor": user, "outcome": outcome, "topic": topic, "note": _note(request)}
    if item is None and (left := filling_in.open_for(interaction, user)) is not None:
        return partial(filling_in.fill_in, item=left, **told)
    if item is None:
        return partial(interactions.close, interaction=interaction, actor=user, reason=outcome, based_on=version)
    if request.POST.get("later") and item.state != WorkItem.State.WRAPPING:
        return partial(work_items.close_for_wrap_up, item=item, actor=user, based_on=version)
    return partial(work_items.finish, item=item, based_on=version, **told)


def _note(request: HttpRequest) -> str:
    return request.POST.get("note", "").replace("\x00", "")[: conversation.NOTE_LENGTH]


@desk("POST")
def reopen(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """Take it up again. Without room for it, it waits, and that is said."""
    interaction = conversation.find(user, public_id)
    if reopening.reopen(interaction=interaction, actor=user):
        return actions.opened(request, user, public_id)
    return actions.leave(request, _("It is open again and waits in the queue: you have no room for it now."))


@desk("GET")
def spam_form(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    interaction = conversation.find(user, public_id)
    return render(request, "desk/_spam.html", {"interaction": interaction, **_blocking(user)})


def _blocking(user: User) -> dict[str, object]:
    return {"for_good": access.may(user, "contact.block-for-good")}


@desk("POST")
def spam(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    interaction, version = conversation.find(user, public_id), actions.based_on(request)
    return actions.unless_stale(
        request, user, public_id, lambda: reopening.mark_spam(interaction=interaction, actor=user, based_on=version)
    )


@desk("GET")
def block_form(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    interaction = conversation.find(user, public_id)
    shown = {"interaction": interaction, "point": interaction.contact_point, **_blocking(user)}
    return render(request, "desk/_block.html", shown)


@desk("POST")
def block(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """The address this conversation is with."""
    interaction, how_long = conversation.find(user, public_id), request.POST.get("for", "")
    if interaction.contact_point is None or (how_long not in FOR and how_long != "good"):
        return notice(request, _("Choose for how long."), status=422)
    until = blocks.FOR_GOOD if how_long == "good" else timezone.now() + FOR[how_long]
    try:
        blocks.block(point=interaction.contact_point, until=until, why=request.POST.get("why", ""), actor=user)
    except blocks.CannotBlock as error:
        return notice(request, str(error), status=422)
    return actions.show(request, user, public_id, done="desk:done")


@desk("POST")
def unblock(request: HttpRequest, user: User, public_id: str, point: int) -> HttpResponse:
    interaction = conversation.find(user, public_id)
    row = access.get(user, ContactPoint.objects.filter(citizen=interaction.citizen_id), pk=point)
    blocks.unblock(point=row, actor=user)
    return actions.show(request, user, public_id, done="desk:done")
