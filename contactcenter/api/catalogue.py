"""What doesn't tell of any citizen: offices and topics. Everybody with a role may read it."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from contactcenter.api import filters, shapes
from contactcenter.api.listing import Listing
from crm.models import Office, Topic, User

M = TypeVar("M", bound=Model)


class Known(Listing[M]):
    def rows_for(self, person: User, rows: QuerySet[M]) -> QuerySet[M]:
        return rows


class Topics(Known[Topic]):
    """What a contact can be about."""

    queryset = Topic.objects.select_related("office")
    serializer_class = shapes.TopicShape
    filterset_class = filters.TopicFilter


class Offices(Known[Office]):
    """The parts of the administration that answer."""

    queryset = Office.objects.all()
    serializer_class = shapes.OfficeShape
    filterset_class = filters.OfficeFilter
