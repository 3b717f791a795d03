"""Queues: everybody with a role reads which there are; administrators read and change everything that is set."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contactcenter.api import filters, shapes
from contactcenter.api.administered import IF_MATCH, Administered, ByName, all_named, named
from contactcenter.api.listing import Listing
from contactcenter.api.shapes import asked
from contactcenter.queues import checking, lines, wrap_up
from contactcenter.queues.models import Queue
from contactcenter.sla.models import OfficeCalendar
from crm.access import require
from crm.models import Office, Topic, User

S = serializers
ROWS = Queue.objects.select_related("office", "calendar", "overflow_to").prefetch_related("topics")
REQUIREMENTS = _('Such as: languages HAS "uk" AND level >= 3. A typo is answered with its place.')
TARGETS = _("By family: [80, 60] = 80 % answered within 60 s.")
LASTS = _("By family, in seconds, where it isn’t the usual: call 20, chat 30, written 300.")
TEXTS = _("greeting, waiting, closed, emergency; each by language.")
LONG = checking.LONGEST_WAIT


class Step(S.Serializer[Any]):
    after = S.IntegerField(min_value=1, max_value=LONG, help_text=_("Seconds."))
    requirements = S.CharField(max_length=checking.LONGEST_REQUIREMENTS, allow_blank=True)


class Outcome(S.Serializer[Any]):
    """What may have come of a contact. The key never changes; left away, it is made of the name."""

    key = S.SlugField(max_length=wrap_up.LONGEST_KEY, required=False)
    names = ByName(child=S.CharField(max_length=wrap_up.LONGEST_OUTCOME, allow_blank=True), help_text=_("By language."))


class Targets(ByName):
    def __init__(self, **more: Any) -> None:
        pair = S.ListField(child=S.IntegerField(min_value=1, max_value=LONG), min_length=2, max_length=2)
        super().__init__(child=pair, help_text=TARGETS, **more)


class OfferLasts(ByName):
    def __init__(self, **more: Any) -> None:
        least, most = checking.OFFER_LASTS
        super().__init__(child=S.IntegerField(min_value=least, max_value=most), help_text=LASTS, **more)


class Texts(ByName):
    def __init__(self, **more: Any) -> None:
        text = S.CharField(max_length=checking.LONGEST_TEXT, allow_blank=True)
        super().__init__(child=ByName(child=text), help_text=TEXTS, **more)


class QueueSettingsShape(shapes.QueueShape):
    topics = S.SerializerMethodField()
    calendar = S.SlugField(source="calendar.slug", allow_null=True, default=None)
    priority = S.IntegerField()
    mode = S.ChoiceField(Queue.Mode.choices)
    strategy = S.ChoiceField(Queue.Strategy.choices)
    sticky_seconds = S.IntegerField()
    requirements = S.CharField()
    steps = Step(many=True)
    ageing_seconds = S.IntegerField()
    targets = Targets()
    offer_lasts = OfferLasts()
    wrap_up_seconds = S.IntegerField()
    wrap_up_needs = S.ListField(child=S.ChoiceField(wrap_up.NEEDS))
    outcomes = Outcome(many=True)
    max_wait_seconds = S.IntegerField(allow_null=True)
    max_length = S.IntegerField(allow_null=True)
    overflow = S.ChoiceField(Queue.Overflow.choices, allow_blank=True)
    overflow_to = S.SlugField(source="overflow_to.slug", allow_null=True, default=None)
    texts = Texts()
    emergency = S.BooleanField()

    def get_topics(self, queue: Queue) -> list[str]:
        return [topic.slug for topic in queue.topics.all()]


class QueueChange(S.Serializer[Any]):
    name = S.CharField(max_length=120, required=False)
    office = S.SlugField(max_length=50, required=False)
    topics = S.ListField(child=S.SlugField(max_length=50), required=False, max_length=500)
    active = S.BooleanField(required=False)
    calendar = S.SlugField(max_length=50, required=False, allow_null=True, help_text=_("None: always open."))
    priority = S.IntegerField(min_value=-100, max_value=100, required=False)
    mode = S.ChoiceField(Queue.Mode.choices, required=False)
    strategy = S.ChoiceField(Queue.Strategy.choices, required=False)
    sticky_seconds = S.IntegerField(min_value=0, max_value=LONG, required=False)
    requirements = S.CharField(required=False, allow_blank=True, max_length=2000, help_text=REQUIREMENTS)
    steps = Step(many=True, required=False, help_text=_("In order of time; never about languages."))
    ageing_seconds = S.IntegerField(min_value=0, max_value=7 * checking.DAY, required=False)
    targets = Targets(required=False)
    offer_lasts = OfferLasts(required=False)
    wrap_up_seconds = S.IntegerField(min_value=0, max_value=checking.DAY, required=False)
    wrap_up_needs = S.ListField(child=S.ChoiceField(wrap_up.NEEDS), required=False, max_length=len(wrap_up.NEEDS))
    outcomes = Outcome(many=True, required=False, help_text=_("In their order; none: in one’s own words."))
    max_wait_seconds = S.IntegerField(min_value=1, max_value=LONG, required=False, allow_null=True)
    max_length = S.IntegerField(min_value=1, max_value=100_000, required=False, allow_null=True)
    overflow = S.ChoiceField(Queue.Overflow.choices, required=False, allow_blank=True)
    overflow_to = S.SlugField(max_length=50, required=False, allow_null=True)
    texts = Texts(required=False)


class NewQueue(QueueChange):
    slug = S.SlugField(max_length=50)
    name = S.CharField(max_length=120)
    office = S.SlugField(max_length=50)


class Switch(S.Serializer[Any]):
    on = S.BooleanField()
    texts = ByName(
        child=S.CharField(max_length=checking.LONGEST_TEXT, allow_blank=True), required=False,
        help_text=_("By language; left away: those of last time."),
    )  # fmt: skip


def _columns(given: dict[str, Any]) -> dict[str, Any]:
    """Names in a body become rows. Raises `ValidationError`."""
    rows: dict[str, QuerySet[Any]] = {
        "office": Office.objects.filter(active=True), "calendar": OfficeCalendar.objects.all(),
        "overflow_to": Queue.objects.filter(active=True),
    }  # fmt: skip
    found = {name: named(rows[name], name, given[name]) for name in rows if name in given}
    if "topics" in given:
        found["topics"] = all_named(Topic.objects.filter(active=True), "topics", given["topics"])
    return {**given, **found}


class Queues(Listing[Queue]):
    queryset = Queue.objects.select_related("office")
    serializer_class = shapes.QueueShape
    filterset_class = filters.QueueFilter

    def rows_for(self, person: User, rows: QuerySet[Queue]) -> QuerySet[Queue]:
        return rows

    @extend_schema(request=NewQueue, responses={201: QueueSettingsShape})
    def post(self, request: Request) -> Response:
        """Open a queue; what isn't given is as a new queue has it. For administrators."""
        require(self.person, "settings.change")
        made = lines.open(actor=self.person, **_columns(asked(NewQueue, request)))
        return Response(QueueSettingsShape(ROWS.get(pk=made.pk)).data, status=201)


class OneQueue(Administered[Queue]):
    kind = "queue"
    queryset = ROWS
    serializer_class = QueueSettingsShape

    def get(self, request: Request, slug: str) -> Response:
        """Everything that is set about a queue."""
        return self.shown(get_object_or_404(ROWS, slug=slug))

    @extend_schema(request=QueueChange, parameters=[IF_MATCH])
    def patch(self, request: Request, slug: str) -> Response:
        """Change what is given and nothing else. What waits is put in order anew where that changes."""
        given = _columns(asked(QueueChange, request))
        with self.as_read(Queue.objects.all(), slug, lambda: get_object_or_404(ROWS, slug=slug)) as queue:
            lines.change(queue=queue, actor=self.person, **given)
        return self.shown(get_object_or_404(ROWS, slug=slug))


class Emergency(Administered[Queue]):
    queryset = ROWS
    serializer_class = QueueSettingsShape

    @extend_schema(request=Switch)
    def post(self, request: Request, slug: str) -> Response:
        """On: no chat begins, and citizens read the emergency's text. Off: as before."""
        given, queue = asked(Switch, request), get_object_or_404(ROWS, slug=slug)
        lines.switch_emergency(queue=queue, on=given["on"], texts=given.get("texts"), actor=self.person)
        return self.shown(get_object_or_404(ROWS, slug=slug))
