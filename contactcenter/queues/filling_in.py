"""What the clock ended before it was filled in: found by whoever had it, and filled in afterwards."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.queues import noting, records, wrap_up
from contactcenter.queues.models import WorkItem
from crm import access, interactions
from crm.models import Interaction, Message, Topic, User


class FilledIn(Exception):
    """There is nothing left to fill in."""

    def __init__(self) -> None:
        super().__init__(_("This is filled in already."))


def open_for(interaction: Interaction, user: User) -> WorkItem | None:
    """The newest work on it that this person may fill in: their own, or anybody's for who may take over."""
    rows = WorkItem.objects.select_related("queue").filter(interaction=interaction, unfilled=True)
    if not access.may(user, "interaction.take-over", office_id=interaction.office_id):
        rows = rows.filter(owner=user)
    return rows.order_by("-id").first()


def fill_in(*, item: WorkItem, actor: User, outcome: str = "", topic: Topic | None = None, note: str = "") -> None:
    """Say afterwards what the queue wants to know. Raises `FilledIn`, `Forbidden`, `NotYours`, `NotFilledIn`."""
    now = timezone.now()
    with transaction.atomic():
        row = records.locked(item)
        if row.interaction is None or not row.unfilled:
            raise FilledIn
        access.require(actor, "interaction.close", office_id=row.interaction.office_id)
        if open_for(row.interaction, actor) is None:
            raise records.not_yours(row)
        kept = wrap_up.check(
            row.queue, outcome=outcome, has_topic=topic is not None or has_topic(row.interaction),
            has_note=bool(note.strip()) or has_note(row),
        )  # fmt: skip
        say_besides(row.interaction, actor, topic=topic, note=note)
        row.outcome, row.unfilled = kept, False
        row.save(update_fields=["outcome", "unfilled"])
        records.record("item.filled_in", row, actor, at=now, outcome=kept)
    item.refresh_from_db()


def say_besides(interaction: Interaction, actor: User, *, topic: Topic | None, note: str) -> None:
    """What it was about, and a note for colleagues; nothing where nothing is given."""
    if topic is not None:
        interactions.set_topic(interaction=interaction, topic=topic, actor=actor)
    if note.strip():
        noting.note(interaction=interaction, text=note, actor=actor)


def unsaid(row: WorkItem) -> list[str]:
    """What its queue wants to know and nobody has said."""
    return wrap_up.unsaid(
        row.queue, outcome=row.outcome, has_topic=has_topic(row.interaction), has_note=has_note(row)
    )  # fmt: skip


def has_topic(interaction: Interaction | None) -> bool:
    if interaction is None:
        return True
    return interaction.topic_id is not None or (interaction.case is not None and interaction.case.topic_id is not None)


def has_note(row: WorkItem) -> bool:
    """A note was written since it was taken. Asked only where the queue wants one."""
    if "note" not in row.queue.wrap_up_needs or row.interaction_id is None:
        return True
    since = Q(created_at__gte=row.claimed_at) if row.claimed_at else Q()
    rows = Message.objects.filter(since, interaction=row.interaction_id, direction=Message.Direction.NOTE)
    return rows.filter(author__isnull=False).exists()
