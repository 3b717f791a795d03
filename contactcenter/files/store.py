"""Writing a file outside the database, and reading it back."""

import hashlib
import os
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from contactcenter.files import names, scan, sniff
from crm.models import Attachment

CHUNK = 256 * 1024


class TooLarge(Exception):
    """The file has more bytes than the channel takes."""


def path_of(attachment: Attachment) -> Path:
    return Path(settings.ATTACHMENTS_DIR) / attachment.stored_as


def chunks(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), CHUNK):
        yield body[start : start + CHUNK]


def keep(
    *,
    name: str,
    content: Iterable[bytes],
    limit: int,
    at: datetime,
    content_id: str = "",
    inline: bool = False,
    uploaded_by: str = "",
) -> Attachment:
    """Write the bytes under a generated name and return the row for them, not saved yet.

    `limit` in bytes; reading stops there. Raises `TooLarge` and leaves nothing behind.
    """
    key = uuid.uuid4()
    stored_as = f"{at:%Y/%m}/{key.hex[:2]}/{key.hex}"
    target = Path(settings.ATTACHMENTS_DIR) / stored_as
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        size, digest, head = _write(target, content, limit)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return Attachment(
        public_id=key, name=names.clean(name), stored_as=stored_as, size=size, sha256=digest, created_at=at,
        content_type=sniff.content_type(head), content_id=content_id[:300], inline=inline, uploaded_by=uploaded_by,
        scan=scan.verdict(target),
    )  # fmt: skip


def _write(target: Path, content: Iterable[bytes], limit: int) -> tuple[int, str, bytes]:
    digest, size, head = hashlib.sha256(), 0, b""
    with target.open("xb") as file:
        for chunk in content:
            size += len(chunk)
            if size > limit:
                raise TooLarge(
                    _("This file is larger than %(mb)d MB. Send a smaller one.") % {"mb": limit // 1_000_000}
                )
            digest.update(chunk)
            head = head or chunk[: sniff.HEAD]
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return size, digest.hexdigest(), head
