from __future__ import annotations

import dataclasses
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels_adapters import registry
from channels_adapters.contract import AccountFacts, Adapter
from contactcenter.accounts import secrets
from contactcenter.queues.models import Queue
from crm.models import Office


class ChannelAccount(models.Model):
    """One mailbox, number, page or program of an office. The slug is stable: memory refers to it."""

    slug = models.SlugField(max_length=50, unique=True)
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    office = models.ForeignKey(Office, models.PROTECT, related_name="channel_accounts")
    queue = models.ForeignKey(Queue, models.PROTECT, related_name="channel_accounts")
    language = models.CharField(max_length=8, default="it")
    settings = models.JSONField(default=dict, blank=True)
    secrets = models.TextField(blank=True)  # sealed JSON
    enabled = models.BooleanField(default=True)
    opens_case = models.BooleanField(default=False, help_text=_("Every new conversation opens a case."))
    remembers_people = models.BooleanField(default=True, help_text=_("Off for anonymous help lines."))
    reopens_within_days = models.PositiveSmallIntegerField(default=14)
    reply_through = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+",
        help_text=_("Account that answers addresses this channel can't reach, and sends transcripts."),
    )  # fmt: skip
    acknowledgements = models.JSONField(
        default=dict, blank=True, help_text=_("Text of the automatic acknowledgement per language; empty = none.")
    )
    cursor = models.TextField(blank=True)
    polled_at = models.DateTimeField(null=True, blank=True)
    fetch_lease = models.UUIDField(null=True, blank=True, editable=False)  # who fetches at this moment
    fetch_leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    trouble = models.CharField(max_length=300, blank=True)
    trouble_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("channel account")
        verbose_name_plural = _("channel accounts")
        constraints = [
            models.CheckConstraint(
                name="account_does_not_reply_through_itself",
                condition=models.Q(reply_through__isnull=True) | ~models.Q(reply_through=models.F("id")),
            )
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def facts(self) -> AccountFacts:
        return AccountFacts(slug=self.slug, name=self.name, language=self.language, base_url=settings.BASE_URL)

    @property
    def adapter_class(self) -> type[Adapter]:
        """Raises `registry.UnknownKind`."""
        return registry.get(self.kind)

    @cached_property
    def adapter(self) -> Adapter:
        """Raises `registry.UnknownKind`, `secrets.Unreadable`."""
        return self.adapter_class(self._typed_settings(), self.facts)

    def _typed_settings(self) -> Any:
        shape = self.adapter_class.Settings
        given = {**self.settings, **secrets.unseal(self.secrets)}
        known = {field.name for field in dataclasses.fields(shape)}
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
        return shape(**{name: value for name, value in values.items() if name in known})
