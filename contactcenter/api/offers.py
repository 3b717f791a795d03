"""What is being offered to oneself: read, accept, decline."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contactcenter.api.listing import Listing, Ours
from contactcenter.api.rules import LARGEST_ID
from contactcenter.api.shapes import WorkItemShape
from contactcenter.queues import offers
from contactcenter.queues.models import Offer, WorkItem
from crm.models import User

S = serializers
ROWS = Offer.objects.select_related("item__interaction", "item__queue")


class OfferShape(S.Serializer[Offer]):
    id = S.IntegerField()
    interaction = S.UUIDField(source="item.interaction.public_id")
    queue = S.SlugField(source="item.queue.slug")
    family = S.CharField(source="item.family")
    why = S.CharField()
    step = S.IntegerField()
    state = S.ChoiceField(Offer.State.choices)
    made_at = S.DateTimeField()
    expires_at = S.DateTimeField()


class Offers(Listing[Offer]):
    """What waits for one's own answer."""

    queryset = ROWS
    serializer_class = OfferShape

    def rows_for(self, person: User, rows: QuerySet[Offer]) -> QuerySet[Offer]:
        return rows.filter(agent=person, state=Offer.State.PENDING, item__interaction__isnull=False)


class Answer(Ours[Offer]):
    queryset = ROWS

    def _offer(self, id: int) -> Offer:
        """One's own, whatever became of it."""
        return get_object_or_404(ROWS, pk=min(id, LARGEST_ID), agent=self.person, item__interaction__isnull=False)


class Accept(Answer):
    serializer_class = OfferShape

    @extend_schema(request=None, responses=WorkItemShape)
    def post(self, request: Request, id: int) -> Response:
        """Take it. 409 when it is too late."""
        item = offers.accept(offer=self._offer(id), actor=self.person)
        row = WorkItem.objects.select_related("interaction", "queue", "owner").get(pk=item.pk)
        return Response(WorkItemShape(row).data)


class Decline(Answer):
    serializer_class = OfferShape

    @extend_schema(request=None)
    def post(self, request: Request, id: int) -> Response:
        """Not me, not now: others are asked."""
        offer = self._offer(id)
        offers.decline(offer=offer, actor=self.person)
        return self.shown(offer)
