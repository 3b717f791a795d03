"""The browsers that may be called."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class PushDevice(models.Model):
    """One browser of one person, as its push service gave it to us. https://www.rfc-editor.org/rfc/rfc8291"""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="push_devices")
    mark = models.CharField(max_length=64, unique=True)  # SHA-256 of the address
    address = models.URLField(max_length=1000)
    public_key = models.CharField(max_length=120)  # of the browser, base64url
    secret = models.CharField(max_length=40)  # shared with the browser, base64url
    session = models.CharField(max_length=64)  # SHA-256 of the key it signed in with: signing out there ends it
    language = models.CharField(max_length=8)
    made_at = models.DateTimeField()
    reached_at = models.DateTimeField(null=True, blank=True)  # when the push service last took something for it

    class Meta:
        verbose_name = _("device to be called")
        verbose_name_plural = _("devices to be called")
        indexes = [models.Index(fields=["session"], name="push_device_session")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(address__startswith="https://"), name="push_device_address_is_encrypted"
            )
        ]

    def __str__(self) -> str:
        return f"device {self.pk}"
