"""Query parameters of the lists. None takes an address or a name: addresses of pages end up in logs."""

from datetime import UTC, datetime
from typing import Any

import django_filters as f
from django import forms
from django.utils.translation import gettext_lazy as _

from contactcenter.queues.models import Queue, WorkItem
from crm.models import Case, Citizen, ContactPoint, Interaction, Message, Office, Topic

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class InstantField(f.fields.IsoDateTimeField):
    def clean(self, value: Any) -> datetime | None:
        """An instant inside the calendar: what lies near its ends can't be put into every zone."""
        instant = super().clean(value)
        if instant is not None and not (EARLIEST < instant.replace(tzinfo=UTC) < LATEST):
            raise forms.ValidationError(_("Enter an instant such as 2026-11-23T10:00:00Z."))
        return instant


class Instant(f.IsoDateTimeFilter):
    field_class = InstantField


class Slug(f.CharFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, max_length=50, **kwargs)


class CitizenFilter(f.FilterSet):
    language = Slug()
    created_after = Instant("created_at", "gte")

    class Meta:
        model = Citizen
        fields: list[str] = []


class ContactPointFilter(f.FilterSet):
    citizen = f.UUIDFilter("citizen__public_id")
    scheme = f.CharFilter(max_length=80)
    status = f.ChoiceFilter(choices=ContactPoint.Status.choices)

    class Meta:
        model = ContactPoint
        fields: list[str] = []


class CaseFilter(f.FilterSet):
    number = f.CharFilter(max_length=12)
    status = f.MultipleChoiceFilter(choices=Case.Status.choices)
    office = Slug("office__slug")
    topic = Slug("topic__slug")
    citizen = f.UUIDFilter("citizen__public_id")
    opened_after = Instant("opened_at", "gte")
    opened_before = Instant("opened_at", "lt")

    class Meta:
        model = Case
        fields: list[str] = []


class InteractionFilter(f.FilterSet):
    status = f.ChoiceFilter(choices=Interaction.Status.choices)
    account = Slug()
    queue = Slug()
    office = Slug("office__slug")
    citizen = f.UUIDFilter("citizen__public_id")
    case = f.UUIDFilter("case__public_id")
    opened_after = Instant("opened_at", "gte")
    opened_before = Instant("opened_at", "lt")

    class Meta:
        model = Interaction
        fields: list[str] = []


class MessageFilter(f.FilterSet):
    interaction = f.UUIDFilter("interaction__public_id")
    direction = f.ChoiceFilter(choices=Message.Direction.choices)
    state = f.ChoiceFilter(choices=Message.State.choices)
    account = Slug()
    created_after = Instant("created_at", "gte")
    created_before = Instant("created_at", "lt")

    class Meta:
        model = Message
        fields: list[str] = []


class WorkItemFilter(f.FilterSet):
    queue = Slug("queue__slug")
    state = f.MultipleChoiceFilter(choices=WorkItem.State.choices)
    family = Slug()
    owner = f.UUIDFilter("owner__public_id")
    unfilled = f.BooleanFilter()

    class Meta:
        model = WorkItem
        fields: list[str] = []


class QueueFilter(f.FilterSet):
    office = Slug("office__slug")
    active = f.BooleanFilter()

    class Meta:
        model = Queue
        fields: list[str] = []


class TopicFilter(f.FilterSet):
    office = Slug("office__slug")
    active = f.BooleanFilter()

    class Meta:
        model = Topic
        fields: list[str] = []


class OfficeFilter(f.FilterSet):
    active = f.BooleanFilter()

    class Meta:
        model = Office
        fields: list[str] = []
