from django.conf import settings
from django.db import models
from django.db.models import Q


class SavedView(models.Model):
    """A filter of the line under a name: somebody's own, or everybody's (no owner)."""

    name = models.CharField(max_length=60)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="saved_views"
    )
    filter = models.CharField(max_length=500)  # as `desk.filters` writes it

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="view_once_each", condition=Q(owner__isnull=False)),
            models.UniqueConstraint(fields=["name"], name="view_once_for_all", condition=Q(owner__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.name
