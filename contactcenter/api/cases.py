"""Cases: read, open, change."""

from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError

from contactcenter.api import filters, idempotency, shapes
from contactcenter.api.listing import Listing, Ours
from crm import audit, cases
from crm.access import get, visible
from crm.models import Case, Citizen, Office, Topic

M = TypeVar("M", bound=Model)
ROWS = Case.objects.select_related("office", "topic", "citizen", "owner")
IDEMPOTENCY_KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description="A repeat is one case.")
IF_MATCH = OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, description="The version that was read.")


class Cases(Listing[Case]):
    """The cases of the caller's offices."""

    queryset = ROWS
    serializer_class = shapes.CaseShape
    filterset_class = filters.CaseFilter
    newest_by = "opened_at"
    looked_at = "cases.listed"

    @extend_schema(request=shapes.NewCase, responses={201: shapes.CaseShape}, parameters=[IDEMPOTENCY_KEY])
    def post(self, request: Request) -> Response:
        """Open a case; its owner is the caller. With an Idempotency-Key a repeat gets the same case back."""
        asked = shapes.asked(shapes.NewCase, request)
        office = _named(Office.objects.filter(active=True), "office", slug=asked["office"])
        topic, citizen = _topic(asked), self._citizen(asked)

        def make() -> Case:
            return cases.open(subject=asked["subject"], office=office, topic=topic, citizen=citizen, actor=self.person)

        return self.shown(idempotency.once(request, self.person, ROWS, make), status=201)

    def _citizen(self, asked: dict[str, Any]) -> Citizen | None:
        """One the caller may know of; to anybody else a citizen who exists is the same as one who doesn't."""
        if "citizen" not in asked:
            return None
        return _named(visible(self.person, Citizen.objects.all()), "citizen", public_id=asked["citizen"])


def _named(rows: QuerySet[M], field: str, **lookup: object) -> M:
    found = rows.filter(**lookup).first()
    if found is None:
        raise ValidationError({field: [_("There is nothing of that name here.")]})
    return found


def _topic(asked: dict[str, Any]) -> Topic | None:
    return _named(Topic.objects.filter(active=True), "topic", slug=asked["topic"]) if "topic" in asked else None


class OneCase(Ours[Case]):
    queryset = ROWS
    serializer_class = shapes.CaseShape

    def get(self, request: Request, id: UUID) -> Response:
        """One case. The look is recorded."""
        case = get(self.person, ROWS, public_id=id)
        audit.record(
            "case.read", subject=f"case:{id}", actor=self.person, purpose=self.purpose,
            citizen=case.citizen.public_id if case.citizen else None,
        )  # fmt: skip
        return self.shown(case)

    @extend_schema(request=shapes.CaseChange, parameters=[IF_MATCH])
    def patch(self, request: Request, id: UUID) -> Response:
        """Change what is given and nothing else. 409 where the case isn't at the version given any more."""
        asked = shapes.asked(shapes.CaseChange, request)
        topic = _topic(asked)
        case = get(self.person, ROWS, public_id=id)
        with transaction.atomic():
            cases.check_version(case=case, based_on=shapes.based_on(request, asked))
            if topic or {"subject", "priority"} & set(asked):
                details = {name: asked.get(name) for name in ("subject", "priority")}
                cases.change(case=case, actor=self.person, topic=topic, **details)
            if "status" in asked:
                reason = asked.get("reason", "")
                cases.change_status(case=case, status=asked["status"], actor=self.person, reason=reason)
        return self.shown(case)
