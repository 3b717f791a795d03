"""A note for colleagues, and whom it calls: those are told in the same step, or nothing is written."""

from django.db import transaction
from django.utils import timezone

from contactcenter.queues import mentions, notices
from contactcenter.queues.models import Notice
from crm import access, interactions
from crm.models import Interaction, Message, User


def note(*, interaction: Interaction, text: str, actor: User, client_id: str = "") -> Message:
    """As `interactions.note`; whoever is mentioned by `@` gets a notice, once. Raises `CannotMention` besides."""
    access.require(actor, "interaction.note", office_id=interaction.office_id)
    called, now = mentions.check(text=text, interaction=interaction), timezone.now()
    with transaction.atomic():
        written = interactions.note(interaction=interaction, text=text, actor=actor, client_id=client_id, at=now)
        told = Notice.objects.filter(interaction=interaction, about=Notice.About.MENTIONED, seq=written.seq)
        if called and not told.exists():  # the same note sent twice tells once
            notices.tell(Notice.About.MENTIONED, *called, interaction=interaction, actor=actor, at=now, seq=written.seq)
    return written
