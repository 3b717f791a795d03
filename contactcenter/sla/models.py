"""Calendars of the house, each of its own: queues share them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class OfficeCalendar(models.Model):
    """When an office is open. The columns are what `sla.calendars.Calendar` is built of, under the same names."""

    slug = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=120)
    zone = models.CharField(max_length=64)  # IANA
    week = models.JSONField(default=dict, blank=True)  # as `sla.calendars.Week`; empty = never open
    holidays = models.CharField(max_length=20, blank=True)  # country, ISO 3166 alpha-2; "" = none are kept
    subdivision = models.CharField(max_length=40, blank=True)  # of that country, as in `sla.public_holidays`
    closed_days = models.JSONField(default=list, blank=True)  # ISO dates
    special_hours = models.JSONField(default=dict, blank=True)  # {"2026-12-24": [["09:00", "12:00"]]}; [] = closed

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")
        constraints = [
            models.CheckConstraint(name="office_calendar_is_in_a_zone", condition=~models.Q(zone="")),
            models.CheckConstraint(
                name="office_calendar_part_is_of_a_country",
                condition=models.Q(subdivision="") | ~models.Q(holidays=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name
