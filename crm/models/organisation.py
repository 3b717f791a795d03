from django.db import models
from django.utils.translation import gettext_lazy as _


class Office(models.Model):
    """A part of the administration that answers: Anagrafe, Tributi, Polizia locale."""

    slug = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=120)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        constraints = [
            models.CheckConstraint(
                name="office_is_not_its_own_parent",
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Topic(models.Model):
    """What a contact is about; says which office answers and how many days the law and our own norm give."""

    slug = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=120)
    names = models.JSONField(default=dict, blank=True, help_text=_("The name in other languages: {“en”: “…”}"))
    office = models.ForeignKey(Office, models.PROTECT, related_name="topics")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    legal_days = models.PositiveSmallIntegerField(null=True, blank=True)
    norm_days = models.PositiveSmallIntegerField(null=True, blank=True)
    public = models.BooleanField(default=True, help_text=_("Citizens may choose it."))
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("topic")
        verbose_name_plural = _("topics")

    def __str__(self) -> str:
        return self.name

    def name_in(self, language: str) -> str:
        return self.names.get(language[:2]) or self.name
