import uuid

from django.db import models

from contactcenter.accounts.models import ChannelAccount
from crm.models import Message


class OutboxItem(models.Model):
    """One thing to hand to a provider: a message, or a letter (`payload`) that belongs to no conversation.

    The row is the guarantee: a broker only hints at it. `lease` is the fencing token of the worker that has it.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        LEASED = "leased"
        DONE = "done"
        FAILED = "failed"
        WITHDRAWN = "withdrawn"  # taken back before anybody had it
        UNKNOWN = "unknown"  # perhaps sent: looked up where the channel can, else a person decides

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(ChannelAccount, models.PROTECT, null=True, blank=True, related_name="outbox")
    message = models.OneToOneField(Message, models.CASCADE, null=True, blank=True, related_name="outbox_item")
    payload = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    lease = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_attempt_at"], name="outbox_waiting", condition=models.Q(state="waiting")),
            models.Index(fields=["leased_until"], name="outbox_leased", condition=models.Q(state="leased")),
        ]
        constraints = [
            models.CheckConstraint(
                name="outbox_lease_goes_with_its_state",
                condition=models.Q(state="leased", lease__isnull=False, leased_until__isnull=False)
                | (~models.Q(state="leased") & models.Q(leased_until__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"outbox item {self.key}"


class EarlyUpdate(models.Model):
    """A provider's word about a message we don't know yet: it overtook our own receipt. Matched when that is stored."""

    account = models.SlugField(max_length=50)
    external_id = models.CharField(max_length=500)
    state = models.CharField(max_length=10)
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["account", "external_id"], name="early_update_match")]

    def __str__(self) -> str:
        return f"early update {self.pk}"
