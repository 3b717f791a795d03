import uuid

from django.conf import settings
from django.db import models

from crm.models import Interaction


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
