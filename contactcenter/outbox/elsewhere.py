"""Answering on another channel of the same person: an exchange there is continued or begun, of the same citizen and case, and
the conversation it came from says so."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from channels_adapters import registry
from channels_adapters.contract import reaches_scheme
from contactcenter.accounts.models import ChannelAccount
from contactcenter.outbox import replies
from contactcenter.outbox.replies import CannotReply
from contactcenter.queues import work_items
from crm import access, audit, events, interactions
from crm.models import Case, ContactPoint, Interaction, Message, User

MOST = 30


@dataclass(frozen=True)
class Way:
    """One address of the person, and the account that can write to it first."""

    point: ContactPoint
    account: ChannelAccount

    @property
    def key(self) -> str:
        return f"{self.point.pk}:{self.account.slug}"


class NotSure(Exception):
    """Nobody proved that this address is theirs: whoever writes there says that they have looked."""

    def __init__(self) -> None:
        super().__init__(_("Nobody has verified that this address is theirs. Make sure, tick that you did, then send."))


def ways(*, interaction: Interaction, actor: User) -> list[Way]:
    """The person's other addresses that an enabled account can write to, verified ones first.

    Of an anonymous contact there are none. Addresses where nobody is reached any more are left out.
    """
    if interaction.citizen_id is None:
        return []
    rows = ContactPoint.objects.filter(citizen=interaction.citizen_id, dead_since__isnull=True)
    points = access.visible(actor, rows).distinct().order_by("-status", "id")[:MOST]
    accounts = _accounts(interaction)
    own = interaction.answers_to
    return [
        Way(point, account)
        for point in points
        if own is None or point.pk != own.pk
        for account in accounts
        if reaches_scheme(account.adapter_class.abilities, point.scheme)
    ]


def _accounts(interaction: Interaction) -> list[ChannelAccount]:
    """Those that may write first: the office's own in front, for each channel one is enough of."""
    rows = ChannelAccount.objects.filter(enabled=True).select_related("office")
    able = [row for row in rows if _starts(row)]
    return sorted(able, key=lambda row: (row.office_id != interaction.office_id, row.name))[:5]


def _starts(account: ChannelAccount) -> bool:
    try:
        return account.adapter_class.abilities.starts
    except registry.UnknownKind:  # its adapter isn't installed any more
        return False


def answer(
    *,
    interaction: Interaction,
    way: str,
    text: str,
    actor: User,
    sure: bool = False,
    subject: str = "",
    client_id: str = "",
    send_at: datetime | None = None,
) -> Message:
    """Write to the person there. `way` is a `Way.key`; `sure`: the actor vouches for an address nobody verified.

    Raises `NotVisible`, `Forbidden`, `NotYours`, `NotSure`, `CannotReply`.
    """
    access.get(actor, Interaction.objects.all(), pk=interaction.pk)
    access.require(actor, "interaction.reply", office_id=interaction.office_id)
    chosen = next((one for one in ways(interaction=interaction, actor=actor) if one.key == way), None)
    if chosen is None:
        raise CannotReply(_("This address can’t be written to any more. Choose another one."))
    _check_sure(interaction, chosen.point, sure)
    with transaction.atomic():
        origin = interactions.lock(interaction.pk)
        work_items.leave_to_owner(interaction=origin, actor=actor)
        there = _going_on(origin, chosen, actor) or _begun(origin, chosen, subject, actor)
        known = there.messages.filter(client_id=client_id).first() if client_id else None
        if known is not None:
            return known
        message = replies.reply(
            interaction=there, text=text, actor=actor, subject=subject, client_id=client_id, send_at=send_at
        )
        _tell(origin, there, chosen, actor, sure=sure)
    interaction.version = origin.version
    return message


def _check_sure(interaction: Interaction, point: ContactPoint, sure: bool) -> None:
    if point.is_verified:
        return
    if interaction.case is not None and interaction.case.confidentiality != Case.Confidentiality.NORMAL:
        raise CannotReply(_("This case is confidential: verify the address first, then write there."))
    if not sure:
        raise NotSure


def _going_on(origin: Interaction, way: Way, actor: User) -> Interaction | None:
    """What is open there with this person, of this case or of none, as far as the actor may see it."""
    rows = Interaction.objects.filter(
        account=way.account.slug, contact_point=way.point, citizen=origin.citizen_id, status=Interaction.Status.OPEN
    ).exclude(pk=origin.pk)
    thread = _thread(way)
    same = access.visible(actor, rows).filter(case=origin.case_id) if not thread else rows.filter(thread=thread)
    return same.select_related("contact_point", "citizen", "case", "office").order_by("-id").first()


def _thread(way: Way) -> str:
    """As `intake` names it: a channel with one running conversation per sender has one open at most."""
    continuous = way.account.adapter_class.abilities.continuous
    return f"{way.point.scheme}:{way.point.value}"[:300] if continuous else ""


def _begun(origin: Interaction, way: Way, subject: str, actor: User) -> Interaction:
    now = timezone.now()
    there = Interaction.objects.create(
        account=way.account.slug, family=way.account.adapter_class.abilities.family, thread=_thread(way),
        contact_point=way.point, citizen=origin.citizen, case=origin.case, office=origin.office, queue=origin.queue,
        topic=origin.topic, language=origin.language, subject=(subject or origin.subject)[: replies.SUBJECT],
        opened_at=now,
    )  # fmt: skip
    started = {"from": str(origin.public_id)}
    events.record(events.fact("interaction.started", interaction=there, actor=actor, at=now, data=started))
    _audit("interaction.started", there, actor, **started)
    return there


def _tell(origin: Interaction, there: Interaction, way: Way, actor: User, *, sure: bool) -> None:
    """The origin's screens look again: its version grows, and its citizen waits no longer."""
    origin.version += 1
    origin.awaiting_reply_since = None
    origin.save(update_fields=["version", "awaiting_reply_since"])
    told = {"to": str(there.public_id), "account": way.account.slug}
    events.record(events.fact("interaction.answered_elsewhere", interaction=origin, actor=actor, data=told))
    _audit("interaction.answered_elsewhere", origin, actor, **told, vouched=not way.point.is_verified and sure)


def _audit(action: str, interaction: Interaction, actor: User, **data: object) -> None:
    audit.record(action, **audit.about(interaction), actor=actor, data=data)
