from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ApiToken(models.Model):
    """A program's key to /api/v1. It acts as its user, whose grants decide; the key is shown once and not kept."""

    class Scope(models.TextChoices):
        READ = "read", _("read")
        WRITE = "write", _("read and write")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80, help_text=_("Which program uses it."))
    prefix = models.CharField(max_length=12, unique=True)  # the part that may be shown: finds the row, proves nothing
    digest = models.CharField(max_length=64)  # SHA-256: 256 random bits need no slow hash
    scope = models.CharField(max_length=5, choices=Scope.choices, default=Scope.READ)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)  # to the minute
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = [
            models.CheckConstraint(name="api_token_scope_is_known", condition=models.Q(scope__in=["read", "write"])),
        ]

    def __str__(self) -> str:
        return f"API token {self.prefix}"

    @property
    def is_valid(self) -> bool:
        unexpired = self.expires_at is None or self.expires_at > timezone.now()
        return self.revoked_at is None and unexpired and self.user.is_active


class IdempotentRequest(models.Model):
    """What a program already made under a key of its own: asked again, it gets the same thing back."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)  # SHA-256 of what was asked
    made = models.UUIDField()  # public id of what came of it
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="idempotency_key_is_unique", fields=["user", "key"])]
        indexes = [models.Index(fields=["created_at"], name="idempotent_request_age")]

    def __str__(self) -> str:
        return f"idempotent request {self.pk}"
