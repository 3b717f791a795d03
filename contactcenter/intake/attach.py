"""Files that came with a message: kept before the transaction, tied to the message inside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError
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


@dataclass
class KeptFiles:
    """The files of one message that is being taken in."""

    files: list[Kept]
    owned: bool = False

    def belong(self) -> None:
        """Said last inside the transaction: from here on only the database knows whether their message is there."""
        self.owned = True


@contextmanager
def kept(event: InboundMessage, account: ChannelAccount, at: datetime) -> Iterator[KeptFiles]:
    """The bytes that came along, written. They go again when the message isn't recorded, whatever the reason.

    Where the commit itself fails nobody can tell whether it took place: then they stay.
    """
    written = KeptFiles([])
    try:
        _keep(event, at, written.files)
        yield written
    except IntegrityError:  # rolled back for certain, even by the commit itself
        _discard(written.files)
        raise
    finally:
        if not written.owned:
            _discard(written.files)


def _keep(event: InboundMessage, at: datetime, kept: list[Kept]) -> None:
    """What is too large or too many is told, not dropped silently."""
    room = MAX_TOTAL
    for file in event.files[:MAX_FILES]:
        if not file.body:
            continue
        written = _keep_one(file, min(room, MAX_TOTAL), at)
        room -= written.size if isinstance(written, Attachment) else 0
        kept.append(written)
    if len(event.files) > MAX_FILES:
        kept.append(Refusal(_("%(n)d more files were not kept.") % {"n": len(event.files) - MAX_FILES}))


def _keep_one(file: InboundFile, limit: int, at: datetime) -> Kept:
    try:
        return store.keep(
            name=file.name, content=store.chunks(file.body), limit=limit, at=at,
            content_id=file.content_id, inline=file.inline,
        )  # fmt: skip
    except store.TooLarge:
        return Refusal(_("A file was too large and was not kept."))


def _discard(kept: list[Kept]) -> None:
    """The message was here before, or could not be recorded: these bytes are nobody's."""
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
