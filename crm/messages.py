"""Appending to a conversation. The number of a message is given under the lock of its interaction."""

import unicodedata
from datetime import datetime
from typing import Any

from crm import writing
from crm.models import Interaction, Message

PREVIEW_LENGTH = 140
OF_THE_NEWEST = (
    "last_seq", "version", "words_version", "last_message_at", "preview", "awaiting_reply_since", "visitor_left_at",
)  # fmt: skip


def clean(text: str) -> str:
    """Drop what no database stores: NUL and lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")


def preview(text: str) -> str:
    """The first words, on one line, without control characters."""
    words = " ".join(text[:1000].split())
    printable = "".join(character for character in words if unicodedata.category(character)[0] != "C")
    return printable if len(printable) <= PREVIEW_LENGTH else printable[: PREVIEW_LENGTH - 1].rstrip() + "…"


def append(interaction: Interaction, *, direction: str, state: str, at: datetime, **fields: Any) -> Message:
    """Write the next message of an interaction whose row the caller holds locked. Two statements.

    `fields` are the other columns of `Message`. What the interaction shows of its newest message changes along.
    """
    interaction.last_seq += 1
    interaction.version += 1
    if not fields.get("automatic"):
        interaction.words_version = interaction.version
    interaction.last_message_at = at
    message = Message(
        interaction=interaction,
        seq=interaction.last_seq,
        direction=direction,
        account=interaction.account,
        state=state,
        created_at=at,
        **fields,
    )
    if direction != Message.Direction.NOTE and not message.automatic:
        interaction.preview = preview(message.text or message.subject)
        _turn(interaction, direction, at)
    changed = [writing.update(interaction, *OF_THE_NEWEST)] if interaction.pk else []
    writing.written([message], writing.send(*changed, writing.insertion([message])))
    return message


def take_stock(interaction: Interaction) -> None:
    """A message was taken back, or some came or went: whose turn it is and the newest words follow from what is there now.

    The caller holds the interaction locked.
    """
    said = Message.objects.filter(interaction=interaction, automatic="").exclude(direction=Message.Direction.NOTE)
    said = said.exclude(state=Message.State.WITHDRAWN).order_by("seq")
    answered = said.filter(direction=Message.Direction.OUT).last()
    unanswered = said.filter(direction=Message.Direction.IN, seq__gt=answered.seq if answered else 0).first()
    newest = said.last()
    interaction.version += 1
    interaction.awaiting_reply_since = unanswered.created_at if unanswered else None
    interaction.preview = preview(newest.text or newest.subject) if newest else ""
    interaction.save(update_fields=["version", "awaiting_reply_since", "preview"])


def _turn(interaction: Interaction, direction: str, at: datetime) -> None:
    """Whose turn it is: from the citizen's first unanswered word until somebody answers."""
    if direction == Message.Direction.OUT:
        interaction.awaiting_reply_since = None
    else:
        interaction.awaiting_reply_since = interaction.awaiting_reply_since or at
        interaction.visitor_left_at = None
