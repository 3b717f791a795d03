from django.db import models
from django.utils.translation import gettext_lazy as _

from channels_adapters.contract import Address, RawRequest
from contactcenter.accounts.models import ChannelAccount


class RawDelivery(models.Model):
    """One item exactly as it arrived, stored before anybody acknowledged or understood it."""

    class State(models.TextChoices):
        STORED = "stored", _("stored")
        PROCESSED = "processed", _("processed")
        FAILED = "failed", _("will be tried again")
        UNDELIVERABLE = "undeliverable", _("undeliverable")
        DISCARDED = "discarded", _("discarded")

    account = models.ForeignKey(ChannelAccount, models.PROTECT, related_name="deliveries")
    key = models.CharField(max_length=200)
    door = models.CharField(max_length=10)
    method = models.CharField(max_length=10)
    url = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    form = models.JSONField(default=dict)
    sender = models.JSONField(default=list)  # [scheme, value, name] where the door recognised somebody
    body = models.BinaryField()
    state = models.CharField(max_length=15, choices=State.choices, default=State.STORED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    outcomes = models.JSONField(default=list)
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True, blank=True)  # understood, or discarded by a person
    discarded_why = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("raw delivery")
        verbose_name_plural = _("raw deliveries")
        constraints = [models.UniqueConstraint(name="delivery_key_is_unique", fields=["account", "key"])]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], name="delivery_due", condition=models.Q(state__in=["stored", "failed"])
            ),
            models.Index(
                fields=["-received_at"], name="delivery_undeliverable", condition=models.Q(state="undeliverable")
            ),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"

    @property
    def raw(self) -> RawRequest:
        return RawRequest(
            door=self.door,  # type: ignore[arg-type]  # stored from a Door
            method=self.method,
            url=self.url,
            headers=self.headers,
            form=self.form,
            body=bytes(self.body),
            sender=Address(*self.sender) if self.sender else None,
        )
