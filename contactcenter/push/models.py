"""The devices that somebody wants to be told on."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class PushSubscription(models.Model):
    """One browser on one device. `endpoint` is whatever address a browser gave us: only `sending` may post to it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="push_subscriptions")
    endpoint = models.CharField(max_length=1000)
    mark = models.CharField(max_length=64, unique=True)  # of the endpoint: SHA-256, hex
    device = models.CharField(max_length=64)  # SHA-256 (hex) of the cookie by which this browser is known again
    p256dh = models.CharField(max_length=90)  # the browser's public key, base64url
    auth = models.CharField(max_length=24)  # its secret for this subscription, base64url
    made_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)  # when the push service last took something

    class Meta:
        verbose_name = _("push subscription")
        verbose_name_plural = _("push subscriptions")
        indexes = [models.Index(fields=["device"], name="push_device")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(endpoint__startswith="https://"), name="push_endpoint_is_encrypted"
            ),
        ]

    def __str__(self) -> str:
        return f"push subscription {self.pk}"
