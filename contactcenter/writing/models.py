import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import Interaction, Office, Topic


class Draft(models.Model):
    """What one person has half written in one conversation. Nobody else is ever shown it; it goes with either of them.

    `mark` names the last writing: who keeps words on top of another one has not seen these.
    """

    interaction = models.ForeignKey(Interaction, models.CASCADE, related_name="drafts")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    text = models.TextField()
    note = models.BooleanField(default=False)
    mark = models.UUIDField(default=uuid.uuid4)
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["interaction", "author"], name="one_draft_each")]

    def __str__(self) -> str:
        return f"draft {self.pk}"


class Scope(models.TextChoices):
    PERSONAL = "personal", _("mine alone")
    OFFICE = "office", _("of an office")
    GLOBAL = "global", _("of the whole house")


SCOPE_FITS = (
    Q(scope="personal", owner__isnull=False, office__isnull=True)
    | Q(scope="office", owner__isnull=True, office__isnull=False)
    | Q(scope="global", owner__isnull=True, office__isnull=True)
)


class Shareable(models.Model):
    """What somebody keeps for themselves, an office for its own, or the house for everybody. A retired one is kept."""

    Scope = Scope

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(max_length=120)
    scope = models.CharField(max_length=10, choices=Scope.choices)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    uses = models.PositiveIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        abstract = True


class CannedAnswer(Shareable):
    """Words that are written often, under a shortcut, once per language. A retired one frees its shortcut; `uses` counts
    messages that left with it.
    """

    shortcut = models.SlugField(max_length=40, db_index=False)
    texts = models.JSONField(default=dict)  # by ISO 639-1 code; placeholders as `placeholders.NAMES`
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["shortcut"]
        verbose_name = _("canned answer")
        verbose_name_plural = _("canned answers")
        constraints = [
            models.CheckConstraint(name="canned_scope_fits", condition=SCOPE_FITS),
            models.UniqueConstraint(
                name="canned_shortcut_of_a_person", fields=["owner", "shortcut"],
                condition=Q(scope="personal", active=True),
            ),
            models.UniqueConstraint(
                name="canned_shortcut_of_an_office", fields=["office", "shortcut"],
                condition=Q(scope="office", active=True),
            ),
            models.UniqueConstraint(
                name="canned_shortcut_of_the_house", fields=["shortcut"], condition=Q(scope="global", active=True)
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"canned answer {self.shortcut}"

    def text_in(self, language: str, otherwise: str) -> tuple[str, str]:
        """The words in that language, else in the one the house speaks, else in any; and which it is."""
        for code in (language[:2], otherwise[:2], *self.texts):
            if self.texts.get(code):
                return self.texts[code], code
        return "", ""


class Macro(Shareable):
    """Several steps of an agent under one name; `uses` counts runs to the end. `steps` is a flat table, checked by
    `macros`: see there what may stand in it.
    """

    steps = models.JSONField(default=dict)

    class Meta:
        ordering = ["title"]
        verbose_name = _("macro")
        verbose_name_plural = _("macros")
        constraints = [models.CheckConstraint(name="macro_scope_fits", condition=SCOPE_FITS)]

    def __str__(self) -> str:
        return f"macro {self.pk}"
