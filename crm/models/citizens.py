import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Citizen(models.Model):
    """A person or body who turns to the administration. A name alone: addresses are contact points."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=8, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("citizen")
        verbose_name_plural = _("citizens")
        indexes = [models.Index(fields=["-created_at", "-id"], name="citizen_newest")]

    def __str__(self) -> str:
        return f"citizen {self.public_id}"  # never the name: this ends up in logs

    @property
    def display_name(self) -> str:
        """The name they gave, else a number that tells two visitors apart."""
        return self.name or _("Visitor %(number)04d") % {"number": self.pk % 10_000}


class ContactPoint(models.Model):
    """An address in a scheme. Claimed by whoever uses it until somebody proved it is theirs."""

    class Status(models.TextChoices):
        CLAIMED = "claimed", _("claimed")
        VERIFIED = "verified", _("verified")

    citizen = models.ForeignKey(Citizen, models.CASCADE, null=True, blank=True, related_name="contact_points")
    scheme = models.CharField(max_length=80)
    value = models.CharField(max_length=320)
    name = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.CLAIMED)
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_how = models.CharField(max_length=80, blank=True)
    dead_since = models.DateTimeField(null=True, blank=True, help_text=_("The provider says nobody is there."))
    created_at = models.DateTimeField()
    # What comes from here until then is kept, but brings nobody work. The year 9999 = until somebody lifts it.
    blocked_until = models.DateTimeField(null=True, blank=True)
    blocked_why = models.CharField(max_length=200, blank=True)
    blocked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("contact point")
        verbose_name_plural = _("contact points")
        constraints = [
            models.UniqueConstraint(name="contact_point_is_unique", fields=["scheme", "value"]),
            models.CheckConstraint(
                name="contact_point_status_is_known", condition=models.Q(status__in=["claimed", "verified"])
            ),
            models.CheckConstraint(
                name="contact_point_verified_says_when_and_how",
                condition=models.Q(status="claimed", verified_at__isnull=True)
                | (models.Q(status="verified", verified_at__isnull=False) & ~models.Q(verified_how="")),
            ),
            models.CheckConstraint(
                name="contact_point_blocked_says_why_and_by_whom",
                condition=models.Q(blocked_until__isnull=True)
                | (models.Q(blocked_by__isnull=False) & ~models.Q(blocked_why="")),
            ),
            models.CheckConstraint(
                name="contact_point_has_an_address", condition=~models.Q(value="") & ~models.Q(scheme="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} contact point {self.pk}"

    @property
    def is_verified(self) -> bool:
        return self.status == self.Status.VERIFIED


class Representation(models.Model):
    """“Calls on behalf of”: one citizen acts for another, by a mandate, for a time."""

    representative = models.ForeignKey(Citizen, models.CASCADE, related_name="represents")
    represented = models.ForeignKey(Citizen, models.CASCADE, related_name="represented_by")
    mandate = models.CharField(max_length=200, help_text=_("Parent, guardian, delegate with deed number …"))
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("representation")
        verbose_name_plural = _("representations")
        constraints = [
            models.CheckConstraint(
                name="representation_is_of_somebody_else",
                condition=~models.Q(representative=models.F("represented")),
            ),
            models.CheckConstraint(
                name="representation_ends_after_it_begins",
                condition=models.Q(valid_until__isnull=True) | models.Q(valid_until__gte=models.F("valid_from")),
            ),
            models.UniqueConstraint(
                name="representation_is_recorded_once",
                fields=["representative", "represented", "mandate", "valid_from"],
            ),
        ]

    def __str__(self) -> str:
        return f"representation {self.pk}"
