from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.access import interaction_rows
from crm.models import Interaction, Office, Task, Topic, User


class Queue(models.Model):
    """A line that contacts wait in. `hours` as in `sla.calendars.Week`: {"mon": [["08:30", "13:00"]], …}."""

    slug = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=120)
    office = models.ForeignKey(Office, models.PROTECT, related_name="queues")
    topics = models.ManyToManyField(Topic, blank=True, related_name="queues")
    hours = models.JSONField(default=dict, blank=True, help_text=_("Empty = always open."))
    closed_days = models.JSONField(default=list, blank=True, help_text=_("ISO dates, besides public holidays."))
    holidays = models.CharField(max_length=20, blank=True, help_text=_("Country of the public holidays, e.g. IT."))
    priority = models.SmallIntegerField(default=0, help_text=_("Higher goes first."))
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("queue")
        verbose_name_plural = _("queues")

    def __str__(self) -> str:
        return self.name

    @property
    def topic_group(self) -> str:
        return f"queue.{self.slug}"


class WorkItems(models.QuerySet["WorkItem"]):
    def visible_to(self, user: User) -> WorkItems:
        """Items whose interaction (or task's case) the access gateway shows to the person."""
        return self.filter(interaction_rows(user, "interaction__"))

    def in_order(self) -> WorkItems:
        """Who is next: priority, then the original queue time."""
        return self.order_by("-priority", "queued_at", "id")


class WorkItem(models.Model):
    """What waits for an agent. `queued_at` is the original queue time and never changes."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        OFFERED = "offered", _("offered")
        CLAIMED = "claimed", _("taken")
        WRAPPING = "wrapping", _("wrapping up")
        PARKED = "parked", _("parked")
        DONE = "done", _("finished")
        ABANDONED = "abandoned", _("abandoned")

    ENDED = (State.DONE, State.ABANDONED)
    OWNED = (State.CLAIMED, State.WRAPPING)

    interaction = models.ForeignKey(Interaction, models.CASCADE, null=True, blank=True, related_name="work_items")
    task = models.ForeignKey(Task, models.CASCADE, null=True, blank=True, related_name="work_items")
    queue = models.ForeignKey(Queue, models.PROTECT, related_name="work_items")
    family = models.CharField(max_length=10)
    priority = models.SmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    queued_at = models.DateTimeField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="work_items"
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=80, blank=True)
    why = models.CharField(max_length=200, blank=True)  # the routing decision, in words

    objects = WorkItems.as_manager()

    class Meta:
        verbose_name = _("work item")
        verbose_name_plural = _("work items")
        indexes = [
            models.Index(
                fields=["-priority", "queued_at", "id"], name="work_waiting", condition=models.Q(state="waiting")
            ),
            models.Index(
                fields=["queue", "-priority", "queued_at", "id"],
                name="work_waiting_in_queue",
                condition=models.Q(state="waiting"),
            ),
            models.Index(fields=["owner", "state"], name="work_of_owner"),
        ]
        constraints = [
            models.CheckConstraint(
                name="work_item_has_one_subject",
                condition=models.Q(interaction__isnull=False, task__isnull=True)
                | models.Q(interaction__isnull=True, task__isnull=False),
            ),
            models.UniqueConstraint(
                name="work_item_is_open_once_per_interaction",
                fields=["interaction"],
                condition=~models.Q(state__in=["done", "abandoned"]),
            ),
            models.UniqueConstraint(
                name="work_item_is_open_once_per_task",
                fields=["task"],
                condition=~models.Q(state__in=["done", "abandoned"]),
            ),
            models.CheckConstraint(
                name="work_item_owner_fits_state",
                condition=(models.Q(state__in=["claimed", "wrapping"]) & models.Q(owner__isnull=False))
                | (models.Q(state__in=["waiting", "offered"]) & models.Q(owner__isnull=True))
                | models.Q(state__in=["parked", "done", "abandoned"]),
            ),
            models.CheckConstraint(
                name="work_item_ended_says_when",
                condition=(models.Q(state__in=["done", "abandoned"]) & models.Q(ended_at__isnull=False))
                | (~models.Q(state__in=["done", "abandoned"]) & models.Q(ended_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"work item {self.pk}"


class Presence(models.Model):
    """What a person chose: taking contacts or not. `seen_at` is their browser's last heartbeat."""

    class Status(models.TextChoices):
        AVAILABLE = "available", _("available")
        AWAY = "away", _("on a break")
        OFFLINE = "offline", _("offline")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="presence")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OFFLINE)
    since = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")

    def __str__(self) -> str:
        return f"presence of user {self.user_id}"
