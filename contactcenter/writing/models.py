import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from crm.models import Interaction, Office, Topic


class Draft(models.Model):
    """What one person has half written in one conversation. Nobody else is ever shown it; it goes with either of them.

    `mark` names the last writing: who keeps words on top of another one has not seen these.
    """

    interaction = models.ForeignKey(Interaction, models.CASCADE, related_name="drafts")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    text = models.TextField()
    note = models.BooleanField(default=False)
    mark = models.UUIDField(default=uuid.uuid4)
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["interaction", "author"], name="one_draft_each")]

    def __str__(self) -> str:
        return f"draft {self.pk}"


class CannedAnswer(models.Model):
    """An answer written once and used often: somebody's own, an office's, or everybody's (neither named).

    `used` counts answers that were sent with it. One that was retired is offered no more.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    shortcut = models.SlugField(max_length=40, db_index=False)  # what is typed after the slash
    title = models.CharField(max_length=120)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="canned_answers"
    )
    office = models.ForeignKey(Office, models.CASCADE, null=True, blank=True, related_name="canned_answers")
    topic = models.ForeignKey(Topic, models.SET_NULL, null=True, blank=True, related_name="canned_answers")
    active = models.BooleanField(default=True)
    used = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["shortcut", "id"]
        constraints = [
            models.CheckConstraint(name="canned_has_one_scope", condition=Q(owner=None) | Q(office=None)),
            models.UniqueConstraint(
                fields=["owner", "shortcut"], name="canned_once_each", condition=Q(owner__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["office", "shortcut"], name="canned_once_in_office", condition=Q(office__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["shortcut"], name="canned_once_for_all", condition=Q(owner__isnull=True, office__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.title


class CannedText(models.Model):
    """A canned answer in one language."""

    answer = models.ForeignKey(CannedAnswer, models.CASCADE, related_name="texts")
    language = models.CharField(max_length=8)
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["answer", "language"], name="canned_once_per_language")]

    def __str__(self) -> str:
        return f"{self.answer_id} {self.language}"
