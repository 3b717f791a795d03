from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from channels_adapters.contract import Address
from contactcenter.accounts.models import ChannelAccount

SCHEME = "visitor"


class VisitorSession(models.Model):
    """A browser that wrote to one account, without saying who sits there. The token itself is never stored."""

    visitor = models.CharField(max_length=40, unique=True)  # value of the address in the scheme “visitor”
    account = models.ForeignKey(ChannelAccount, models.CASCADE, related_name="visitor_sessions")
    token_hash = models.CharField(max_length=64, unique=True)
    previous_hash = models.CharField(max_length=64, blank=True)  # still good for a while: other tabs hold it
    previous_until = models.DateTimeField(null=True, blank=True)
    language = models.CharField(max_length=8, blank=True)
    page = models.CharField(max_length=300, blank=True)  # origin and path where it began; no query
    created_at = models.DateTimeField()
    rotated_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)  # last sign of an open page, while it has a conversation
    ended_at = models.DateTimeField(null=True, blank=True)  # the citizen ended the conversation
    asked_at = models.DateTimeField(null=True, blank=True)  # we asked whether the citizen is still there
    stirred_at = models.DateTimeField(null=True, blank=True)  # they began to write after that
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("visitor session")
        verbose_name_plural = _("visitor sessions")
        indexes = [
            models.Index(
                fields=["previous_hash"], name="visitor_previous_token", condition=~models.Q(previous_hash="")
            ),
            models.Index(fields=["expires_at"], name="visitor_expires"),
            models.Index(fields=["seen_at"], name="visitor_seen", condition=models.Q(seen_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                name="visitor_previous_token_says_until_when",
                condition=models.Q(previous_hash="", previous_until__isnull=True)
                | (~models.Q(previous_hash="") & models.Q(previous_until__isnull=False)),
            )
        ]

    def __str__(self) -> str:
        return f"visitor session {self.pk}"

    @property
    def address(self) -> Address:
        return Address(SCHEME, self.visitor)
