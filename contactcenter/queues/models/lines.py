"""Lines that contacts wait in, and the rules that lead there."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from contactcenter.queues.spoken import spoken
from crm.models import Office, Topic

STRICT = 365 * 86_400  # seconds that a point of priority weighs where waiting never makes up for it
FRONT = timedelta(days=365 * 1000)  # before everything that waits, whatever its priority


class Queue(models.Model):
    """A line that contacts wait in, and everything that is set about it."""

    class Mode(models.TextChoices):
        BOTH = "both", _("offered, and picked from the list")
        PUSH = "push", _("offered only")
        PULL = "pull", _("picked from the list only")

    class Strategy(models.TextChoices):
        LONGEST_IDLE = "longest-idle", _("who has been free the longest")
        LEAST_LOADED = "least-loaded", _("who has the least to do")
        MOST_SKILLED = "most-skilled", _("who knows most of what is asked")
        PRESERVE_SCARCE = "preserve-scarce", _("who can do the least besides")

    class Overflow(models.TextChoices):
        NONE = "", _("goes on waiting")
        QUEUE = "queue", _("goes to another queue")
        CALLBACK = "callback", _("may ask to be called back")
        MESSAGE = "message", _("becomes a message, answered in writing")

    slug = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=120)
    office = models.ForeignKey(Office, models.PROTECT, related_name="queues")
    topics = models.ManyToManyField(Topic, blank=True, related_name="queues")
    calendar = models.ForeignKey(
        "contactcenter.OfficeCalendar", models.PROTECT, null=True, blank=True, related_name="queues"
    )  # none = always open
    priority = models.SmallIntegerField(default=0, help_text=_("Higher goes first."))
    active = models.BooleanField(default=True)

    mode = models.CharField(max_length=4, choices=Mode.choices, default=Mode.BOTH)
    strategy = models.CharField(max_length=20, choices=Strategy.choices, default=Strategy.LONGEST_IDLE)
    sticky_seconds = models.PositiveIntegerField(default=0)  # how long only the agent of last time is asked
    requirements = models.CharField(max_length=500, blank=True)  # as `routing.expression` reads it
    steps = models.JSONField(
        default=list, blank=True
    )  # [{"after": seconds, "requirements": "…"}]: who may have it then
    ageing_seconds = models.PositiveIntegerField(default=600)  # waiting worth one point of priority; 0 = never
    targets = models.JSONField(default=dict, blank=True)  # {"chat": [80, 60]}: 80 % answered within 60 s
    offer_lasts = models.JSONField(
        default=dict, blank=True
    )  # {"call": 15}: seconds, where it isn't the usual of the family
    wrap_up_seconds = models.PositiveIntegerField(default=0)
    wrap_up_needs = models.JSONField(default=list, blank=True)  # of "outcome", "topic", "note": said at its end
    outcomes = models.JSONField(default=list, blank=True)  # as `wrap_up` has them; none = in one's own words
    max_wait_seconds = models.PositiveIntegerField(null=True, blank=True)
    max_length = models.PositiveIntegerField(null=True, blank=True)
    overflow = models.CharField(max_length=10, choices=Overflow.choices, default=Overflow.NONE, blank=True)
    overflow_to = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="overflows_from")
    texts = models.JSONField(
        default=dict, blank=True
    )  # {"greeting": {"it": "…"}, "waiting": …, "closed": …, "emergency": …}
    emergency = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("queue")
        verbose_name_plural = _("queues")
        constraints = [
            models.CheckConstraint(
                name="queue_overflow_names_its_target",
                condition=models.Q(overflow="queue", overflow_to__isnull=False)
                | (~models.Q(overflow="queue") & models.Q(overflow_to__isnull=True)),
            ),
            models.CheckConstraint(
                name="queue_does_not_overflow_into_itself",
                condition=models.Q(overflow_to__isnull=True) | ~models.Q(overflow_to=models.F("id")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def topic_group(self) -> str:
        return f"queue.{self.slug}"

    @property
    def offers(self) -> bool:
        """Does the house itself bring these contacts to people?"""
        return self.mode != self.Mode.PULL

    def text(self, name: str, language: str) -> str:
        """A text of this queue in a language: "greeting", "waiting", "closed" or "emergency"; "" = none is set."""
        return spoken(self.texts.get(name, {}), language)

    def rank(self, priority: int, queued_at: datetime) -> datetime:
        """The place in line as an instant: the original time, put earlier by what the priority weighs.

        A point of priority is worth `ageing_seconds` of waiting, so whoever waits passes what is newer and more urgent
        in the end: base + wait / step, compared between two that wait, doesn't change while both wait.
        """
        return queued_at - timedelta(seconds=priority * (self.ageing_seconds or STRICT))


class RoutingRule(models.Model):
    """Where contacts go that meet some conditions. The lowest `position` is asked first."""

    name = models.CharField(max_length=120)
    position = models.PositiveIntegerField()
    account = models.SlugField(max_length=50, blank=True, db_index=False)  # slug of a channel account; "" = every one
    conditions = models.JSONField(default=dict, blank=True)  # as `routing.rules.Conditions`
    queue = models.ForeignKey(Queue, models.PROTECT, null=True, blank=True, related_name="rules")
    requirements = models.CharField(max_length=500, blank=True)
    priority = models.SmallIntegerField(default=0)  # added to the queue's own
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("routing rule")
        verbose_name_plural = _("routing rules")

    def __str__(self) -> str:
        return self.name
