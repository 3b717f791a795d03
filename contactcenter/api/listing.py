"""What every list of the API has in common: rights, scope, cap, filters, pages, and a record of who looked."""

from collections.abc import Sequence
from typing import Any, TypeVar, cast

from django.db.models import Model, QuerySet
from django.http import Http404
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from contactcenter.api.models import ApiToken
from contactcenter.api.parsing import Json
from contactcenter.api.permissions import PerCaller, Scoped
from crm import audit
from crm.access import visible
from crm.models import User

M = TypeVar("M", bound=Model)
LONGEST_RECORD = 100  # public ids in one audit entry: a whole page


class Ours(GenericAPIView[M]):
    """Rights, scope, cap and parser of every address below /api/v1/."""

    permission_classes = [IsAuthenticated, Scoped]
    throttle_classes = [PerCaller]
    parser_classes = [Json]
    lookup_field = "public_id"

    @property
    def person(self) -> User:
        """Whose rights apply; the permissions have seen to it that there is one."""
        return cast(User, self.request.user)

    @property
    def purpose(self) -> str:
        """For the audit: which program looked."""
        return f"api:{self.request.auth.prefix}" if isinstance(self.request.auth, ApiToken) else "api"

    def get_object(self) -> M:
        """Every address looks its row up by itself, under the caller's rights; OPTIONS describes no row."""
        raise Http404

    def shown(self, row: Any, status: int = 200) -> Response:
        return Response(self.get_serializer(row).data, status=status)


class Listing(ListModelMixin, Ours[M]):
    """GET: the visible rows, filtered, newest first. `looked_at` names the audit action where rows tell of citizens."""

    newest_by = "id"
    looked_at = ""

    def get_queryset(self) -> QuerySet[M]:
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):  # the schema is drawn without anybody asking
            return rows.none()
        return self.rows_for(self.person, rows)

    def rows_for(self, person: User, rows: QuerySet[M]) -> QuerySet[M]:
        return visible(person, rows)

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request, *args, **kwargs)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        if self.looked_at and page:
            self._record(page)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def _record(self, page: Sequence[Any]) -> None:
        seen = [str(getattr(row, "public_id", "")) for row in page[:LONGEST_RECORD]]
        audit.record(
            self.looked_at, subject=f"list:{len(page)}", actor=self.person, purpose=self.purpose, data={"seen": seen}
        )
