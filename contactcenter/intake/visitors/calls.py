"""The door where a citizen who waits too long asks to be called back, or chooses otherwise."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from contactcenter.calls import callbacks, numbers
from contactcenter.intake import caps
from contactcenter.intake.visitors import conversation, limits
from contactcenter.intake.visitors.doors import Refusal, Visit, door, json_of
from contactcenter.queues import work_items
from contactcenter.queues.models import WorkItem
from crm.models import Interaction


@door("GET", "POST")
def callback(request: HttpRequest, visit: Visit) -> HttpResponse:
    """GET: the form, or the promise, as HTML in `html`. POST `{"choice": "call", "number": …}`, or the choice "writing"
    (an answer in writing instead) or "wait" (the promised call is taken back). What is then true comes as a frame.
    """
    with translation.override(visit.known.language or visit.account.language):
        if request.method == "GET":
            return _form(visit)
        return _choose(request, visit)


def _form(visit: Visit) -> HttpResponse:
    caps.cap(f"read:{visit.known.pk}", *limits.READS_PER_VISITOR)
    item = _item(visit)
    if not visit.adapter.callback_template or not (item.is_to_call or item.may_ask_to_be_called):
        raise _nothing_to_ask()
    shown = {"promise": item.callback if item.is_to_call else None, "settings": visit.adapter.settings}
    return JsonResponse({"html": render_to_string(visit.adapter.callback_template, shown)})


def _choose(request: HttpRequest, visit: Visit) -> HttpResponse:
    caps.cap(f"callback:{visit.known.pk}", *limits.CALLBACKS_PER_VISITOR)
    caps.cap(f"callback:{caps.source(request)}", *limits.CALLBACKS_PER_SOURCE)
    caps.cap(f"callback:account:{visit.account.slug}", *limits.CALLBACKS_PER_ACCOUNT)
    given, interaction = json_of(request), _interaction(visit)
    try:
        match given.get("choice"):
            case "call":
                return _ask(interaction, given.get("number"), visit)
            case "writing":
                callbacks.rather_in_writing(interaction=interaction)
            case "wait":
                callbacks.withdraw(interaction=interaction)
            case _:
                raise Refusal(400, "unreadable", _("Choose whether we should call you back."))
    except numbers.NoNumber as error:
        raise Refusal(400, "number", str(error)) from None
    except (callbacks.NotOffered, callbacks.AlreadyPromised) as error:
        raise Refusal(409, "not-offered", str(error)) from None
    return JsonResponse({"done": True})


def _ask(interaction: Interaction, number: object, visit: Visit) -> HttpResponse:
    """What isn't text is no number; nothing of it is repaired, for a number is dialled as it was written."""
    written = number if isinstance(number, str) else ""
    promise = callbacks.ask(interaction=interaction, number=written, language=visit.known.language)
    return JsonResponse({"number": numbers.shown(promise.number)}, status=201)


def _interaction(visit: Visit) -> Interaction:
    """Raises `Refusal` where there is no conversation, or it ended."""
    found = conversation.interaction_of(visit.known)
    if found is None or not found.is_open or visit.known.ended_at is not None:
        raise _nothing_to_ask()
    return found


def _item(visit: Visit) -> WorkItem:
    item = work_items.open_item(_interaction(visit))
    if item is None:
        raise _nothing_to_ask()
    return item


def _nothing_to_ask() -> Refusal:
    return Refusal(409, "not-offered", _("A call can't be asked for here any more. Write here, and we answer."))
