"""What colleagues say to one another beside a conversation, how far each has read it, and what each is told of."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Interaction

REASON_LENGTH = 200


class SideMessage(models.Model):
    """Colleagues among themselves. Not a `Message`: whatever carries messages to citizens can't come across one.

    A whisper is a supervisor's, who is not in the conversation. It goes with its interaction.
    """

    interaction = models.ForeignKey(Interaction, models.CASCADE, related_name="asides")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField()
    whisper = models.BooleanField(default=False)
    client_id = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("side message")
        verbose_name_plural = _("side messages")
        constraints = [
            models.UniqueConstraint(
                name="side_message_is_said_once",
                fields=["interaction", "author", "client_id"],
                condition=~models.Q(client_id=""),
            ),
            models.CheckConstraint(name="side_message_says_something", condition=~models.Q(text="")),
        ]

    def __str__(self) -> str:
        return f"side message {self.pk}"


class SideReading(models.Model):
    """Up to which side message (its id) somebody has read."""

    interaction = models.ForeignKey(Interaction, models.CASCADE, related_name="aside_readings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    upto = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("side reading")
        verbose_name_plural = _("side readings")
        constraints = [models.UniqueConstraint(name="one_side_reading_each", fields=["interaction", "user"])]

    def __str__(self) -> str:
        return f"side reading of user {self.user_id}"


class Notice(models.Model):
    """Something one person should know about a conversation. A mention is one: `seq` or `aside` says where."""

    class About(models.TextChoices):
        MENTIONED = "mentioned", _("mentioned in a note")
        CALLED = "called", _("mentioned in the side-chat")
        ASIDE = "aside", _("side-chat")
        TAKEN_OVER = "taken-over", _("taken over")
        MOVED = "moved", _("moved to a queue")
        TRANSFERRED = "transferred", _("transferred")
        FAILED = "failed", _("not delivered")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    about = models.CharField(max_length=12, choices=About.choices)
    interaction = models.ForeignKey(Interaction, models.CASCADE, related_name="notices")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    seq = models.PositiveIntegerField(default=0)  # of the message it speaks of; 0 = of none
    aside = models.ForeignKey(SideMessage, models.CASCADE, null=True, blank=True, related_name="mentions")
    reason = models.CharField(max_length=REASON_LENGTH, blank=True)  # in the actor's words
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = [
            models.Index(fields=["user"], name="notice_unread", condition=models.Q(read_at__isnull=True)),
            models.Index(fields=["user", "-id"], name="notice_newest"),
        ]
        constraints = [
            # However much is said beside a conversation: one line until it is read.
            models.UniqueConstraint(
                name="aside_is_noticed_once",
                fields=["user", "interaction"],
                condition=models.Q(about="aside", read_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk} ({self.about})"
