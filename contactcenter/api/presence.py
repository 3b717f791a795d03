"""Who is there: reading it, setting one's own, and a manager setting somebody else's with a reason."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contactcenter.api.listing import Listing, Ours
from contactcenter.api.shapes import OwnerShape, asked
from contactcenter.queues import agents, break_reasons, colleagues, presence
from contactcenter.queues.models import Presence
from crm.access import require
from crm.models import User

S = serializers
ROWS = Presence.objects.select_related("user")


class PresenceShape(S.Serializer[Presence]):
    person = OwnerShape(source="user")
    status = S.ChoiceField(Presence.Status.choices, help_text=_("What the person chose."))
    reason = S.CharField()
    since = S.DateTimeField()
    break_after_this = S.CharField(source="break_next", allow_null=True, help_text=_("Reason of the break to come."))
    state = S.ChoiceField(Presence.Routing.choices, source="routing", help_text=_("What the house makes of it."))
    state_since = S.DateTimeField(source="routing_since", allow_null=True)


class OwnPresence(S.Serializer[Any]):
    status = S.ChoiceField(Presence.Status.choices)
    reason = S.SlugField(
        max_length=30, required=False, allow_blank=True, help_text=_("Of a break: one of those in use.")
    )
    after_this = S.BooleanField(required=False, help_text=_("With “away”: as soon as what is running has ended."))
    handover = S.ChoiceField(
        [(presence.KEEP, _("keep what is written")), (presence.RELEASE, _("give everything back"))], required=False,
        help_text=_("Needed to go offline with open work."),
    )  # fmt: skip

    def validate_reason(self, slug: str) -> str:
        if not break_reasons.is_offered(slug):
            raise S.ValidationError(_("No such reason for a break is in use. Choose another one."))
        return slug

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("after_this") and given["status"] != Presence.Status.AWAY:
            raise S.ValidationError({"after_this": [_("Only a break can begin after this one. Send “away”.")]})
        return given


class ForcedPresence(S.Serializer[Any]):
    status = S.ChoiceField(Presence.Status.choices)
    why = S.CharField(max_length=200, help_text=_("They will read it."))


class Presences(Listing[Presence]):
    """Everybody who takes contacts in one's own offices and was ever there."""

    queryset = ROWS
    serializer_class = PresenceShape

    def rows_for(self, person: User, rows: QuerySet[Presence]) -> QuerySet[Presence]:
        require(person, "presence.set")
        return rows.filter(user__in=_here(person).order_by().values("pk"))


class MyPresence(Ours[Presence]):
    queryset = ROWS
    serializer_class = PresenceShape

    def get(self, request: Request) -> Response:
        """One's own."""
        require(self.person, "presence.set")
        never = Presence(user=self.person, since=self.person.date_joined)
        return self.shown(ROWS.filter(user=self.person).first() or never)

    @extend_schema(request=OwnPresence)
    def put(self, request: Request) -> Response:
        """Be available, on a break or offline. 409 where open work wants a hand-over first."""
        given = asked(OwnPresence, request)
        reason = given.get("reason", "")
        if given.get("after_this"):
            presence.break_after_this(user=self.person, reason=reason)
        else:
            presence.change(user=self.person, status=given["status"], reason=reason, handover=given.get("handover", ""))
        return self.shown(ROWS.get(user=self.person))


class OnePresence(Ours[Presence]):
    queryset = ROWS
    serializer_class = PresenceShape

    @extend_schema(request=ForcedPresence)
    def put(self, request: Request, id: UUID) -> Response:
        """Set somebody else's, with a reason. For managers."""
        require(self.person, "presence.force")
        given = asked(ForcedPresence, request)
        user = get_object_or_404(_here(self.person), public_id=id)
        presence.force(user=user, status=given["status"], reason=given["why"], actor=self.person)
        return self.shown(ROWS.get(user=user))


def _here(person: User) -> QuerySet[User]:
    """Who takes contacts in the offices this person reads; the others aren't there for them."""
    return agents.who_may_take_contacts().filter(pk__in=colleagues.seen_by(person).values("pk"), is_active=True)
