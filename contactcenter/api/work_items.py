"""What waits for somebody: the list, and taking, giving back and ending. An item is named by its interaction."""

from typing import cast
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from contactcenter.api import filters, shapes
from contactcenter.api.cases import IF_MATCH
from contactcenter.api.listing import Listing, Ours
from contactcenter.queues import work_items
from contactcenter.queues.models import WorkItem, WorkItems as WorkItemRows
from crm.access import NotVisible
from crm.models import User

ROWS = WorkItem.objects.select_related("interaction", "queue", "owner")


class WorkItems(Listing[WorkItem]):
    """Work on the interactions the caller may know of."""

    queryset = ROWS
    serializer_class = shapes.WorkItemShape
    filterset_class = filters.WorkItemFilter

    def rows_for(self, person: User, rows: QuerySet[WorkItem]) -> QuerySet[WorkItem]:
        return cast(WorkItemRows, rows).visible_to(person).filter(interaction__isnull=False)


class OneItem(Ours[WorkItem]):
    queryset = ROWS
    serializer_class = shapes.WorkItemShape

    def _item(self, interaction: UUID) -> WorkItem:
        """The open item of an interaction the caller may know of. Raises `NotVisible`."""
        rows = WorkItem.objects.visible_to(self.person).select_related("interaction", "queue", "owner")
        found = rows.filter(interaction__public_id=interaction).exclude(state__in=WorkItem.ENDED).first()
        if found is None:
            raise NotVisible(_("There is nothing here, or it isn't yours to see."))
        return found

    def _now(self, item: WorkItem) -> Response:
        return self.shown(ROWS.get(pk=item.pk))


class Claim(OneItem):
    @extend_schema(request=None)
    def post(self, request: Request, interaction: UUID) -> Response:
        """Take it. 409 says who was quicker."""
        return self._now(work_items.claim(item=self._item(interaction), actor=self.person))


class Release(OneItem):
    @extend_schema(request=None)
    def post(self, request: Request, interaction: UUID) -> Response:
        """Give it back to its place in the queue."""
        item = self._item(interaction)
        work_items.release(item=item, actor=self.person)
        return self._now(item)


class Close(OneItem):
    @extend_schema(request=shapes.Closing, parameters=[IF_MATCH])
    def post(self, request: Request, interaction: UUID) -> Response:
        """End the interaction and the work on it."""
        asked = shapes.asked(shapes.Closing, request)
        item = self._item(interaction)
        version = shapes.based_on(request, asked)
        work_items.finish(item=item, actor=self.person, outcome=asked.get("outcome", ""), based_on=version)
        return self._now(item)
