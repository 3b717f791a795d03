from django.conf import settings
from django.db import models

from crm.models.cases import Case
from crm.models.interactions import Interaction


class Event(models.Model):
    """A fact, written in the transaction of the change it tells. Append-only; every figure is computed from these."""

    name = models.CharField(max_length=60)  # "interaction.queued", "message.delivered" …
    at = models.DateTimeField()
    interaction = models.ForeignKey(Interaction, models.CASCADE, null=True, blank=True, related_name="events")
    case = models.ForeignKey(Case, models.CASCADE, null=True, blank=True, related_name="events")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    queue = models.SlugField(max_length=50, blank=True, db_index=False)
    account = models.SlugField(max_length=50, blank=True, db_index=False)
    data = models.JSONField(default=dict, blank=True)  # numbers, slugs and public ids; no words of citizens
    quiet = models.BooleanField(default=False)  # changes nothing in the line of its queue: screens of the line stay

    class Meta:
        indexes = [
            models.Index(fields=["queue", "-id"], name="event_of_queue"),
            models.Index(fields=["queue", "-id"], name="event_of_line", condition=models.Q(quiet=False)),
            models.Index(fields=["name", "at"], name="event_name_at"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"


class AuditEntry(models.Model):
    """Who did or read what about whom, when and why. Sealed into a hash chain within seconds (`audit.seal`)."""

    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    actor_label = models.CharField(max_length=80)  # user name or "system", "program:<name>": survives the user
    action = models.CharField(max_length=60)  # "interaction.read", "case.closed" …
    subject = models.CharField(max_length=80)  # "interaction:<public id>"
    citizen = models.UUIDField(null=True, blank=True, db_index=True)  # public id: whose
    purpose = models.CharField(max_length=200, blank=True)
    data = models.JSONField(default=dict, blank=True)
    position = models.PositiveBigIntegerField(null=True, blank=True, unique=True)  # place in the chain
    previous = models.CharField(max_length=64, blank=True)
    seal = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["subject", "-id"], name="audit_of_subject"),
            models.Index(fields=["id"], name="audit_unsealed", condition=models.Q(position__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(
                name="audit_seal_goes_with_its_position",
                condition=models.Q(position__isnull=True, seal="")
                | (models.Q(position__isnull=False) & ~models.Q(seal="")),
            )
        ]

    def __str__(self) -> str:
        return f"audit {self.pk}"


class AuditHead(models.Model):
    """The end of the chain, one row: cutting entries off the end shows too."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    position = models.PositiveBigIntegerField(default=0)
    seal = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="audit_has_one_head", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return f"audit head at {self.position}"
