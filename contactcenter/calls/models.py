"""A call that was promised to a citizen."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from contactcenter.queues.models import Queue
from crm.models import Citizen, Interaction

MOST_TRIES = 3


class Callback(models.Model):
    """A promise to call. The work on it is the interaction's work item, which points here and keeps its place.

    Whether somebody is about to call is the item's business (`offered`, `claimed`); here stands what became of the promise.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("to be called back")
        KEPT = "kept", _("called back")
        GIVEN_UP = "given_up", _("given up")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Result(models.TextChoices):
        NONE = "", _("not called yet")
        REACHED = "reached", _("reached")
        NO_ANSWER = "no-answer", _("no answer")
        WRONG_NUMBER = "wrong-number", _("wrong number")

    interaction = models.ForeignKey(Interaction, models.CASCADE, related_name="callbacks")
    citizen = models.ForeignKey(Citizen, models.SET_NULL, null=True, blank=True, related_name="callbacks")
    queue = models.ForeignKey(Queue, models.PROTECT, related_name="callbacks")  # where it was promised
    number = models.CharField(max_length=16)  # E.164
    language = models.CharField(max_length=2, blank=True)  # in which they are called; "" = not known
    asked_at = models.DateTimeField()
    since = models.DateTimeField()  # the original queue time: the place that is kept
    not_before = models.DateTimeField()  # the next try
    tries = models.PositiveSmallIntegerField(default=0)
    result = models.CharField(max_length=12, choices=Result.choices, default=Result.NONE, blank=True)  # of the last try
    tried_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("callback")
        verbose_name_plural = _("callbacks")
        constraints = [
            models.UniqueConstraint(
                name="callback_is_open_once_per_number", fields=["number"], condition=models.Q(state="waiting")
            ),
            models.UniqueConstraint(
                name="callback_is_open_once_per_interaction",
                fields=["interaction"],
                condition=models.Q(state="waiting"),
            ),
            models.CheckConstraint(name="callback_number_is_international", condition=models.Q(number__startswith="+")),
            models.CheckConstraint(
                name="callback_is_tried_three_times", condition=models.Q(tries__gte=0, tries__lte=MOST_TRIES)
            ),
            models.CheckConstraint(
                name="callback_tried_says_when_and_how",
                condition=models.Q(tries=0, tried_at__isnull=True, result="")
                | (models.Q(tries__gte=1, tried_at__isnull=False) & ~models.Q(result="")),
            ),
            models.CheckConstraint(
                name="callback_ended_says_when",
                condition=models.Q(state="waiting", ended_at__isnull=True)
                | (~models.Q(state="waiting") & models.Q(ended_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="callback_is_kept_by_reaching",
                condition=models.Q(state="kept", result="reached")
                | (~models.Q(state="kept") & ~models.Q(result="reached")),
            ),
            models.CheckConstraint(
                name="callback_is_asked_after_waiting_began", condition=models.Q(asked_at__gte=models.F("since"))
            ),
        ]

    def __str__(self) -> str:
        return f"callback {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def tries_left(self) -> int:
        return MOST_TRIES - self.tries
