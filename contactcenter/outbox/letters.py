"""A letter: something that leaves through a channel account without being part of a conversation (a transcript)."""

from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from channels_adapters.contract import Address, OutboundMessage
from contactcenter.accounts.models import ChannelAccount
from contactcenter.outbox.hints import hint
from contactcenter.outbox.models import OutboxItem


def post(*, account: ChannelAccount, to: Address, subject: str, text: str, language: str = "") -> OutboxItem:
    """Put a letter into the outbox, inside the caller's transaction or its own."""
    payload = {"to": [to.scheme, to.value, to.name], "subject": subject[:300], "text": text, "language": language}
    with transaction.atomic():
        now = timezone.now()
        item = OutboxItem.objects.create(account=account, payload=payload, created_at=now, next_attempt_at=now)
        transaction.on_commit(partial(hint, item.pk))
    return item


def outbound(item: OutboxItem, payload: dict[str, Any]) -> OutboundMessage:
    scheme, value, name = payload["to"]
    adapter = item.account.adapter if item.account else None
    return OutboundMessage(
        key=str(item.key),
        external_id=adapter.assign_id(str(item.key)) if adapter else "",
        to=(Address(scheme, value, name),),
        subject=payload["subject"],
        text=payload["text"],
        language=payload["language"],
        automatic=True,
    )
