"""Pages by keyset: the next page begins after the last row of this one, so no page costs more than the first and none
repeats or skips a row that stood still. The cursor is opaque and signed."""

from typing import Any

from django.core import signing
from django.db.models import Model, Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

DEFAULT_SIZE = 50
LARGEST = 100


class NewestFirst(BasePagination):
    """By the view's `newest_by` (one field, "id" where it has none), newest first; the primary key breaks ties."""

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        self._request, self._field = request, str(getattr(view, "newest_by", "id"))
        size = _size(request)
        rows = queryset.order_by(f"-{self._field}", "-id").filter(self._before(request.query_params.get("cursor", "")))
        found = list(rows[: size + 1])
        self._last = found[size - 1] if len(found) > size else None
        return found[:size]

    def _salt(self) -> str:
        return f"api.cursor:{self._request.path}:{self._field}"

    def _before(self, cursor: str) -> Q:
        if not cursor:
            return Q()
        try:
            value, pk = signing.loads(cursor, salt=self._salt())
        except (signing.BadSignature, ValueError):
            raise ValidationError({"cursor": [_("This is not a cursor of this list. Begin without one.")]}) from None
        if self._field.endswith("_at"):
            value = parse_datetime(value)
        # The first half alone lets the database begin in the index at the right place.
        return Q(**{f"{self._field}__lte": value}) & (Q(**{f"{self._field}__lt": value}) | Q(id__lt=pk))

    def _cursor(self, row: Model) -> str:
        value = getattr(row, self._field)
        return signing.dumps([value.isoformat() if hasattr(value, "isoformat") else value, row.pk], salt=self._salt())

    def get_paginated_response(self, data: Any) -> Response:
        following = None
        if self._last is not None:
            following = replace_query_param(self._request.build_absolute_uri(), "cursor", self._cursor(self._last))
        return Response({"next": following, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {"type": "string", "format": "uri", "nullable": True},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return [
            {"name": "cursor", "in": "query", "schema": {"type": "string"}, "description": "From `next`."},
            {
                "name": "limit",
                "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST, "default": DEFAULT_SIZE},
            },
        ]


def _size(request: Request) -> int:
    given = request.query_params.get("limit", str(DEFAULT_SIZE))
    if not (given.isascii() and given.isdecimal() and len(given) <= 3 and 1 <= int(given) <= LARGEST):
        raise ValidationError({"limit": [_("Must be a whole number from 1 to %(n)d.") % {"n": LARGEST}]})
    return int(given)
