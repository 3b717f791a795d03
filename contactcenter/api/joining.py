"""Two conversations become one, one becomes two; and what the caller was told of them."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as S
from rest_framework.request import Request
from rest_framework.response import Response

from contactcenter.api import shapes
from contactcenter.api.administered import named
from contactcenter.api.cases import IF_MATCH
from contactcenter.api.interactions import ROWS
from contactcenter.api.listing import Listing, Ours
from contactcenter.intake import joining
from contactcenter.queues import notices
from contactcenter.queues.models import Notice, Queue
from crm.access import get, visible
from crm.models import Interaction, User

NEWEST = 2**31 - 1


class Merging(S.Serializer[Any]):
    source = S.UUIDField(  # type: ignore[assignment]  # the name is part of the contract
        help_text=_("The interaction whose words move here.")
    )
    version = S.IntegerField(
        min_value=0, max_value=NEWEST, required=False, help_text=_("Or If-Match: 409 if it moved.")
    )
    source_version = S.IntegerField(min_value=0, max_value=NEWEST, required=False)


class Splitting(S.Serializer[Any]):
    queue = S.CharField(max_length=50)
    from_seq = S.IntegerField(min_value=1, max_value=NEWEST, required=False)
    merged = S.UUIDField(required=False, help_text=_("An interaction that was merged in, to be taken out again."))
    version = S.IntegerField(
        min_value=0, max_value=NEWEST, required=False, help_text=_("Or If-Match: 409 if it moved.")
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("from_seq" in attrs) == ("merged" in attrs):
            raise S.ValidationError({"from_seq": [_("Name either from_seq or merged.")]})
        return attrs


class NoticeShape(S.Serializer[Notice]):
    id = S.IntegerField()
    about = S.ChoiceField(Notice.About.choices)
    interaction = S.UUIDField(source="interaction.public_id")
    by = S.UUIDField(source="actor.public_id", default=None)
    seq = S.IntegerField(help_text=_("Of the message it speaks of; 0 = of none."))
    reason = S.CharField()
    at = S.DateTimeField()
    read_at = S.DateTimeField()


class Reading(S.Serializer[Any]):
    upto = S.IntegerField(min_value=0, max_value=2**63 - 1, help_text=_("The id of the newest one that was seen."))


class Merge(Ours[Interaction]):
    queryset = ROWS
    serializer_class = shapes.InteractionShape

    @extend_schema(request=Merging, parameters=[IF_MATCH])
    def post(self, request: Request, id: UUID) -> Response:
        """Another interaction of the same person and channel becomes part of this one."""
        asked = shapes.asked(Merging, request)
        target, source = get(self.person, ROWS, public_id=id), get(self.person, ROWS, public_id=asked["source"])
        joining.merge(
            target=target, source=source, actor=self.person, based_on=shapes.based_on(request, asked),
            of_source=asked.get("source_version"),
        )  # fmt: skip
        return self.shown(ROWS.get(pk=target.pk))


class Split(Ours[Interaction]):
    queryset = ROWS
    serializer_class = shapes.InteractionShape

    @extend_schema(request=Splitting, responses={201: shapes.InteractionShape}, parameters=[IF_MATCH])
    def post(self, request: Request, id: UUID) -> Response:
        """From a message on, or what was merged in once, it is an interaction of its own, which is answered."""
        asked = shapes.asked(Splitting, request)
        interaction, based_on = get(self.person, ROWS, public_id=id), shapes.based_on(request, asked)
        queue = named(Queue.objects.filter(active=True).select_related("office"), "queue", asked["queue"])
        how: dict[str, Any] = {
            "interaction": interaction, "queue": queue, "actor": self.person, "based_on": based_on,
        }  # fmt: skip
        if "merged" in asked:
            apart = get(self.person, ROWS, public_id=asked["merged"])
            joining.undo(merged=apart, **how)
        else:
            apart = joining.split(from_seq=asked["from_seq"], **how)
        return self.shown(ROWS.get(pk=apart.pk), status=201)


class Notices(Listing[Notice]):
    """What the caller was told: mentions, hand-overs, failures. Only of interactions they may still know of."""

    queryset = Notice.objects.select_related("interaction", "actor")
    serializer_class = NoticeShape
    filterset_class = None

    def rows_for(self, person: User, rows: QuerySet[Notice]) -> QuerySet[Notice]:
        return rows.filter(user=person, interaction__in=visible(person, Interaction.objects.all()).order_by())

    @extend_schema(request=Reading, responses={200: S.DictField(child=S.IntegerField())})
    def post(self, request: Request) -> Response:
        """They were read, up to one; answers how many were new."""
        asked = shapes.asked(Reading, request)
        return Response({"read": notices.read(user=self.person, upto=asked["upto"])})
