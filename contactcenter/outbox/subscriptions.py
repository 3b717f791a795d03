from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Event, Office


class WebhookSubscription(models.Model):
    """A program that wants to be told of facts. How far it was told: see `webhooks.feed`."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80)
    url = models.CharField(max_length=500)
    secret = models.TextField()  # sealed
    events = models.JSONField(default=list)  # patterns: "message.received", "case.*", "*"
    office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="+", help_text=_("Only its facts; empty = all.")
    )
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    settled_id = models.PositiveBigIntegerField(default=0)  # every event up to here was looked at
    head_id = models.PositiveBigIntegerField(default=0)  # the newest event at `head_seen_at`
    head_seen_at = models.DateTimeField()
    busy_until = models.DateTimeField(null=True, blank=True)  # one worker at a time delivers
    trouble = models.CharField(max_length=300, blank=True)
    trouble_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("webhook subscription")
        verbose_name_plural = _("webhook subscriptions")

    def __str__(self) -> str:
        return f"webhook subscription {self.public_id}"


class WebhookDelivery(models.Model):
    """One fact for one subscriber. `key` is the same at every attempt, so a repeat is recognised on the other side."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("delivered")
        DEAD = "dead", _("given up")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subscription = models.ForeignKey(WebhookSubscription, models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(Event, models.CASCADE, related_name="+")
    body = models.JSONField()  # names, instants and public ids: nobody's words
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        constraints = [
            models.UniqueConstraint(name="webhook_tells_a_fact_once", fields=["subscription", "event"]),
            models.CheckConstraint(
                name="webhook_delivery_ended_says_when",
                condition=models.Q(state="waiting", done_at__isnull=True)
                | (~models.Q(state="waiting") & models.Q(done_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["subscription", "next_attempt_at"], name="webhook_due", condition=models.Q(state="waiting")
            ),
            models.Index(fields=["done_at"], name="webhook_done_at", condition=~models.Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"webhook delivery {self.key}"
