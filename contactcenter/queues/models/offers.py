"""What is being offered to whom, and what became of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contactcenter.queues.models.work import WorkItem


class Offer(models.Model):
    """One question to one person: will you take this? Accepting is a conditional update on `pending` and not expired."""

    class State(models.TextChoices):
        PENDING = "pending", _("open")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        EXPIRED = "expired", _("not answered")
        RESCINDED = "rescinded", _("withdrawn")

    item = models.ForeignKey(WorkItem, models.CASCADE, related_name="offers")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="offers")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    why = models.CharField(max_length=20)  # the strategy, "sticky", "transfer" or "resumed"
    step = models.PositiveSmallIntegerField(default=0)  # how far the circle was widened
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        indexes = [
            models.Index(fields=["agent"], name="offer_pending_of_agent", condition=models.Q(state="pending")),
            models.Index(fields=["expires_at"], name="offer_pending_until", condition=models.Q(state="pending")),
        ]
        constraints = [
            models.UniqueConstraint(
                name="work_item_is_offered_to_one", fields=["item"], condition=models.Q(state="pending")
            ),
            models.CheckConstraint(
                name="offer_ended_says_when",
                condition=models.Q(state="pending", ended_at__isnull=True)
                | (~models.Q(state="pending") & models.Q(ended_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"offer {self.pk}"
