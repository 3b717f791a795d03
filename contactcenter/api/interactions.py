"""Interactions and the messages in them."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from contactcenter.api import filters, idempotency, shapes
from contactcenter.api.cases import IF_MATCH
from contactcenter.api.listing import Listing, Ours
from contactcenter.files import serve
from contactcenter.outbox import replies
from contactcenter.queues import noting
from crm import interactions
from crm.access import get
from crm.models import Attachment, Interaction, Message, User

ROWS = Interaction.objects.select_related("office", "topic", "citizen", "case", "contact_point").prefetch_related(
    "callbacks__queue"
)
WORDS = Message.objects.select_related("interaction__citizen").prefetch_related("attachments")
SAME_ID = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description="As client_id.")


class Interactions(Listing[Interaction]):
    """The contact episodes of the caller's offices and queues."""

    queryset = ROWS
    serializer_class = shapes.InteractionShape
    filterset_class = filters.InteractionFilter
    newest_by = "opened_at"
    looked_at = "interactions.listed"


class OneInteraction(Ours[Interaction]):
    queryset = ROWS
    serializer_class = shapes.InteractionShape

    def get(self, request: Request, id: UUID) -> Response:
        """One interaction, without its words. The look is recorded."""
        return self.shown(interactions.read(user=self.person, public_id=id, purpose=self.purpose))


class MessagesOfOne(Listing[Message]):
    """The words of one interaction. The look is recorded."""

    queryset = WORDS
    serializer_class = shapes.MessageShape
    filterset_class = None
    newest_by = "seq"

    def rows_for(self, person: User, rows: QuerySet[Message]) -> QuerySet[Message]:
        interaction = interactions.read(user=person, public_id=self.kwargs["id"], purpose=self.purpose)
        return rows.filter(interaction=interaction)

    @extend_schema(request=shapes.NewMessage, responses={201: shapes.MessageShape}, parameters=[SAME_ID, IF_MATCH])
    def post(self, request: Request, id: UUID) -> Response:
        """Answer the citizen, or write an internal note, which mentions colleagues by `@username`.

        The same client_id twice is one message.
        """
        asked = shapes.asked(shapes.NewMessage, request)
        interaction = get(self.person, ROWS, public_id=id)
        said: dict[str, Any] = {
            "interaction": interaction,
            "text": asked["text"],
            "actor": self.person,
            "client_id": asked.get("client_id") or idempotency.key_of(request),
        }
        based_on = shapes.based_on(request, asked)
        if asked["kind"] == "note":
            return self.shown(noting.note(**said), status=201)
        return self.shown(replies.reply(**said, based_on=based_on), status=201)


class Messages(Listing[Message]):
    """Messages of every interaction the caller may know of."""

    queryset = WORDS
    serializer_class = shapes.MessageShape
    filterset_class = filters.MessageFilter
    newest_by = "id"
    looked_at = "messages.listed"


class OneMessage(Ours[Message]):
    queryset = WORDS
    serializer_class = shapes.MessageShape

    def get(self, request: Request, id: UUID) -> Response:
        """One message. The look at its interaction is recorded."""
        message = get(self.person, WORDS, public_id=id)
        interactions.record_look(message.interaction, self.person, self.purpose)
        return self.shown(message)


class FileOfMessage(Ours[Attachment]):
    queryset = Attachment.objects.select_related("message__interaction__citizen")

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, id: UUID) -> HttpResponseBase:
        """The bytes of an attachment, as a stranger's file. The look at its interaction is recorded."""
        attachment = get(self.person, self.get_queryset(), public_id=id)
        if attachment.message is not None:
            interactions.record_look(attachment.message.interaction, self.person, self.purpose)
        return serve.response(attachment)
