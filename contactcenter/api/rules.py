"""Rules from contact to queue, their order, and trying them out."""

from contextlib import AbstractContextManager
from typing import Any, cast

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contactcenter.accounts.models import ChannelAccount
from contactcenter.administration.pages import rule_trial
from contactcenter.api.administered import IF_MATCH, Administered, AdministeredList, Sayable, named
from contactcenter.api.filters import EARLIEST, LATEST
from contactcenter.api.shapes import asked
from contactcenter.queues import rules
from contactcenter.queues.models import Queue, RoutingRule
from contactcenter.routing.rules import CITIZENS
from crm.models import Topic

S = serializers
ROWS = RoutingRule.objects.select_related("queue")
LARGEST_ID = 2**63 - 1
CONDITIONS = _('Such as {"words": ["rimbors*"], "hours": [{"days": ["sat"], "from": "08:00", "to": "13:00"}]}.')


class RuleShape(S.Serializer[RoutingRule]):
    id = S.IntegerField()
    position = S.IntegerField(help_text=_("The lowest is asked first."))
    name = S.CharField()
    account = S.CharField(help_text=_("Empty: all channels."))
    conditions = S.JSONField(help_text=CONDITIONS)
    queue = S.SlugField(source="queue.slug", allow_null=True, default=None)
    requirements = S.CharField()
    priority = S.IntegerField()
    active = S.BooleanField()


class RuleChange(S.Serializer[Any]):
    name = S.CharField(max_length=120, required=False)
    account = S.SlugField(max_length=50, required=False, allow_blank=True)
    conditions = Sayable(required=False, help_text=CONDITIONS)
    queue = S.SlugField(max_length=50, required=False, allow_null=True)
    requirements = S.CharField(max_length=2000, required=False, allow_blank=True)
    priority = S.IntegerField(min_value=-100, max_value=100, required=False)
    active = S.BooleanField(required=False)


class NewRule(RuleChange):
    name = S.CharField(max_length=120)


class Order(S.Serializer[Any]):
    ids = S.ListField(child=S.IntegerField(min_value=1, max_value=LARGEST_ID), max_length=1000)


class OrderedShape(S.Serializer[Any]):
    results = RuleShape(many=True)


class Attempt(S.Serializer[Any]):
    account = S.SlugField(max_length=50)
    topic = S.SlugField(max_length=50, required=False, allow_null=True)
    language = S.CharField(max_length=8, required=False, allow_blank=True)
    words = S.CharField(max_length=10_000, required=False, allow_blank=True)
    citizen = S.ChoiceField(CITIZENS, required=False)
    at = S.DateTimeField(required=False)

    def validate_at(self, at: Any) -> Any:
        if not EARLIEST < at < LATEST:
            raise S.ValidationError(_("Enter an instant such as 2026-11-23T10:00:00Z."))
        return at


class OtherShape(S.Serializer[Any]):
    name = S.CharField()
    why = S.CharField()


class TrialShape(S.Serializer[Any]):
    steps = S.ListField(child=S.CharField())
    queue = S.CharField()
    requirements = S.CharField()
    language = S.CharField()
    priority = S.IntegerField()
    asked = S.ListField(child=S.CharField(), help_text=_("Who would be asked now, in this order."))
    others = OtherShape(many=True)


def _columns(given: dict[str, Any]) -> dict[str, Any]:
    if "queue" in given:
        given["queue"] = named(Queue.objects.all(), "queue", given["queue"])
    return given


class Rules(AdministeredList[RoutingRule]):
    """All of them, the newest first; `position` says in which order they are asked."""

    queryset = ROWS
    serializer_class = RuleShape

    @extend_schema(request=NewRule, responses={201: RuleShape})
    def post(self, request: Request) -> Response:
        """Make a rule; it is asked last until the order is changed."""
        return self.shown(rules.create(actor=self.person, **_columns(asked(NewRule, request))), status=201)


class OneRule(Administered[RoutingRule]):
    kind = "rule"
    queryset = ROWS
    serializer_class = RuleShape

    def get(self, request: Request, id: int) -> Response:
        """One rule."""
        return self.shown(_rule(id))

    @extend_schema(request=RuleChange, parameters=[IF_MATCH])
    def patch(self, request: Request, id: int) -> Response:
        """Change what is given and nothing else. Conditions are replaced as a whole."""
        given = _columns(asked(RuleChange, request))
        with self._as_read(id) as rule:
            rules.change(rule=rule, actor=self.person, **given)
        return self.shown(rule)

    @extend_schema(responses={204: None}, parameters=[IF_MATCH])
    def delete(self, request: Request, id: int) -> Response:
        """What it led to its queue stays there."""
        with self._as_read(id) as rule:
            rules.remove(rule=rule, actor=self.person)
        return Response(status=204)

    def _as_read(self, pk: int) -> AbstractContextManager[RoutingRule]:
        rows = RoutingRule.objects.filter(pk=min(pk, LARGEST_ID))
        return self.as_read(rows, pk, lambda: _rule(pk))


def _rule(pk: int) -> RoutingRule:
    return get_object_or_404(ROWS, pk=min(pk, LARGEST_ID))


class RuleOrder(Administered[RoutingRule]):
    queryset = ROWS
    serializer_class = OrderedShape

    @extend_schema(request=Order)
    def put(self, request: Request) -> Response:
        """All ids, the first to be asked first. 409 where they aren't those there are now."""
        rules.reorder(ids=asked(Order, request)["ids"], actor=self.person)
        return self.shown({"results": ROWS.all()})


class TryRules(Administered[RoutingRule]):
    queryset = ROWS
    serializer_class = TrialShape
    reads = True

    @extend_schema(request=Attempt, responses=TrialShape)
    def post(self, request: Request) -> Response:
        """What would become of a contact, step by step, and who would be asked. Nothing is kept."""
        given = asked(Attempt, request)
        account = cast(  # a name was given
            ChannelAccount, named(ChannelAccount.objects.select_related("queue"), "account", given["account"])
        )
        trial = rule_trial.tried(
            account=account, at=given.get("at") or timezone.now(), words=given.get("words", ""),
            topic=named(Topic.objects.filter(active=True), "topic", given.get("topic")),
            language=given.get("language", ""), citizen=given.get("citizen", "known"),
        )  # fmt: skip
        others = [{"name": name, "why": why} for name, why in trial.others]
        return Response({**vars(trial), "others": others})
