"""What the house writes to a citizen about a call, where a channel reaches them."""

from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from contactcenter.calls import numbers
from contactcenter.calls.models import Callback
from contactcenter.outbox import replies
from crm.models import Interaction

KIND = "callback"  # what kind of automatic message it is


def given_up(locked: Interaction, promise: Callback, at: datetime) -> bool:
    """That we don't try any more, and what they can do. In the caller's transaction. False = no channel reaches them."""
    try:
        account = replies.account_for(locked)
    except replies.CannotReply:
        return False
    with translation.override(_language(promise)):
        text = _wrong() if promise.result == Callback.Result.WRONG_NUMBER else _unreached()
        replies.notify(
            locked=locked, account=account, text=text % {"number": numbers.shown(promise.number)}, kind=KIND, at=at
        )
    return True


def _language(promise: Callback) -> str:
    known = dict(settings.LANGUAGES)
    return promise.language if promise.language in known else settings.LANGUAGE_CODE


def _wrong() -> str:
    return _(
        "We called %(number)s as you asked, but didn't reach you under this number. Write here, and we answer you."
    )


def _unreached() -> str:
    return _(
        "We called %(number)s as you asked, several times, and nobody answered. Write here, and we answer you in writing."
    )
