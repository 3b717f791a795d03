import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.citizens import Citizen
from crm.models.organisation import Office, Topic


class CaseNumber(models.Model):
    """The last number given in a year. One row a year: numbers have no holes where nothing was rolled back."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}-{self.last:06d}"


class Problem(models.Model):
    """One cause behind many cases."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(max_length=200)
    office = models.ForeignKey(Office, models.PROTECT, related_name="problems")
    opened_at = models.DateTimeField()
    solved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("problem")
        verbose_name_plural = _("problems")
        constraints = [
            models.CheckConstraint(
                name="problem_is_solved_after_it_opened",
                condition=models.Q(solved_at__isnull=True) | models.Q(solved_at__gte=models.F("opened_at")),
            )
        ]

    def __str__(self) -> str:
        return self.title


class Case(models.Model):
    """A matter of a citizen that the administration must settle, over any number of contacts and channels."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        WAITING = "waiting", _("waiting for the citizen")
        RESOLVED = "resolved", _("resolved")
        CLOSED = "closed", _("closed")

    class Confidentiality(models.TextChoices):
        NORMAL = "normal", _("normal")
        CONFIDENTIAL = "confidential", _("confidential")
        SEALED = "sealed", _("sealed")

    OPEN_STATUSES = (Status.OPEN, Status.WAITING)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=12, unique=True)
    subject = models.CharField(max_length=300)
    citizen = models.ForeignKey(Citizen, models.PROTECT, null=True, blank=True, related_name="cases")
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, blank=True, related_name="cases")
    office = models.ForeignKey(Office, models.PROTECT, related_name="cases")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="cases")
    problem = models.ForeignKey(Problem, models.SET_NULL, null=True, blank=True, related_name="cases")
    level = models.PositiveSmallIntegerField(default=1)
    priority = models.PositiveSmallIntegerField(default=3, help_text=_("1 = most urgent, 5 = least."))
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    confidentiality = models.CharField(max_length=12, choices=Confidentiality.choices, default=Confidentiality.NORMAL)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    legal_due_at = models.DateTimeField(null=True, blank=True)
    norm_due_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True, help_text=_("The one acknowledgement was composed."))
    version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        indexes = [
            models.Index(fields=["-opened_at", "-id"], name="case_newest"),
            models.Index(fields=["office", "status", "legal_due_at"], name="case_office_status_due"),
        ]
        constraints = [
            models.CheckConstraint(name="case_number_is_yearly", condition=models.Q(number__regex=r"^\d{4}-\d{6}$")),
            models.CheckConstraint(
                name="case_status_is_known", condition=models.Q(status__in=["open", "waiting", "resolved", "closed"])
            ),
            models.CheckConstraint(
                name="case_closed_says_when",
                condition=models.Q(status="closed", closed_at__isnull=False)
                | (~models.Q(status="closed") & models.Q(closed_at__isnull=True)),
            ),
            models.CheckConstraint(name="case_level_is_1_to_3", condition=models.Q(level__range=(1, 3))),
            models.CheckConstraint(name="case_priority_is_1_to_5", condition=models.Q(priority__range=(1, 5))),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN_STATUSES


class CasePause(models.Model):
    """The legal clock stands still: who stopped it, why, and until when."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="pauses")
    reason = models.CharField(max_length=200)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="case_pauses_once_at_a_time", fields=["case"], condition=models.Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="case_pause_ends_after_it_began",
                condition=models.Q(ended_at__isnull=True) | models.Q(ended_at__gte=models.F("began_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"pause {self.pk}"


class Task(models.Model):
    """What the back office must do inside a case."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        DONE = "done", _("done")
        DROPPED = "dropped", _("dropped")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="tasks")
    title = models.CharField(max_length=200)
    note = models.TextField(blank=True)
    office = models.ForeignKey(Office, models.PROTECT, related_name="tasks")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="tasks")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    due_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [
            models.CheckConstraint(
                name="task_done_says_when",
                condition=models.Q(status="open", done_at__isnull=True)
                | (~models.Q(status="open") & models.Q(done_at__isnull=False)),
            )
        ]

    def __str__(self) -> str:
        return f"task {self.public_id}"
