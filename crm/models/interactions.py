import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.cases import Case
from crm.models.citizens import Citizen, ContactPoint
from crm.models.organisation import Office, Topic


class Interaction(models.Model):
    """One contact episode on one channel: a chat, a mail exchange, a call, a visit.

    `account` and `queue` are slugs of the contact centre's own rows: memory doesn't depend on them. `last_seq` counts
    messages; `version` grows with every change a screen should show.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.SlugField(max_length=50, db_index=False)
    family = models.CharField(max_length=10)  # call, chat, written
    thread = models.CharField(max_length=300, blank=True)
    contact_point = models.ForeignKey(ContactPoint, models.PROTECT, null=True, blank=True, related_name="interactions")
    # Where the sender asked answers to go, when it isn't where they wrote from (Reply-To, RFC 5322 section 3.6.2).
    reply_point = models.ForeignKey(ContactPoint, models.PROTECT, null=True, blank=True, related_name="+")
    citizen = models.ForeignKey(Citizen, models.PROTECT, null=True, blank=True, related_name="interactions")
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="interactions")
    office = models.ForeignKey(Office, models.PROTECT, related_name="interactions")
    queue = models.SlugField(max_length=50, blank=True, db_index=False)
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, blank=True, related_name="interactions")
    language = models.CharField(max_length=8, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    spam = models.BooleanField(default=False)  # closed as rubbish; what follows it brings nobody work
    merged_into = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+"
    )  # its words are there
    visitor_left_at = models.DateTimeField(null=True, blank=True)
    last_seq = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=0)
    words_version = models.PositiveIntegerField(default=0)  # the version at which a person last said something
    preview = models.CharField(max_length=160, blank=True)  # first words of the newest message of either side
    last_message_at = models.DateTimeField(null=True, blank=True)
    awaiting_reply_since = models.DateTimeField(null=True, blank=True)  # the citizen's first unanswered word
    delivered_seq = models.PositiveIntegerField(default=0)  # how far our words reached the citizen's page
    read_seq = models.PositiveIntegerField(default=0)  # how far the citizen read
    agent_delivered_seq = models.PositiveIntegerField(default=0)  # how far the words reached an agent's open page
    agent_read_seq = models.PositiveIntegerField(default=0)  # how far the owner read

    class Meta:
        verbose_name = _("interaction")
        verbose_name_plural = _("interactions")
        indexes = [
            models.Index(fields=["-opened_at", "-id"], name="interaction_newest"),
            models.Index(fields=["account", "thread", "status"], name="interaction_thread"),
            models.Index(fields=["citizen", "-opened_at"], name="interaction_of_citizen"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="interaction_thread_is_open_once",
                fields=["account", "thread"],
                condition=models.Q(status="open") & ~models.Q(thread=""),
            ),
            models.CheckConstraint(
                name="interaction_closed_says_when",
                condition=models.Q(status="closed", closed_at__isnull=False)
                | models.Q(status="open", closed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="interaction_merged_is_closed",
                condition=models.Q(merged_into__isnull=True) | models.Q(status="closed"),
            ),
            models.CheckConstraint(
                name="interaction_family_is_known", condition=models.Q(family__in=["call", "chat", "written"])
            ),
        ]

    def __str__(self) -> str:
        return f"interaction {self.public_id}"

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN

    @property
    def answers_to(self) -> ContactPoint | None:
        """The address an answer goes to."""
        return self.reply_point if self.reply_point_id else self.contact_point

    @property
    def topic_group(self) -> str:
        """Name of the channel-layer group that is told when this changes."""
        return f"interaction.{self.public_id}"


class Message(models.Model):
    """One utterance. `text` + `quoted` is all that was said; `html` is already sanitised."""

    class Direction(models.TextChoices):
        IN = "in", _("from the citizen")
        OUT = "out", _("to the citizen")
        NOTE = "note", _("internal note")

    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        QUEUED = "queued", _("queued")
        SENDING = "sending", _("sending")
        UNKNOWN = "unknown", _("perhaps sent")
        SENT = "sent", _("sent")
        DELIVERED = "delivered", _("delivered")
        READ = "read", _("read")
        FAILED = "failed", _("failed")
        WITHDRAWN = "withdrawn", _("taken back, never sent")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    interaction = models.ForeignKey(Interaction, models.CASCADE, related_name="messages")
    seq = models.PositiveIntegerField()
    # Where it was said, and under which number there, when it was moved by a merge or a split.
    origin_interaction = models.ForeignKey(
        Interaction, models.SET_NULL, null=True, blank=True, related_name="given_away"
    )
    origin_seq = models.PositiveIntegerField(null=True, blank=True)
    direction = models.CharField(max_length=4, choices=Direction.choices)
    account = models.SlugField(max_length=50, db_index=False)
    external_id = models.CharField(max_length=500, blank=True)
    client_id = models.CharField(max_length=100, blank=True)
    sender = models.ForeignKey(ContactPoint, models.PROTECT, null=True, blank=True, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    author_name = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    quoted = models.TextField(blank=True)
    html = models.TextField(blank=True)
    automatic = models.CharField(max_length=20, blank=True)
    remarks = models.JSONField(default=list, blank=True)
    references = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=10, choices=State.choices)
    state_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()  # our clock; shown
    sent_at = models.DateTimeField(
        null=True, blank=True
    )  # the sender's clock for what came in, the receipt's for what left

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(name="message_seq_is_unique", fields=["interaction", "seq"]),
            models.UniqueConstraint(
                name="message_client_id_is_unique",
                fields=["interaction", "client_id"],
                condition=~models.Q(client_id=""),
            ),
            models.UniqueConstraint(
                name="message_external_id_is_unique",
                fields=["account", "external_id"],
                condition=~models.Q(external_id=""),
            ),
            models.CheckConstraint(
                name="message_state_fits_direction",
                condition=models.Q(direction__in=["in", "note"], state="received")
                | (models.Q(direction="out") & ~models.Q(state="received")),
            ),
            models.CheckConstraint(
                name="message_of_elsewhere_says_its_number",
                condition=models.Q(origin_interaction__isnull=True) | models.Q(origin_seq__isnull=False),
            ),
            models.CheckConstraint(
                name="message_note_has_an_author",
                condition=~models.Q(direction="note") | models.Q(author__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.public_id}"


class Attachment(models.Model):
    """A file, kept outside the database under a generated name. Without a message yet while it is being written."""

    class Scan(models.TextChoices):
        NOT_SCANNED = "not-scanned", _("not scanned")
        CLEAN = "clean", _("scanned")
        INFECTED = "infected", _("blocked: the scanner found something")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    message = models.ForeignKey(Message, models.CASCADE, null=True, blank=True, related_name="attachments")
    uploaded_by = models.CharField(max_length=160, blank=True)  # who may attach it: "user:<id>" or "<scheme>:<value>"
    name = models.CharField(max_length=200)
    stored_as = models.CharField(max_length=80, unique=True)  # path below the attachments folder
    size = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=100)  # sniffed, not declared
    sha256 = models.CharField(max_length=64)
    content_id = models.CharField(max_length=300, blank=True)
    inline = models.BooleanField(default=False)
    scan = models.CharField(max_length=12, choices=Scan.choices, default=Scan.NOT_SCANNED)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")

    def __str__(self) -> str:
        return f"attachment {self.public_id}"
