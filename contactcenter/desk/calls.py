"""What came of a call that was promised, said by whoever dialled."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from contactcenter.calls import callbacks
from contactcenter.calls.models import Callback
from contactcenter.desk import actions, conversation
from contactcenter.desk.doors import desk, notice
from contactcenter.templatetags.house import due_hour
from crm.interactions import StaleView
from crm.models import User

RESULTS = [value for value in Callback.Result.values if value]


@desk("POST")
def tell(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """Reached and given up: the conversation as it is then. No answer: out of hand until the next try. 409 when stale."""
    item = actions.item_of(conversation.find(user, public_id))
    result, version = request.POST.get("result", ""), actions.based_on(request)
    if result not in RESULTS:
        return notice(request, _("Choose what came of the call."), status=422)
    try:
        promise = callbacks.tell(item=item, actor=user, result=result, based_on=version)
    except StaleView:
        return actions.stale(request, user, public_id)
    if promise.is_open:
        return actions.leave(
            request, _("Nobody answered. The next try: %(when)s.") % {"when": due_hour(promise.not_before)}
        )
    return actions.show(request, user, public_id, done="desk:done")


@desk("POST")
def drop(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """No call is needed any more."""
    item, version = actions.item_of(conversation.find(user, public_id)), actions.based_on(request)
    return actions.unless_stale(
        request, user, public_id, lambda: callbacks.drop(item=item, actor=user, based_on=version)
    )
