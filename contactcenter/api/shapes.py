"""What a program sees of our rows, and what it may send. Also the source of the OpenAPI schema."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from contactcenter.calls.models import Callback
from contactcenter.queues.models import WorkItem
from crm.models import Case, Citizen, ContactPoint, Interaction, Message

S = serializers
LONGEST_TEXT = 100_000


class ContactPointShape(S.Serializer[ContactPoint]):
    scheme = S.CharField(help_text=_("mailto, tel, visitor, external.<account> …"))
    value = S.CharField()
    name = S.CharField()
    status = S.ChoiceField(ContactPoint.Status.choices)
    verified_at = S.DateTimeField(allow_null=True)
    dead_since = S.DateTimeField(allow_null=True)


class ContactPointOfShape(ContactPointShape):
    citizen = S.UUIDField(source="citizen.public_id", allow_null=True, default=None)


class Search(S.Serializer[Any]):
    scheme = S.CharField(max_length=80)
    value = S.CharField(max_length=320)


class FoundShape(S.Serializer[Any]):
    results = ContactPointOfShape(many=True)


class CitizenShape(S.Serializer[Citizen]):
    id = S.UUIDField(source="public_id")
    name = S.CharField()
    language = S.CharField()
    created_at = S.DateTimeField()
    contact_points = ContactPointShape(many=True)


class CitizenChange(S.Serializer[Any]):
    name = S.CharField(max_length=200)


class CaseShape(S.Serializer[Case]):
    id = S.UUIDField(source="public_id")
    number = S.CharField()
    subject = S.CharField()
    status = S.ChoiceField(Case.Status.choices)
    confidentiality = S.ChoiceField(Case.Confidentiality.choices)
    office = S.SlugField(source="office.slug")
    topic = S.SlugField(source="topic.slug", allow_null=True, default=None)
    citizen = S.UUIDField(source="citizen.public_id", allow_null=True, default=None)
    owner = S.UUIDField(source="owner.public_id", allow_null=True, default=None)
    level = S.IntegerField()
    priority = S.IntegerField()
    opened_at = S.DateTimeField()
    closed_at = S.DateTimeField(allow_null=True)
    legal_due_at = S.DateTimeField(allow_null=True)
    norm_due_at = S.DateTimeField(allow_null=True)
    version = S.IntegerField()


class NewCase(S.Serializer[Any]):
    subject = S.CharField(max_length=300)
    office = S.SlugField(max_length=50)
    topic = S.SlugField(max_length=50, required=False)
    citizen = S.UUIDField(required=False)


class CaseChange(S.Serializer[Any]):
    subject = S.CharField(max_length=300, required=False)
    priority = S.IntegerField(min_value=1, max_value=5, required=False)
    topic = S.SlugField(max_length=50, required=False)
    status = S.ChoiceField(Case.Status.choices, required=False)
    reason = S.CharField(max_length=200, required=False, help_text=_("Kept in the audit."))
    version = S.IntegerField(
        min_value=0, max_value=2**31 - 1, required=False, help_text=_("Or If-Match: 409 if it moved.")
    )


class AttachmentShape(S.Serializer[Any]):
    id = S.UUIDField(source="public_id")
    name = S.CharField()
    size = S.IntegerField()
    content_type = S.CharField()
    scan = S.CharField()


class MessageShape(S.Serializer[Message]):
    id = S.UUIDField(source="public_id")
    interaction = S.UUIDField(source="interaction.public_id")
    seq = S.IntegerField()
    direction = S.ChoiceField(Message.Direction.choices)
    state = S.ChoiceField(Message.State.choices)
    state_reason = S.CharField()
    author_name = S.CharField()
    subject = S.CharField()
    text = S.CharField()
    quoted = S.CharField()
    automatic = S.CharField()
    client_id = S.CharField()
    external_id = S.CharField()
    created_at = S.DateTimeField()
    attachments = AttachmentShape(many=True)


class NewMessage(S.Serializer[Any]):
    kind = S.ChoiceField([("reply", _("to the citizen")), ("note", _("internal note"))])
    text = S.CharField(max_length=LONGEST_TEXT)
    client_id = S.CharField(max_length=100, required=False, help_text=_("Or Idempotency-Key: a repeat is one message."))
    version = S.IntegerField(
        min_value=0, max_value=2**31 - 1, required=False, help_text=_("Or If-Match: 409 if it moved.")
    )


class CallbackShape(S.Serializer[Callback]):
    number = S.CharField(help_text="E.164")
    language = S.CharField()
    state = S.ChoiceField(Callback.State.choices)
    queue = S.SlugField(source="queue.slug", help_text=_("Where it was promised."))
    since = S.DateTimeField(help_text=_("Since when the citizen waits: the place that is kept."))
    asked_at = S.DateTimeField()
    not_before = S.DateTimeField(help_text=_("The next try."))
    tries = S.IntegerField()
    result = S.ChoiceField(Callback.Result.choices, allow_blank=True, help_text=_("Of the last try."))
    tried_at = S.DateTimeField(allow_null=True)
    ended_at = S.DateTimeField(allow_null=True)


class InteractionShape(S.Serializer[Interaction]):
    id = S.UUIDField(source="public_id")
    account = S.CharField()
    family = S.CharField()
    status = S.ChoiceField(Interaction.Status.choices)
    subject = S.CharField()
    preview = S.CharField()
    language = S.CharField()
    queue = S.CharField()
    office = S.SlugField(source="office.slug")
    topic = S.SlugField(source="topic.slug", allow_null=True, default=None)
    citizen = S.UUIDField(source="citizen.public_id", allow_null=True, default=None)
    case = S.UUIDField(source="case.public_id", allow_null=True, default=None)
    contact_point = ContactPointShape(allow_null=True)
    opened_at = S.DateTimeField()
    closed_at = S.DateTimeField(allow_null=True)
    last_message_at = S.DateTimeField(allow_null=True)
    awaiting_reply_since = S.DateTimeField(allow_null=True)
    last_seq = S.IntegerField()
    version = S.IntegerField()
    callback = S.SerializerMethodField(help_text=_("The newest call that was promised here."))

    @extend_schema_field(CallbackShape(allow_null=True))
    def get_callback(self, interaction: Interaction) -> dict[str, Any] | None:
        newest = max(interaction.callbacks.all(), key=lambda promise: promise.pk, default=None)
        return dict(CallbackShape(newest).data) if newest is not None else None


class OwnerShape(S.Serializer[Any]):
    id = S.UUIDField(source="public_id")
    name = S.CharField(source="display_name")


class WorkItemShape(S.Serializer[WorkItem]):
    interaction = S.UUIDField(source="interaction.public_id")
    queue = S.SlugField(source="queue.slug")
    family = S.CharField()
    state = S.ChoiceField(WorkItem.State.choices)
    priority = S.IntegerField()
    owner = OwnerShape(allow_null=True)
    queued_at = S.DateTimeField()
    claimed_at = S.DateTimeField(allow_null=True)
    ended_at = S.DateTimeField(allow_null=True)
    outcome = S.CharField(help_text=_("The key of one of its queue’s, or words."))
    unfilled = S.BooleanField(help_text=_("The clock ended it before what its queue wants to know was said."))
    version = S.IntegerField(source="interaction.version")


class FillingIn(S.Serializer[Any]):
    outcome = S.CharField(
        max_length=80, required=False, allow_blank=True, help_text=_("The key of one of its queue’s, or words.")
    )
    topic = S.SlugField(max_length=50, required=False, allow_blank=True)
    note = S.CharField(
        max_length=LONGEST_TEXT,
        required=False,
        allow_blank=True,
        help_text=_("For colleagues; the citizen doesn’t see it."),
    )


class Closing(FillingIn):
    version = S.IntegerField(
        min_value=0, max_value=2**31 - 1, required=False, help_text=_("Or If-Match: 409 if it moved.")
    )


class QueueShape(S.Serializer[Any]):
    slug = S.SlugField()
    name = S.CharField()
    office = S.SlugField(source="office.slug")
    active = S.BooleanField()


class TopicShape(S.Serializer[Any]):
    slug = S.SlugField()
    name = S.CharField()
    office = S.SlugField(source="office.slug")
    legal_days = S.IntegerField(allow_null=True)
    norm_days = S.IntegerField(allow_null=True)
    active = S.BooleanField()


class OfficeShape(S.Serializer[Any]):
    slug = S.SlugField()
    name = S.CharField()
    active = S.BooleanField()


def asked(shape: type[S.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The checked body. Raises `ValidationError`, for an unknown field too: a slip would lose what was meant."""
    serializer = shape(data=request.data)
    serializer.is_valid(raise_exception=True)
    unknown = sorted(set(request.data) - set(serializer.fields))
    if unknown:
        known = ", ".join(serializer.fields)
        raise S.ValidationError(
            {unknown[0][:40]: [_("This field is not known here. Known: %(names)s.") % {"names": known}]}
        )
    return dict(serializer.validated_data)


def based_on(request: Request, body: dict[str, Any]) -> int | None:
    """The version the caller acts on: `version` in the body, else If-Match; None = whatever it is now."""
    given = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if "version" in body:
        return int(body["version"])
    if not given or given == "*":
        return None
    if not (given.isascii() and given.isdecimal() and len(given) <= 10):
        raise S.ValidationError({"If-Match": [_('Must be a version as read before, such as "14".')]})
    return int(given)
