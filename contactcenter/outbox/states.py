"""What became of a message: states only move forward, in whatever order the news comes in."""

import uuid
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from channels_adapters.contract import DeliveryUpdate
from contactcenter.accounts.models import ChannelAccount
from contactcenter.outbox.models import EarlyUpdate
from contactcenter.queues import notices
from crm import announce, events, interactions, prepared
from crm.models import ContactPoint, Interaction, Message

S = Message.State
# A higher rank wins. "failed" stands below "delivered": a late failure never takes back what the citizen has.
REACHED = f"""
UPDATE {Interaction._meta.db_table} SET agent_delivered_seq = %s
WHERE id = %s AND agent_delivered_seq < %s AND last_seq >= %s
"""  # nosec B608 - our own table
RANK = {S.QUEUED: 0, S.SENDING: 1, S.UNKNOWN: 2, S.SENT: 3, S.FAILED: 4, S.DELIVERED: 5, S.READ: 6, S.WITHDRAWN: 7}


HAS_IT = (S.DELIVERED, S.READ)  # the citizen has the words, whatever we think of the sending


def _below(state: str) -> list[str]:
    return [known for known, rank in RANK.items() if rank < RANK[Message.State(state)]]


def advance(*, message: Message, state: str, reason: str = "", at: datetime | None = None) -> bool:
    """Move one outgoing message forward; False when it is there or beyond already. The fact is recorded with it.

    The interaction is locked before its message, as everywhere: in another order two of us would wait for each other.
    """
    fields: dict[str, object] = {"state": state, "state_reason": reason[:300]}
    if state == S.SENT:
        fields["sent_at"] = at or timezone.now()
    with transaction.atomic():
        locked = interactions.lock_first(along=("case",), pk=message.interaction_id)
        moved = Message.objects.filter(pk=message.pk, direction="out", state__in=_below(state)).update(**fields)
        if moved and locked is not None:
            message.state, message.state_reason = state, reason
            locked.version += 1
            locked.save(update_fields=["version"])
            events.record(events.fact(f"message.{state}", interaction=locked, at=at, data={"seq": message.seq}))
            if state == S.FAILED and message.author is not None:
                when, seq = at or timezone.now(), message.seq
                notices.tell(notices.About.FAILED, message.author, interaction=locked, actor=None, at=when, seq=seq)
    return bool(moved)


def reach(*, interaction: Interaction, seq: int, state: str) -> bool:
    """Everything of ours up to `seq` is delivered (or read) on the citizen's own page. True when anything moved."""
    field = "read_seq" if state == S.READ else "delivered_seq"
    with transaction.atomic():
        moved = Interaction.objects.filter(pk=interaction.pk, last_seq__gte=seq, **{f"{field}__lt": seq}).update(
            **{field: seq}, version=F("version") + 1
        )
        if not moved:
            return False
        Message.objects.filter(interaction=interaction, direction="out", seq__lte=seq, state__in=_below(state)).update(
            state=state
        )
        fresh = Interaction.objects.select_related("case").get(pk=interaction.pk)
        events.record(events.fact(f"message.{state}", interaction=fresh, data={"seq": seq}))
    return True


def reach_agent(*, interaction: Interaction) -> bool:
    """The citizen's words, as far as `interaction` knows them, were drawn on a page that an agent has open.

    Whether somebody looked at it is another matter (`interactions.mark_read_by_agent`). True when it moved.
    """
    seq = interaction.last_seq
    if interaction.agent_delivered_seq >= seq:
        return False
    with prepared.cursor() as cursor:
        cursor.execute(REACHED, [seq, interaction.pk, seq, seq])
        moved = cursor.rowcount > 0
    if moved:
        topic = interaction.topic_group
        transaction.on_commit(partial(announce.say, topic, {"type": "seen", "topic": topic, "seq": seq}))
    return moved


def apply(*, account: str, update: DeliveryUpdate, at: datetime) -> Message | None:
    """A provider's word about a message of ours; parked when we don't know the message yet."""
    message = _find(account, update)
    if message is None:
        EarlyUpdate.objects.create(
            account=account, external_id=(update.external_id or update.key)[:500], state=update.state,
            reason=update.reason[:300], at=at,
        )  # fmt: skip
        return None
    advance(message=message, state=update.state, reason=update.reason, at=at)
    point = message.interaction.answers_to
    if update.address_dead and point is not None:
        ContactPoint.objects.filter(pk=point.pk, dead_since__isnull=True).update(dead_since=at)
    return message


def _find(account: str, update: DeliveryUpdate) -> Message | None:
    rows = Message.objects.select_related("interaction__contact_point").filter(direction="out")
    if update.external_id:
        found = rows.filter(account__in=written_for(account), external_id=update.external_id).first()
        if found is not None:
            return found
    key = _key(update.key)
    return rows.filter(account__in=written_for(account), outbox_item__key=key).first() if key else None


def _key(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def written_for(account: str) -> list[str]:
    """Slugs of the accounts whose answers leave through this one, itself among them: news about them comes in here."""
    return [account, *ChannelAccount.objects.filter(reply_through__slug=account).values_list("slug", flat=True)]


def match_early(*, message: Message, account: str) -> None:
    """Apply what came in at the sending account before our own receipt was stored."""
    for parked in EarlyUpdate.objects.filter(account=account, external_id=message.external_id).order_by("id"):
        advance(message=message, state=parked.state, reason=parked.reason, at=parked.at)
        parked.delete()
