"""Files that came with a message: kept before the transaction, tied to the message inside it."""

from datetime import datetime

from django.utils.translation import gettext as _

from channels_adapters.contract import InboundFile, InboundMessage
from contactcenter.accounts.models import ChannelAccount
from contactcenter.files import store
from crm.models import Attachment, ContactPoint, Message

MAX_FILES = 100
MAX_TOTAL = 60 * 1024 * 1024  # bytes of all files of one message


class Refusal(str):
    """A sentence about a file that was not kept; the agent reads it below the message."""


Kept = Attachment | Refusal


def keep(event: InboundMessage, account: ChannelAccount, at: datetime) -> list[Kept]:
    """Write the bytes that came along. What is too large or too many is told, not dropped silently."""
    kept: list[Kept] = []
    room = MAX_TOTAL
    for file in event.files[:MAX_FILES]:
        if not file.body:
            continue
        written = _keep_one(file, min(room, MAX_TOTAL), at)
        room -= written.size if isinstance(written, Attachment) else 0
        kept.append(written)
    if len(event.files) > MAX_FILES:
        kept.append(Refusal(_("%(n)d more files were not kept.") % {"n": len(event.files) - MAX_FILES}))
    return kept


def _keep_one(file: InboundFile, limit: int, at: datetime) -> Kept:
    try:
        return store.keep(
            name=file.name, content=store.chunks(file.body), limit=limit, at=at,
            content_id=file.content_id, inline=file.inline,
        )  # fmt: skip
    except store.TooLarge:
        return Refusal(_("A file was too large and was not kept."))


def discard(kept: list[Kept]) -> None:
    """The message was here before, or is tried again: these bytes are nobody's."""
    for file in kept:
        if isinstance(file, Attachment):
            store.path_of(file).unlink(missing_ok=True)


def claim(event: InboundMessage, message: Message, kept: list[Kept], point: ContactPoint) -> None:
    """Tie files to their message: those that came along, and those the same sender uploaded before."""
    rows = [file for file in kept if isinstance(file, Attachment)]
    for row in rows:
        row.message = message
    if rows:
        Attachment.objects.bulk_create(rows)
    uploads = [file.upload for file in event.files[:MAX_FILES] if file.upload]
    if uploads:
        owner = f"{point.scheme}:{point.value}"
        Attachment.objects.filter(public_id__in=uploads, uploaded_by=owner, message__isnull=True).update(
            message=message
        )
    refused = [str(file) for file in kept if isinstance(file, Refusal)]
    if refused:
        message.remarks = [*message.remarks, *refused]
        message.save(update_fields=["remarks"])
