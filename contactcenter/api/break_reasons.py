"""Reasons for a break: everybody with a role reads them; administrators make, change, retire and order them."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contactcenter.api.administered import IF_MATCH, Administered, ByName
from contactcenter.api.listing import Listing
from contactcenter.api.shapes import asked
from contactcenter.queues import break_reasons
from contactcenter.queues.models import BreakReason
from crm.access import require
from crm.models import User

S = serializers
NAMES = _("By language: {“it”: “pranzo”, “en”: “lunch”}.")


class Names(ByName):
    def __init__(self, **more: Any) -> None:
        name = S.CharField(max_length=break_reasons.LONGEST, allow_blank=True)
        super().__init__(child=name, help_text=NAMES, **more)


class BreakReasonShape(S.Serializer[BreakReason]):
    slug = S.SlugField()
    names = Names()
    active = S.BooleanField(help_text=_("False: what was recorded with it keeps its name; nobody is offered it."))
    position = S.IntegerField(help_text=_("The lowest is offered first."))


class BreakReasonChange(S.Serializer[Any]):
    names = Names(required=False)
    active = S.BooleanField(required=False)


class NewBreakReason(S.Serializer[Any]):
    slug = S.SlugField(max_length=30)
    names = Names()


class BreakOrder(S.Serializer[Any]):
    slugs = S.ListField(child=S.SlugField(max_length=30), max_length=break_reasons.MOST)


class OrderedBreakReasons(S.Serializer[Any]):
    results = BreakReasonShape(many=True)


class BreakReasons(Listing[BreakReason]):
    queryset = BreakReason.objects.all()
    serializer_class = BreakReasonShape

    def rows_for(self, person: User, rows: QuerySet[BreakReason]) -> QuerySet[BreakReason]:
        return rows

    @extend_schema(request=NewBreakReason, responses={201: BreakReasonShape})
    def post(self, request: Request) -> Response:
        """Make one; it is offered last. For administrators."""
        require(self.person, "settings.change")
        return self.shown(break_reasons.create(actor=self.person, **asked(NewBreakReason, request)), status=201)


class OneBreakReason(Administered[BreakReason]):
    queryset = BreakReason.objects.all()
    serializer_class = BreakReasonShape
    kind = "break-reason"

    def get(self, request: Request, slug: str) -> Response:
        """One reason."""
        return self.shown(get_object_or_404(BreakReason, slug=slug))

    @extend_schema(request=BreakReasonChange, parameters=[IF_MATCH])
    def patch(self, request: Request, slug: str) -> Response:
        """Change what is given. Names are replaced as a whole; the last one that is in use stays in use."""
        given = asked(BreakReasonChange, request)
        with self.as_read(BreakReason.objects.all(), slug, lambda: get_object_or_404(BreakReason, slug=slug)) as reason:
            break_reasons.change(reason=reason, actor=self.person, **given)
        return self.shown(reason)


class BreakReasonOrder(Administered[BreakReason]):
    queryset = BreakReason.objects.all()
    serializer_class = OrderedBreakReasons

    @extend_schema(request=BreakOrder)
    def put(self, request: Request) -> Response:
        """All short names, the first to be offered first. 409 where they aren't those there are now."""
        break_reasons.reorder(slugs=asked(BreakOrder, request)["slugs"], actor=self.person)
        return self.shown({"results": BreakReason.objects.all()})
