"""Calendars that queues share: for programs of those who may change the settings."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contactcenter.api.administered import IF_MATCH, Administered, AdministeredList
from contactcenter.api.shapes import asked
from contactcenter.sla import office_calendars
from contactcenter.sla.checking import MOST_DAYS, MOST_SPANS, Wrong
from contactcenter.sla.models import OfficeCalendar

S = serializers
WEEK = _("By day, mon to sun: [[“08:30”, “13:00”]] in local wall time; 22:00 to 06:00 ends on the next morning.")
SPECIAL = _("By date; they win over holidays and the week. An empty list: closed that day.")
COUNTRY = _("Country whose public holidays are kept, ISO 3166 alpha-2. Empty: none.")
PART = _("Part of that country with days of its own: RM is Rome.")
ZONE = _("IANA, such as Europe/Rome.")


class ByDay(S.DictField):
    """Spans by day. What a day may be called is checked with the rest; here only that it can be said in an answer."""

    def __init__(self, **more: Any) -> None:
        span = S.ListField(child=S.CharField(max_length=20, allow_blank=True), min_length=2, max_length=2)
        super().__init__(child=S.ListField(child=span, max_length=MOST_SPANS), **more)

    def to_internal_value(self, data: Any) -> dict[Any, Any]:
        if isinstance(data, dict) and not all(key.isprintable() for key in data):
            raise S.ValidationError([_("The name of a day must be printable.")])
        return super().to_internal_value(data)


class ClosedDays(S.ListField):
    def __init__(self, **more: Any) -> None:
        super().__init__(child=S.CharField(max_length=10), max_length=MOST_DAYS, **more)


class CalendarShape(S.Serializer[OfficeCalendar]):
    slug = S.SlugField()
    name = S.CharField()
    zone = S.CharField(help_text=ZONE)
    week = ByDay(help_text=WEEK)
    holidays = S.CharField(help_text=COUNTRY)
    subdivision = S.CharField(help_text=PART)
    closed_days = ClosedDays()
    special_hours = ByDay(help_text=SPECIAL)


class CalendarChange(S.Serializer[Any]):
    name = S.CharField(max_length=120, required=False)
    zone = S.CharField(max_length=64, required=False, help_text=ZONE)
    week = ByDay(required=False, help_text=WEEK)
    holidays = S.CharField(max_length=20, required=False, allow_blank=True, help_text=COUNTRY)
    subdivision = S.CharField(max_length=40, required=False, allow_blank=True, help_text=PART)
    closed_days = ClosedDays(required=False)
    special_hours = ByDay(required=False, help_text=SPECIAL)


class NewCalendar(CalendarChange):
    slug = S.SlugField(max_length=50)
    name = S.CharField(max_length=120)
    zone = S.CharField(max_length=64, help_text=ZONE)


class Calendars(AdministeredList[OfficeCalendar]):
    """When offices are open."""

    queryset = OfficeCalendar.objects.all()
    serializer_class = CalendarShape

    @extend_schema(request=NewCalendar, responses={201: CalendarShape})
    def post(self, request: Request) -> Response:
        """Make a calendar. What isn't given is empty: without hours it never opens."""
        given = asked(NewCalendar, request)
        try:
            made = office_calendars.create(actor=self.person, **given)
        except Wrong as error:
            raise S.ValidationError(error.faults) from None
        return self.shown(made, status=201)


class OneCalendar(Administered[OfficeCalendar]):
    queryset = OfficeCalendar.objects.all()
    serializer_class = CalendarShape
    kind = "calendar"

    def get(self, request: Request, slug: str) -> Response:
        """One calendar."""
        return self.shown(get_object_or_404(OfficeCalendar, slug=slug))

    @extend_schema(request=CalendarChange, parameters=[IF_MATCH])
    def patch(self, request: Request, slug: str) -> Response:
        """Change what is given and nothing else. A week is replaced as a whole."""
        given, rows = asked(CalendarChange, request), OfficeCalendar.objects.filter(slug=slug)
        try:
            with self.as_read(rows, slug, lambda: get_object_or_404(OfficeCalendar, slug=slug)) as calendar:
                office_calendars.change(calendar=calendar, actor=self.person, **given)
        except Wrong as error:
            raise S.ValidationError(error.faults) from None
        return self.shown(calendar)
