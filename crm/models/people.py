import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.organisation import Office


class User(AbstractUser):
    """Somebody who works here. What they may see and do is in their grants, never in a flag of the user."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    language = models.CharField(max_length=8, default="it")
    is_demo = models.BooleanField(default=False, help_text=_("Made by the demo seed; production refuses to start."))

    @property
    def display_name(self) -> str:
        return self.get_full_name() or self.username

    @property
    def initials(self) -> str:
        parts = self.display_name.split()
        return "".join(part[0] for part in parts[:2]).upper()


class Role(models.TextChoices):
    AGENT = "agent", _("agent")
    BACK_OFFICE = "back-office", _("back office")
    MANAGER = "manager", _("manager")
    ADMINISTRATOR = "administrator", _("administrator")


class Grant(models.Model):
    """A role of a person, in one office or in all (`office` empty), in one queue of it or in all (`queue` empty)."""

    Role = Role

    user = models.ForeignKey(User, models.CASCADE, related_name="grants")
    role = models.CharField(max_length=20, choices=Role.choices)
    office = models.ForeignKey(Office, models.CASCADE, null=True, blank=True, related_name="grants")
    queue = models.SlugField(max_length=50, blank=True, default="", help_text=_("Slug of a queue; empty = all."))

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = [
            models.UniqueConstraint(
                name="grant_is_given_once",
                fields=["user", "role", "office", "queue"],
                condition=models.Q(office__isnull=False),
            ),
            # A null office is never equal to another one: everywhere needs a rule of its own.
            models.UniqueConstraint(
                name="grant_for_all_offices_is_given_once",
                fields=["user", "role", "queue"],
                condition=models.Q(office__isnull=True),
            ),
            models.CheckConstraint(name="grant_role_is_known", condition=models.Q(role__in=Role.values)),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}:{self.role}"
