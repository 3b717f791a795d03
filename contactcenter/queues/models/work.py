from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contactcenter.queues.models.lines import Queue
from contactcenter.routing.matching import LIVE
from crm.access import interaction_rows
from crm.models import Interaction, Task, User


class WorkItems(models.QuerySet["WorkItem"]):
    def visible_to(self, user: User) -> WorkItems:
        """Items whose interaction (or task's case) the access gateway shows to the person."""
        return self.filter(interaction_rows(user, "interaction__"))

    def in_order(self) -> WorkItems:
        """Who is next: `rank_at`, that is the original queue time, put earlier by what the priority weighs."""
        return self.order_by("rank_at", "id")


class WorkItem(models.Model):
    """What waits for an agent. `queued_at` is the original queue time and never changes; `rank_at` is its place in line."""

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
    callback = models.ForeignKey(
        "contactcenter.Callback", models.SET_NULL, null=True, blank=True, related_name="work_items"
    )  # the call that its citizen was promised
    queue = models.ForeignKey(Queue, models.PROTECT, related_name="work_items")
    family = models.CharField(max_length=10)
    priority = models.SmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    queued_at = models.DateTimeField()
    rank_at = models.DateTimeField()  # as `Queue.rank`
    entered_at = models.DateTimeField(null=True, blank=True)  # when it came into the queue it is in now
    language = models.CharField(max_length=2, blank=True)  # which whoever takes it must speak; "" = whoever
    requirements = models.CharField(max_length=2000, blank=True)  # of all rules that held, besides those of the queue
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="work_items"
    )
    last_agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )  # who talked with this citizen last
    claimed_at = models.DateTimeField(null=True, blank=True)
    wrap_until = models.DateTimeField(null=True, blank=True)
    parked_at = models.DateTimeField(null=True, blank=True)
    parked_until = models.DateTimeField(null=True, blank=True)  # parked without it: until the citizen answers
    visited = models.JSONField(default=list, blank=True)  # slugs of queues it overflowed from: never back there
    promised_low = models.PositiveIntegerField(null=True, blank=True)  # seconds; the shortest wait the citizen was told
    promised_high = models.PositiveIntegerField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=80, blank=True)  # key of one of its queue's, or words
    unfilled = models.BooleanField(default=False)  # the clock ended it before what its queue wants to know was said
    why = models.CharField(max_length=200, blank=True)  # the routing decision, in words

    objects = WorkItems.as_manager()

    class Meta:
        verbose_name = _("work item")
        verbose_name_plural = _("work items")
        indexes = [
            models.Index(fields=["rank_at", "id"], name="work_waiting", condition=models.Q(state="waiting")),
            models.Index(
                fields=["queue", "rank_at", "id"],
                name="work_waiting_in_queue",
                condition=models.Q(state="waiting"),
            ),
            # Since when the longest has waited, whatever the order they are served in.
            models.Index(fields=["queued_at"], name="work_waiting_since", condition=models.Q(state="waiting")),
            models.Index(
                fields=["queue", "queued_at"], name="work_waiting_since_in_queue", condition=models.Q(state="waiting")
            ),
            models.Index(fields=["owner", "state"], name="work_of_owner"),
            models.Index(fields=["wrap_until"], name="work_wrapping", condition=models.Q(state="wrapping")),
            models.Index(fields=["owner"], name="work_unfilled_of_owner", condition=models.Q(unfilled=True)),
            models.Index(fields=["parked_until"], name="work_parked", condition=models.Q(state="parked")),
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
                name="work_item_calls_back_whom_it_talked_with",
                condition=models.Q(callback__isnull=True) | models.Q(interaction__isnull=False, family="written"),
            ),
            models.CheckConstraint(
                name="work_item_owner_fits_state",
                condition=(models.Q(state__in=["claimed", "wrapping"]) & models.Q(owner__isnull=False))
                | (models.Q(state__in=["waiting", "offered"]) & models.Q(owner__isnull=True))
                | models.Q(state__in=["parked", "done", "abandoned"]),
            ),
            models.CheckConstraint(
                name="work_item_unfilled_is_done", condition=models.Q(unfilled=False) | models.Q(state="done")
            ),
            models.CheckConstraint(
                name="work_item_ended_says_when",
                condition=(models.Q(state__in=["done", "abandoned"]) & models.Q(ended_at__isnull=False))
                | (~models.Q(state__in=["done", "abandoned"]) & models.Q(ended_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"work item {self.pk}"

    @property
    def is_to_call(self) -> bool:
        """Was its citizen promised a call that nobody has made yet?"""
        return self.callback is not None and self.callback.is_open

    @property
    def may_ask_to_be_called(self) -> bool:
        """It waited too long in a line that offers to call back, and goes on waiting while its citizen chooses."""
        return (
            self.queue.overflow == Queue.Overflow.CALLBACK and self.queue.slug in self.visited and self.family in LIVE
        )


class Companion(models.Model):
    """A second person in a conversation, asked for advice: reads and writes notes along, and doesn't own it."""

    item = models.ForeignKey(WorkItem, models.CASCADE, related_name="companions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="accompanies")
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    since = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("companion")
        verbose_name_plural = _("companions")
        constraints = [
            models.UniqueConstraint(
                name="companion_is_there_once", fields=["item", "user"], condition=models.Q(left_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"companion {self.user_id} of item {self.item_id}"
