"""Who did or read what about whom. Entries are written with the change, and sealed into a chain within seconds.

Sealing happens apart so that two transactions never wait for one another's place in the chain. The seal is an HMAC
under a key kept outside the database: whoever can only edit rows can't mend the chain.
"""

import hashlib
import hmac
import json
import uuid
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import writing
from crm.models import AuditEntry, AuditHead, Interaction, User

SYSTEM = "system"


def entry(
    action: str,
    *,
    subject: str,
    actor: User | None = None,
    actor_label: str = "",
    citizen: uuid.UUID | None = None,
    purpose: str = "",
    data: dict[str, Any] | None = None,
) -> AuditEntry:
    return AuditEntry(
        at=timezone.now(),
        actor=actor,
        actor_label=actor_label or (actor.username if actor else SYSTEM),
        action=action,
        subject=subject,
        citizen=citizen,
        purpose=purpose,
        data=data or {},
    )


def about(interaction: Interaction) -> dict[str, Any]:
    """The arguments of `entry` that say which conversation it is about, and whose."""
    citizen = interaction.citizen
    return {"subject": f"interaction:{interaction.public_id}", "citizen": citizen.public_id if citizen else None}


def record(action: str, **facts: Any) -> AuditEntry:
    """Write one entry in the running transaction; arguments as `entry`."""
    written = entry(action, **facts)
    writing.insert(written)
    return written


def write(action: str, **facts: Any) -> writing.Write:
    """One entry that is sent along with what it tells (`events.record`); arguments as `entry`."""
    return writing.insertion([entry(action, **facts)])


def _keys() -> list[bytes]:
    return [hashlib.sha256(b"audit:" + key.encode()).digest() for key in settings.ENCRYPTION_KEYS]


def _content(row: AuditEntry, position: int, previous: str) -> bytes:
    fields = [
        position, previous, row.pk, row.at.isoformat(), row.actor_id, row.actor_label, row.action, row.subject,
        str(row.citizen or ""), row.purpose, row.data,
    ]  # fmt: skip
    return json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _seal(key: bytes, content: bytes) -> str:
    return hmac.new(key, content, hashlib.sha256).hexdigest()


def seal(limit: int = 1000) -> int:
    """Put up to `limit` waiting entries into the chain; returns how many. Safe to run in several processes."""
    key = _keys()[0]
    with transaction.atomic():
        AuditHead.objects.get_or_create(id=1)
        head = AuditHead.objects.select_for_update().get(id=1)
        waiting = list(AuditEntry.objects.filter(position__isnull=True).order_by("id")[:limit])
        for row in waiting:
            row.position, row.previous = head.position + 1, head.seal
            row.seal = _seal(key, _content(row, row.position, row.previous))
            head.position, head.seal = row.position, row.seal
        AuditEntry.objects.bulk_update(waiting, ["position", "previous", "seal"], batch_size=200)
        if waiting:
            head.save(update_fields=["position", "seal"])
    return len(waiting)


def _chain(end: int) -> Iterator[AuditEntry]:
    return AuditEntry.objects.filter(position__lte=end).order_by("position").iterator(chunk_size=2000)


def verify() -> list[str]:
    """Walk the whole chain; one sentence for each entry that was changed, removed or put in. Empty = untouched."""
    wrong = []
    keys = _keys()
    head = AuditHead.objects.filter(id=1).first()  # read first: what is sealed while we walk comes after it
    expected, previous = 1, ""
    for row in _chain(head.position if head else 0):
        if row.position != expected:
            wrong.append(_("Audit entries %(a)d to %(b)d are missing.") % {"a": expected, "b": (row.position or 0) - 1})
        elif row.previous != previous:
            wrong.append(_("Audit entry %(id)d doesn't follow the one before it.") % {"id": row.pk})
        content = _content(row, row.position or 0, row.previous)
        if not any(hmac.compare_digest(_seal(key, content), row.seal) for key in keys):
            wrong.append(_("Audit entry %(id)d was changed after it was sealed.") % {"id": row.pk})
        expected, previous = (row.position or 0) + 1, row.seal
    if head is not None and (head.position != expected - 1 or head.seal != previous):
        wrong.append(
            _("The end of the audit chain was cut off or replaced: it should end at %(n)d.") % {"n": head.position}
        )
    elif end := _hangs_over():
        wrong.append(_("The end of the audit chain was cut off or replaced: it should end at %(n)d.") % {"n": end})
    return wrong


def _hangs_over() -> int:
    """The last position, where the head stands before it; 0 = it doesn't. An honest head never lags behind the rows."""
    newest: int = AuditEntry.objects.aggregate(newest=Max("position"))["newest"] or 0
    head = AuditHead.objects.filter(id=1).first()
    return newest if newest > (head.position if head else 0) else 0
