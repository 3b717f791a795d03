"""Answering a citizen: the words and the order to send them are written in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache, partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.accounts.models import ChannelAccount
from contactcenter.outbox import formatting, reply_window
from contactcenter.outbox.hints import hint
from contactcenter.outbox.models import OutboxItem
from contactcenter.queues import records, work_items
from crm import audit, events, interactions, messages
from crm.access import require
from crm.models import Attachment, Interaction, Message, User
from crm.prepared import PreparedModel

SUBJECT = 300  # characters


class CannotReply(Exception):
    """Nothing can be sent here; the sentence says why and what to do."""


def account_for(interaction: Interaction) -> ChannelAccount:
    """The account whose channel reaches the citizen: the interaction's own, else the one it replies through.

    Raises `CannotReply`.
    """
    own = _account().first(interaction.account)
    point = interaction.answers_to
    if own is None or point is None:
        raise CannotReply(_("This conversation has no address to answer to. Write a note, or call the citizen."))
    for account in (own, own.reply_through):
        if account is not None and account.adapter.can_reach(point.scheme):
            return account
    raise CannotReply(
        _("No channel of this office reaches this address. An administrator can name one to reply through.")
    )


@cache
def _account() -> PreparedModel[ChannelAccount]:
    rows = ChannelAccount.objects.select_related("reply_through").filter(slug="@account")
    return PreparedModel(rows.order_by(), "@account")


def reply(
    *,
    interaction: Interaction,
    text: str,
    actor: User,
    client_id: str = "",
    attachments: Sequence[Attachment] = (),
    based_on: int | None = None,
    at: datetime | None = None,
    send_at: datetime | None = None,
    subject: str = "",
    formatted: bool = False,
) -> Message:
    """Answer. The same `client_id` twice is one message.

    Raises `Forbidden`, `NotYours` where somebody else has taken it, `StaleView`, `IdTaken`, `CannotReply`,
    `AlreadyClosed`.
    `based_on`: the version of the screen it was written on. `attachments`: saved files without a message yet.
    `subject`: another one than the conversation's, where the channel has subjects; its thread stays.
    `formatted`: the text is `formatting`'s markup, and leaves in both forms where the channel has one for it.
    `send_at`: not before then, so that it can be taken back (`holding.withdraw`); a live channel sends at once.
    """
    require(actor, "interaction.reply", office_id=interaction.office_id)
    account = account_for(interaction)
    _check(text, attachments, account)
    _check_window(interaction, account, max(filter(None, (at, send_at)), default=timezone.now()))
    other = messages.clean(subject).strip() if account.adapter_class.abilities.subject else ""
    with transaction.atomic():
        locked = interactions.lock(interaction.pk)
        repeated = interactions.repeated(locked, client_id, direction=Message.Direction.OUT, author=actor)
        if repeated is not None:
            return repeated
        if not locked.is_open:
            raise interactions.AlreadyClosed(_("This conversation is closed. Reopen it, then answer."))
        item = work_items.leave_to_owner(interaction=locked, actor=actor)
        interactions.check_words(locked, based_on)
        waits = None if account.adapter_class.abilities.live else send_at
        message = _write(
            locked,
            account,
            text,
            at or timezone.now(),
            author=actor,
            client_id=client_id,
            send_at=waits,
            subject="" if other == locked.subject else other,
            html=formatting.html(messages.clean(text)) if formatted and account.adapter_class.abilities.html else "",
        )
        for attachment in attachments:
            attachment.message = message
        Attachment.objects.bulk_update(attachments, ["message"])
        facts = [events.fact("message.queued", interaction=locked, actor=actor, at=at, data={"seq": message.seq})]
        if item is not None and item.owner_id is None:  # the line shows what waits, and that it was answered
            facts.append(events.fact("item.heard-more", interaction=locked, actor=actor, at=at))
        events.record(*facts, also=(records.person(actor.public_id),))
        audit.record("interaction.replied", **audit.about(locked), actor=actor, data={"seq": message.seq})
    interaction.version, interaction.last_seq = locked.version, locked.last_seq
    return message


def _check(text: str, attachments: Sequence[Attachment], account: ChannelAccount) -> None:
    abilities = account.adapter_class.abilities
    if not text.strip() and not attachments:
        raise CannotReply(_("There is nothing to send yet. Write an answer first."))
    if len(text) > abilities.max_length:
        raise CannotReply(
            _("This channel takes %(n)d characters at most. Shorten the answer.") % {"n": abilities.max_length}
        )
    if attachments and not abilities.files:
        raise CannotReply(_("This channel takes no files. Remove them, or answer on another channel."))
    if len(attachments) > abilities.max_files:
        raise CannotReply(_("This channel takes %(n)d files at most.") % {"n": abilities.max_files})


def _check_window(interaction: Interaction, account: ChannelAccount, leaves: datetime) -> None:
    closes = reply_window.closes_at(interaction, account.adapter_class.abilities)
    if closes is not None and leaves >= closes:
        raise CannotReply(
            _(
                "The time to answer on this channel is over. Answer on another one, or wait until the citizen writes again."
            )
        )


def acknowledge(*, locked: Interaction, account: ChannelAccount, text: str, at: datetime) -> Message:
    """The automatic “we have your message”, inside the caller's transaction. The caller sees to once per case."""
    message = _write(locked, account, text, at, automatic="acknowledgement")
    events.record(events.fact("message.acknowledged", interaction=locked, at=at, data={"seq": message.seq}))
    return message


def notify(*, locked: Interaction, account: ChannelAccount, text: str, kind: str, at: datetime) -> Message:
    """What the house itself says in a conversation, inside the caller's transaction. `kind` is kept as `automatic`."""
    message = _write(locked, account, text, at, automatic=kind)
    events.record(events.fact("message.notified", interaction=locked, at=at, data={"seq": message.seq, "kind": kind}))
    return message


def _write(
    locked: Interaction,
    account: ChannelAccount,
    text: str,
    at: datetime,
    author: User | None = None,
    client_id: str = "",
    automatic: str = "",
    send_at: datetime | None = None,
    subject: str = "",
    html: str = "",
) -> Message:
    """The message and its outbox row; a worker is hinted at on commit, where it needn't wait."""
    item = OutboxItem(account=account, created_at=at, next_attempt_at=send_at or at)
    message = messages.append(
        locked,
        direction=Message.Direction.OUT,
        state=Message.State.QUEUED,
        at=at,
        text=messages.clean(text),
        html=html,
        author=author,
        author_name=author.display_name if author else account.name,
        client_id=client_id,
        automatic=automatic,
        subject=subject[:SUBJECT],
        external_id=account.adapter.assign_id(str(item.key)),
    )
    item.message = message
    item.save(force_insert=True)
    if send_at is None:
        transaction.on_commit(partial(hint, item.pk))
    return message


def retry(*, message: Message, actor: User) -> None:
    """Try a failed or doubtful message again because a person decided so. Raises `Forbidden`, `CannotReply`."""
    interaction = message.interaction
    require(actor, "interaction.retry", office_id=interaction.office_id)
    now = timezone.now()
    with transaction.atomic():
        again = OutboxItem.objects.filter(
            message=message, state__in=[OutboxItem.State.FAILED, OutboxItem.State.UNKNOWN]
        ).update(state=OutboxItem.State.WAITING, attempts=0, next_attempt_at=now, error="", done_at=None)
        locked = interactions.lock(interaction.pk)
        # A late receipt may have told meanwhile that the citizen has it: then a second copy would be one too many.
        doubtful = Message.objects.filter(pk=message.pk, state__in=[Message.State.FAILED, Message.State.UNKNOWN])
        if not again or not doubtful.update(state=Message.State.QUEUED, state_reason=""):
            raise CannotReply(_("This message is on its way or sent already."))
        locked.version += 1
        locked.save(update_fields=["version"])
        events.record(
            events.fact("message.queued", interaction=locked, actor=actor, data={"seq": message.seq, "again": True})
        )
        audit.record(
            "message.retried", subject=f"interaction:{locked.public_id}", actor=actor, data={"seq": message.seq}
        )
        transaction.on_commit(partial(hint, OutboxItem.objects.values_list("pk", flat=True).get(message=message)))
