"""One shape for whatever goes wrong: {"error": {"code", "text", "fields", "now"}}. `text` is a sentence."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import exception_handler

from channels_adapters.registry import UnknownKind
from contactcenter.accounts.secrets import Unreadable
from contactcenter.administration.holding import StaleSettings
from contactcenter.calls.callbacks import NotOffered
from contactcenter.outbox.replies import CannotReply
from contactcenter.queues import skills
from contactcenter.queues.agents import CannotLeave
from contactcenter.queues.checking import Wrong
from contactcenter.queues.consulting import CannotJoin
from contactcenter.queues.filling_in import FilledIn
from contactcenter.queues.mentions import CannotMention
from contactcenter.queues.offers import OfferGone
from contactcenter.queues.parking import CannotPark
from contactcenter.queues.presence import OpenWork
from contactcenter.queues.rules import OrderMoved
from contactcenter.queues.transfers import ClosedQueue, NoQueue, NotThere
from contactcenter.queues.work_items import AlreadyTaken, NoRoom, NotYours
from contactcenter.queues.wrap_up import NotFilledIn
from crm.cases import StaleCase
from crm.interactions import AlreadyClosed, IdTaken, StaleView
from crm.merging import CannotMerge

CONFLICTS: dict[type[Exception], str] = {
    StaleView: "stale",
    StaleCase: "stale",
    StaleSettings: "stale",
    AlreadyTaken: "taken",
    NotYours: "not-yours",
    AlreadyClosed: "closed",
    IdTaken: "client-id-taken",
    CannotReply: "cannot-reply",
    NoRoom: "no-room",
    OfferGone: "offer-gone",
    OpenWork: "open-work",
    ClosedQueue: "queue-closed",
    NoQueue: "no-queue",
    NotThere: "not-there",
    CannotPark: "cannot-park",
    FilledIn: "filled-in",
    CannotJoin: "cannot-join",
    NotOffered: "no-call-promised",
    CannotLeave: "cannot-leave",
    CannotMention: "cannot-mention",
    CannotMerge: "cannot-merge",
    OrderMoved: "order-moved",
    skills.InUse: "in-use",
}


class Conflict(exceptions.APIException):
    """409. `now` says how things stand."""

    status_code = 409
    default_code = "conflict"

    def __init__(self, text: str, code: str = "conflict", now: dict[str, Any] | None = None) -> None:
        super().__init__(text, code)
        self.now = now or {}


class Invalid(exceptions.ValidationError):
    """400 of a verb. `places`: where in a text the mistake stands, in characters."""

    def __init__(self, error: Wrong) -> None:
        super().__init__(dict(error.sentences))
        self.places = {
            place: {"position": mistake.position, "length": mistake.length} for place, mistake in error.mistakes.items()
        }


class Shape(serializers.Serializer[dict[str, Any]]):
    """The inside of an error, for the schema."""

    code = serializers.CharField()
    text = serializers.CharField(help_text="A sentence with the next step.")
    fields = serializers.DictField(  # type: ignore[assignment]  # the name is part of the contract
        child=serializers.ListField(child=serializers.CharField()), required=False
    )
    places = serializers.DictField(required=False, help_text="Where in the text of a field the mistake stands.")
    now = serializers.DictField(required=False, help_text="How things stand, where the request came too late.")


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """The framework's exception handler; None (a 500) only for what nobody foresaw."""
    error = _translated(error)
    answer = exception_handler(error, context)
    if answer is not None:
        answer.data = {"error": _told(error)}
    return answer


def _translated(error: Exception) -> Exception:
    """Refusals of our verbs, and the framework's own, as one family."""
    for kind, code in CONFLICTS.items():
        if isinstance(error, kind):
            return Conflict(str(error), code, _now(error))
    if isinstance(error, Wrong):
        return Invalid(error)
    if isinstance(error, NotFilledIn):
        return exceptions.ValidationError({name: [text] for name, text in error.sentences.items()})
    if isinstance(error, UnknownKind | Unreadable):
        return Conflict(_("The channel can't be used as it is set up. Ask an administrator."), "channel-unusable")
    if isinstance(error, Http404):
        return exceptions.NotFound(_("There is nothing here, or it isn't yours to see."))
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied(str(error) or None)
    return error


def _now(error: Exception) -> dict[str, Any]:
    if isinstance(error, StaleView):
        interaction = error.interaction
        return {"version": interaction.version, "last_seq": interaction.last_seq, "status": interaction.status}
    if isinstance(error, StaleCase):
        return {"version": error.case.version, "status": error.case.status}
    if isinstance(error, StaleSettings):
        change = error.change
        who = {"changed_by": change.actor_label, "changed_at": change.at.isoformat()} if change else {}
        return {"etag": error.mark, **who}
    if isinstance(error, AlreadyTaken) and error.owner is not None:
        return {"owner": {"id": str(error.owner.public_id), "name": error.owner.display_name}}
    if isinstance(error, ClosedQueue):
        return {"queue": error.queue.slug, "opens_at": error.opens_at.isoformat() if error.opens_at else None}
    if isinstance(error, OpenWork):
        open_ = [item.interaction for item in error.items if item.interaction is not None]
        return {"interactions": [str(interaction.public_id) for interaction in open_]}
    return {}


def _told(error: Exception) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        text = _("Some fields are missing or wrong. Correct them and send again.")
        places = {"places": error.places} if isinstance(error, Invalid) and error.places else {}
        return {"code": "invalid", "text": text, "fields": _flat(error.detail), **places}
    code = str(getattr(error, "default_code", "error"))
    told: dict[str, Any] = {"code": code, "text": str(getattr(error, "detail", ""))}
    if isinstance(error, Conflict):
        told = {"code": str(error.get_codes()), "text": str(error.detail), **({"now": error.now} if error.now else {})}
    return told


def _flat(detail: Any, name: str = "") -> dict[str, list[str]]:
    """Field errors by dotted name, each a list of sentences."""
    if isinstance(detail, dict):
        found: dict[str, list[str]] = {}
        for key, value in detail.items():
            found.update(_flat(value, f"{name}.{key}" if name else str(key)))
        return found
    return {name or "body": [str(each) for each in (detail if isinstance(detail, list) else [detail])]}
