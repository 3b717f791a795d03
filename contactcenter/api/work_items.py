"""What waits for somebody: the list, and all that can be done with it. An item is named by its interaction."""

from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _, gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contactcenter.api import filters, shapes
from contactcenter.api.administered import named
from contactcenter.api.cases import IF_MATCH
from contactcenter.api.filters import EARLIEST, LATEST
from contactcenter.api.listing import Listing, Ours
from contactcenter.queues import filling_in, parking, transfers, work_items
from contactcenter.queues.models import Queue, WorkItem, WorkItems as WorkItemRows
from crm.access import NotVisible, get
from crm.models import Interaction, Office, Topic, User

S = serializers
MOST_MOVED = 500
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
            raise NotVisible
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
        work_items.finish(item=item, actor=self.person, based_on=version, **_said(asked))
        return self._now(item)


class FillIn(OneItem):
    @extend_schema(request=shapes.FillingIn)
    def post(self, request: Request, interaction: UUID) -> Response:
        """Say afterwards what the queue wants to know, where the clock was quicker. 409 where nothing is left open."""
        asked = shapes.asked(shapes.FillingIn, request)
        about = get(self.person, Interaction.objects.all(), public_id=interaction)
        item = filling_in.open_for(about, self.person)
        if item is None:
            raise filling_in.FilledIn
        filling_in.fill_in(item=item, actor=self.person, **_said(asked))
        return self._now(item)


def _said(asked: dict[str, Any]) -> dict[str, Any]:
    topic = get_object_or_404(Topic, slug=asked["topic"], active=True) if asked.get("topic") else None
    return {"outcome": asked.get("outcome", ""), "topic": topic, "note": asked.get("note", "")}


# --- handing on and putting aside ---


class Handing(S.Serializer[Any]):
    """To exactly one of `queue`, `office` and `person`."""

    queue = S.SlugField(max_length=50, required=False)
    office = S.SlugField(max_length=50, required=False)
    person = S.UUIDField(required=False)
    note = S.CharField(max_length=shapes.LONGEST_TEXT, required=False, allow_blank=True)
    closed_too = S.BooleanField(required=False, help_text=gettext_lazy("Also into a queue that is closed now."))

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if len({"queue", "office", "person"} & set(given)) != 1:
            raise S.ValidationError({"queue": [_("Name one of queue, office and person.")]})
        return given


class Moving(S.Serializer[Any]):
    interactions = S.ListField(child=S.UUIDField(), min_length=1, max_length=MOST_MOVED)
    queue = S.SlugField(max_length=50)
    note = S.CharField(max_length=shapes.LONGEST_TEXT, required=False, allow_blank=True)
    closed_too = S.BooleanField(required=False)


class MovedShape(S.Serializer[Any]):
    moved = S.IntegerField(help_text=gettext_lazy("How many were still there to move."))


class Parking(S.Serializer[Any]):
    until = S.DateTimeField(required=False, allow_null=True, help_text=gettext_lazy("Left away: until they write."))

    def validate_until(self, until: Any) -> Any:
        if until is not None and not EARLIEST < until < LATEST:
            raise S.ValidationError(_("Enter an instant such as 2026-11-23T10:00:00Z."))
        return until


class WrappingUp(S.Serializer[Any]):
    version = S.IntegerField(min_value=0, max_value=2**31 - 1, required=False)


class Transfer(OneItem):
    @extend_schema(request=Handing)
    def post(self, request: Request, interaction: UUID) -> Response:
        """Hand it on with a note. 409 where the queue is closed (`now.opens_at`) or the person can't take it."""
        asked = shapes.asked(Handing, request)
        item = self._item(interaction)
        more = {"actor": self.person, "note": asked.get("note", "")}
        if "person" in asked:
            person = named(User.objects.filter(is_active=True), "person", asked["person"], by="public_id")
            transfers.to_person(item=item, person=cast(User, person), **more)
            return self._now(item)
        more["closed_too"] = asked.get("closed_too", False)
        if "office" in asked:
            office = named(Office.objects.filter(active=True), "office", asked["office"])
            transfers.to_office(item=item, office=cast(Office, office), **more)
        else:
            transfers.to_queue(item=item, queue=_queue(asked["queue"]), **more)
        return self._now(item)


def _queue(slug: str) -> Queue:
    rows = Queue.objects.filter(active=True).select_related("office", "calendar")
    return cast(Queue, named(rows, "queue", slug))


class Park(OneItem):
    @extend_schema(request=Parking)
    def post(self, request: Request, interaction: UUID) -> Response:
        """Put it aside until a moment, or until the citizen writes."""
        until = shapes.asked(Parking, request).get("until")
        item = self._item(interaction)
        parking.park(item=item, actor=self.person, until=until)
        return self._now(item)


class Resume(OneItem):
    @extend_schema(request=None)
    def post(self, request: Request, interaction: UUID) -> Response:
        """Take one's own parked work up again."""
        item = self._item(interaction)
        parking.resume(item=item, actor=self.person)
        return self._now(item)


class WrapUp(OneItem):
    @extend_schema(request=WrappingUp, parameters=[IF_MATCH])
    def post(self, request: Request, interaction: UUID) -> Response:
        """End the conversation now; its outcome may be noted (close) within the queue's time to wrap up."""
        version = shapes.based_on(request, shapes.asked(WrappingUp, request))
        item = self._item(interaction)
        work_items.close_for_wrap_up(item=item, actor=self.person, based_on=version)
        return self._now(item)


class Move(Ours[WorkItem]):
    queryset = ROWS
    serializer_class = MovedShape

    @extend_schema(request=Moving, responses=MovedShape)
    def post(self, request: Request) -> Response:
        """Move many to another queue, whoever has them. For managers; what they may not know of isn't moved."""
        asked = shapes.asked(Moving, request)
        rows = WorkItem.objects.visible_to(self.person).select_related("interaction", "queue", "owner")
        items = rows.filter(interaction__public_id__in=asked["interactions"]).exclude(state__in=WorkItem.ENDED)
        moved = transfers.move(
            items=list(items), queue=_queue(asked["queue"]), actor=self.person, note=asked.get("note", ""),
            closed_too=asked.get("closed_too", False),
        )  # fmt: skip
        return Response({"moved": moved})
