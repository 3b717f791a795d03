"""Who serves the queues: what they can do, how much at once, and whether they are there."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language, gettext_lazy as _

from contactcenter.queues.models.lines import Queue
from contactcenter.queues.spoken import spoken
from crm import writing
from crm.models import Topic
from crm.writing import Write

LEVELS = [MinValueValidator(1), MaxValueValidator(5)]
MOST_SLOTS = 50


def _one_to_five(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(name=name, condition=models.Q(level__gte=1, level__lte=5))


class Skill(models.Model):
    """Something that not everybody can do. Tied to a topic where it is the knowledge of that topic."""

    slug = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=120)
    topic = models.ForeignKey(Topic, models.SET_NULL, null=True, blank=True, related_name="skills")
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("skill")
        verbose_name_plural = _("skills")

    def __str__(self) -> str:
        return self.name


class Agent(models.Model):
    """What somebody can take, and how much of it at once. Nobody has one who never takes contacts."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="agent")
    level = models.PositiveSmallIntegerField(default=3, validators=LEVELS)
    call_slots = models.PositiveSmallIntegerField(default=1)
    chat_slots = models.PositiveSmallIntegerField(default=3)
    written_slots = models.PositiveSmallIntegerField(default=5)
    home_queues = models.ManyToManyField(Queue, blank=True, related_name="agents")  # none = all of their offices

    class Meta:
        verbose_name = _("agent")
        verbose_name_plural = _("agents")
        constraints = [
            _one_to_five("agent_level_is_one_to_five"),
            models.CheckConstraint(
                name="agent_takes_one_call_at_a_time",
                condition=models.Q(call_slots__lte=1, chat_slots__lte=MOST_SLOTS, written_slots__lte=MOST_SLOTS),
            ),
        ]

    def __str__(self) -> str:
        return f"agent {self.user_id}"

    @property
    def capacity(self) -> dict[str, int]:
        return {"call": self.call_slots, "chat": self.chat_slots, "written": self.written_slots}


class AgentSkill(models.Model):
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="skills")
    skill = models.ForeignKey(Skill, models.CASCADE, related_name="agents")
    level = models.PositiveSmallIntegerField(default=3, validators=LEVELS)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="agent_has_a_skill_once", fields=["agent", "skill"]),
            _one_to_five("agent_skill_level_is_one_to_five"),
        ]

    def __str__(self) -> str:
        return f"{self.agent_id}:{self.skill_id}={self.level}"


class AgentLanguage(models.Model):
    """`language` is an ISO 639-1 code."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="languages")
    language = models.CharField(max_length=2)
    level = models.PositiveSmallIntegerField(default=3, validators=LEVELS)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="agent_has_a_language_once", fields=["agent", "language"]),
            _one_to_five("agent_language_level_is_one_to_five"),
        ]

    def __str__(self) -> str:
        return f"{self.agent_id}:{self.language}={self.level}"


class BreakReason(models.Model):
    """Why somebody is away for a while. None is ever removed: presences and events name it by its short name."""

    slug = models.SlugField(max_length=30, unique=True)
    names = models.JSONField(default=dict)  # by ISO 639-1 code
    active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField()  # the lowest is offered first

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("reason for a break")
        verbose_name_plural = _("reasons for a break")

    def __str__(self) -> str:
        return spoken(self.names, get_language() or "") or self.slug


class Presence(models.Model):
    """What a person chose (`status`), and what the house makes of it (`routing`). `seen_at`: their browser's heartbeat.

    Its row is what matching locks: whoever holds it may give this person something.
    """

    class Status(models.TextChoices):
        AVAILABLE = "available", _("available")
        AWAY = "away", _("on a break")
        OFFLINE = "offline", _("offline")

    class Routing(models.TextChoices):
        OFFLINE = "offline", _("offline")
        FREE = "free", _("free")
        OFFERED = "offered", _("is being asked")
        BUSY = "busy", _("at work")
        WRAPPING = "wrapping", _("wrapping up")
        BREAK = "break", _("on a break")
        NOT_RESPONDING = "not-responding", _("doesn't respond")
        LOST = "lost", _("connection lost")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="presence")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OFFLINE)
    reason = models.CharField(max_length=30, default="", blank=True)  # short name of a `BreakReason`; "" = not said
    since = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    break_next = models.CharField(max_length=30, null=True, blank=True)  # the same; None = no break is to come
    missed = models.BooleanField(default=False)  # an offer passed unanswered; any action of theirs clears it
    lost = models.BooleanField(default=False)  # no heartbeat for longer than the grace time
    routing = models.CharField(max_length=15, choices=Routing.choices, default=Routing.OFFLINE)
    routing_since = models.DateTimeField(null=True, blank=True)
    idle_since = models.DateTimeField(null=True, blank=True)  # when they last became free of work

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")

    def __str__(self) -> str:
        return f"presence of user {self.user_id}"

    _kept: dict[str, object] | None = None  # the columns as they are in the database

    def remember(self) -> None:
        """The row was read just now, under lock."""
        self._kept = self._columns()

    def changes(self) -> tuple[Write, ...]:
        """What is to be written since `remember`; nothing where nothing changed, everything where nobody remembered."""
        kept, now = self._kept, self._columns()
        changed = [name for name, value in now.items() if kept is None or kept[name] != value]
        self._kept = now
        return (writing.update(self, *changed),) if changed else ()

    def _columns(self) -> dict[str, object]:
        return {field.attname: getattr(self, field.attname) for field in self._meta.concrete_fields}

    @property
    def takes_work(self) -> bool:
        """As far as they themselves are concerned; how much they have is another question."""
        return self.status == self.Status.AVAILABLE and self.break_next is None and not (self.missed or self.lost)
