"""Citizens and their addresses."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from contactcenter.api import filters, shapes
from contactcenter.api.listing import Listing, Ours
from crm import audit, citizens
from crm.access import get, visible
from crm.models import Citizen, ContactPoint


class Citizens(Listing[Citizen]):
    """The citizens of the caller's offices and queues."""

    queryset = Citizen.objects.prefetch_related("contact_points")
    serializer_class = shapes.CitizenShape
    filterset_class = filters.CitizenFilter
    newest_by = "created_at"
    looked_at = "citizens.listed"


class OneCitizen(Ours[Citizen]):
    queryset = Citizen.objects.prefetch_related("contact_points")
    serializer_class = shapes.CitizenShape

    def get(self, request: Request, id: UUID) -> Response:
        """One citizen. The look is recorded."""
        citizen = get(self.person, self.get_queryset(), public_id=id)
        audit.record(
            "citizen.read", subject=f"citizen:{id}", actor=self.person, citizen=citizen.public_id, purpose=self.purpose
        )
        return self.shown(citizen)

    @extend_schema(request=shapes.CitizenChange)
    def patch(self, request: Request, id: UUID) -> Response:
        """Correct the name."""
        asked = shapes.asked(shapes.CitizenChange, request)
        citizen = get(self.person, self.get_queryset(), public_id=id)
        citizens.rename(citizen=citizen, name=asked["name"], actor=self.person)
        return self.shown(citizen)


class SearchContactPoints(Ours[ContactPoint]):
    queryset = ContactPoint.objects.select_related("citizen")
    serializer_class = shapes.ContactPointOfShape
    reads = True

    @extend_schema(request=shapes.Search, responses=shapes.FoundShape)
    def post(self, request: Request) -> Response:
        """Whose address is it? By POST, so that no address of a citizen stands in a URL. The look is recorded."""
        asked = shapes.asked(shapes.Search, request)
        found = list(visible(self.person, self.get_queryset()).filter(**asked))
        for point in found:
            audit.record(
                "contact-point.found", subject=f"contact-point:{point.pk}", actor=self.person, purpose=self.purpose,
                citizen=point.citizen.public_id if point.citizen else None,
            )  # fmt: skip
        return Response({"results": self.get_serializer(found, many=True).data})


class ContactPoints(Listing[ContactPoint]):
    """Addresses that citizens used: claimed, until somebody proved them."""

    queryset = ContactPoint.objects.select_related("citizen")
    serializer_class = shapes.ContactPointOfShape
    filterset_class = filters.ContactPointFilter
    newest_by = "id"
    looked_at = "contact-points.listed"
