"""What administrators set up: their right is asked first, and names in a body are looked up in one way."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contactcenter.administration import holding
from contactcenter.api.listing import Listing, Ours
from crm.access import require
from crm.models import User

S = serializers
M = TypeVar("M", bound=Model)
MARK = 24  # characters of an ETag
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The ETag that was read. 409 where somebody changed it since."
)
KEY = re.compile(r"[A-Za-z0-9_-]{1,50}")


class Administered(Ours[M]):
    """Only for those who may change the settings, whatever they ask."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require(self.person, "settings.change")

    kind = ""  # what the audit calls one of these: "queue"

    def shown(self, row: Any, status: int = 200) -> Response:
        """With the mark of what is shown, for If-Match."""
        answer = super().shown(row, status)
        answer["ETag"] = _mark(answer.data)
        return answer

    @contextmanager
    def as_read(self, rows: QuerySet[Any], name: object, read: Callable[[], M]) -> Iterator[M]:
        """The row, held: nobody else changes any of `rows` meanwhile. `name` as the audit has it.

        Raises `StaleSettings` where the caller said by If-Match what they read, and it isn't that any more.
        """
        with holding.held(rows):
            row = read()
            seen = self.request.headers.get("If-Match", "").strip()
            now = _mark(self.get_serializer(row).data)
            if seen not in {"", "*"} and now not in {each.strip().removeprefix("W/") for each in seen.split(",")}:
                raise holding.StaleSettings(holding.last_change(self.kind, name), self.person, now)
            yield row


def _mark(shown: Any) -> str:
    return f'"{hashlib.sha256(json.dumps(shown, sort_keys=True, default=str).encode()).hexdigest()[:MARK]}"'


class AdministeredList(Administered[M], Listing[M]):
    def rows_for(self, person: User, rows: QuerySet[M]) -> QuerySet[M]:
        return rows


class ByName(S.DictField):
    """An object whose keys are short names: slugs, families, codes of languages."""

    def to_internal_value(self, data: Any) -> dict[Any, Any]:
        if isinstance(data, dict) and not all(KEY.fullmatch(key) for key in data):
            raise S.ValidationError([_("Keys are short names: letters, digits, hyphens and underscores.")])
        return super().to_internal_value(data)


class Levels(ByName):
    """Levels from 1 to 5."""

    def __init__(self, **more: Any) -> None:
        super().__init__(child=S.IntegerField(min_value=1, max_value=5), **more)


class Sayable(S.JSONField):
    """Any JSON that can be kept and said in an answer."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            if "\\u0000" in json.dumps(data):
                raise ValueError
            json.dumps(data, ensure_ascii=False).encode()
        except ValueError:
            raise S.ValidationError([_("This contains characters that can't be stored. Remove them.")]) from None
        return super().to_internal_value(data)


def named(rows: QuerySet[M], field: str, slug: str | None, by: str = "slug") -> M | None:
    """The row of a short name; None stays None. Raises `ValidationError` at the field."""
    if slug is None:
        return None
    found = rows.filter(**{by: slug}).first()
    if found is None:
        raise S.ValidationError({field: [_("There is nothing of that name here.")]})
    return found


def all_named(rows: QuerySet[M], field: str, slugs: Iterable[str]) -> list[M]:
    """Raises `ValidationError` at the field."""
    wanted = set(slugs)
    found = list(rows.filter(slug__in=wanted))
    if len(found) != len(wanted):
        raise S.ValidationError({field: [_("There is nothing of that name here.")]})
    return found
