"""What came of a promised call, said by a program for whoever dialled."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contactcenter.api import shapes
from contactcenter.api.cases import IF_MATCH
from contactcenter.api.work_items import OneItem
from contactcenter.calls import callbacks
from contactcenter.calls.models import Callback

S = serializers
NOT_NEEDED = "not-needed"
RESULTS = [*((value, label) for value, label in Callback.Result.choices if value), (NOT_NEEDED, _("no call needed"))]


class Calling(S.Serializer[Any]):
    result = S.ChoiceField(RESULTS)
    version = S.IntegerField(
        min_value=0, max_value=2**31 - 1, required=False, help_text=_("Or If-Match: 409 if it moved.")
    )


class Called(OneItem):
    @extend_schema(request=Calling, parameters=[IF_MATCH])
    def post(self, request: Request, interaction: UUID) -> Response:
        """Say what came of the call that was promised. No answer: it goes out of hand until the next try."""
        asked = shapes.asked(Calling, request)
        item, version = self._item(interaction), shapes.based_on(request, asked)
        if asked["result"] == NOT_NEEDED:
            callbacks.drop(item=item, actor=self.person, based_on=version)
        else:
            callbacks.tell(item=item, actor=self.person, result=asked["result"], based_on=version)
        return self._now(item)
