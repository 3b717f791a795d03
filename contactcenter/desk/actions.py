"""What an agent does, one view per verb. Each answers with the conversation as it is then, or with a sentence."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.desk import conversation, fragments
from contactcenter.desk.doors import desk, is_fragment, notice
from contactcenter.outbox import replies
from contactcenter.queues import work_items
from contactcenter.queues.models import WorkItem
from crm import access, citizens, interactions
from crm.models import ContactPoint, Interaction, Message, User


def show(
    request: HttpRequest,
    user: User,
    public_id: object,
    *,
    done: str = "",
    status: int = 200,
    unsent: str = "",
    stale: str = "",
) -> HttpResponse:
    """The conversation after an action: the part for a page of ours, the whole desk for a plain browser."""
    if not is_fragment(request):
        return redirect("desk-talk", public_id)
    _found, context = fragments.talk(user, public_id)
    answer = render(request, "desk/_talk.html", {**context(), "unsent": unsent, "stale": stale}, status=status)
    answer["HX-Trigger"] = done or "desk:changed"
    return answer


def leave(request: HttpRequest, text: str) -> HttpResponse:
    """Nothing open any more, and a sentence that says what became of it."""
    if not is_fragment(request):
        return redirect("desk")
    answer = render(request, "desk/_empty.html", {"said": text})
    answer["HX-Push-Url"] = reverse("desk")
    answer["HX-Trigger"] = "desk:changed"
    return answer


def item_of(interaction: Interaction) -> WorkItem:
    item = work_items.open_item(interaction)
    if item is None:
        raise interactions.AlreadyClosed(_("Nobody has to work on this any more: it is finished."))
    return item


def based_on(request: HttpRequest) -> int:
    """The version of the screen. A form without one was not drawn by us: it is as stale as can be."""
    given = request.POST.get("version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else -1


@desk("POST")
def take(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    interaction = conversation.find(user, public_id)
    work_items.claim(item=item_of(interaction), actor=user)
    return opened(request, user, public_id)


@desk("POST")
def take_next(request: HttpRequest, user: User) -> HttpResponse:
    """Whoever is next in line and fits this person."""
    item = work_items.take_next(actor=user)
    if item is None or item.interaction is None:
        return notice(request, _nobody(user), status=409)
    return opened(request, user, item.interaction.public_id)


def _nobody(user: User) -> str:
    """Why there is no next one."""
    if not WorkItem.objects.filter(state=WorkItem.State.WAITING).visible_to(user).exists():
        return _("Nobody is waiting for you now.")
    return _(
        "Nobody waits whom you could take now: what waits is offered, or needs more room, another language or other "
        "skills. Finish or park something, or open one from the list."
    )


def opened(request: HttpRequest, user: User, public_id: object) -> HttpResponse:
    answer = show(request, user, public_id, done="desk:taken")
    if is_fragment(request):
        answer["HX-Push-Url"] = reverse("desk-talk", args=[public_id])
    return answer


@desk("POST")
def release(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    work_items.release(item=item_of(conversation.find(user, public_id)), actor=user)
    return leave(request, _("It waits in the queue again, at its old place."))


def stale(request: HttpRequest, user: User, public_id: object) -> HttpResponse:
    """Nothing was done: the screen wasn't up to date. 409, with what is true now."""
    words = _("Something came in meanwhile. Read it first; then do it again if it still fits.")
    return show(request, user, public_id, status=409, done="desk:stale", stale=words)


def unless_stale(request: HttpRequest, user: User, public_id: object, verb: Callable[[], object]) -> HttpResponse:
    try:
        verb()
    except interactions.StaleView:
        return stale(request, user, public_id)
    return show(request, user, public_id, done="desk:done")


@desk("POST")
def rename(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    interaction = conversation.find(user, public_id)
    name = request.POST.get("name", "").replace("\x00", "").strip()
    if interaction.citizen is None or not name:
        return notice(request, _("Write the name this person goes by."), status=422)
    citizens.rename(citizen=interaction.citizen, name=name, actor=user)
    return show(request, user, public_id, done="desk:done")


@desk("POST")
def verify(request: HttpRequest, user: User, public_id: str, point: int) -> HttpResponse:
    """Somebody proved that an address is theirs; how is part of the record."""
    interaction = conversation.find(user, public_id)
    if interaction.citizen_id is None:
        return notice(request, _("Nobody is known by this address, so there is nothing to verify."), status=422)
    row = access.get(user, ContactPoint.objects.filter(citizen=interaction.citizen_id), pk=point)
    how = request.POST.get("how", "").replace("\x00", "").strip()
    if not how:
        return notice(request, _("Say how it was proved, e.g. “identity card at the counter”."), status=422)
    citizens.verify(point=row, how=how, at=timezone.now(), actor=user)
    return show(request, user, public_id, done="desk:done")


@desk("POST")
def retry(request: HttpRequest, user: User, public_id: str, seq: int) -> HttpResponse:
    """Send a failed or doubtful message again, because a person decided so."""
    interaction = conversation.find(user, public_id)
    message = get_object_or_404(Message.objects.select_related("interaction"), interaction=interaction, seq=seq)
    replies.retry(message=message, actor=user)
    return show(request, user, public_id)
