"""What agents set for themselves at the desk."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SavedView(models.Model):
    """A filter of the lists under a name: one person's, one office's, or (both empty) everybody's."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="saved_views"
    )
    office = models.ForeignKey("crm.Office", models.CASCADE, null=True, blank=True, related_name="saved_views")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=600)  # as `filters.Filter.query`
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="saved_view_has_its_own_name"),
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(owner__isnull=True, office__isnull=True),
                name="saved_view_of_all_has_its_own_name",
            ),
            models.UniqueConstraint(fields=["office", "name"], name="saved_view_of_an_office_has_its_own_name"),
            models.CheckConstraint(
                condition=Q(owner__isnull=True) | Q(office__isnull=True), name="saved_view_is_a_persons_or_an_offices"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Preferences(models.Model):
    """How one person's screens look, sound and speak up, on whatever machine they sit."""

    class Theme(models.TextChoices):
        SYSTEM = "system", _("as the system")
        LIGHT = "light", _("light")
        DARK = "dark", _("dark")
        NIGHT = "night", _("night: warm and dim")

    class Density(models.TextChoices):
        COMFORTABLE = "comfortable", _("comfortable")
        COMPACT = "compact", _("compact")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="preferences")
    theme = models.CharField(max_length=8, choices=Theme.choices, default=Theme.SYSTEM)
    density = models.CharField(max_length=12, choices=Density.choices, default=Density.COMFORTABLE)
    keys = models.BooleanField(default=True)  # single keys act
    volume = models.PositiveSmallIntegerField(default=40)  # of sounds, 0 = silent … 100
    told_of_offers = models.BooleanField(default=False)  # by the browser, while the desk isn't looked at
    told_of_messages = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("preferences")
        verbose_name_plural = _("preferences")
        constraints = [
            models.CheckConstraint(condition=Q(volume__lte=100), name="preferences_volume_is_a_share"),
            models.CheckConstraint(
                condition=Q(theme__in=["system", "light", "dark", "night"]), name="preferences_theme_is_known"
            ),
            models.CheckConstraint(
                condition=Q(density__in=["comfortable", "compact"]), name="preferences_density_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"preferences {self.pk}"
