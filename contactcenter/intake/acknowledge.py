"""“We have your message”: once per case, never to a machine, never to somebody who only joined by a forged thread."""

from datetime import datetime, timedelta

from babel.dates import format_date
from django.utils import timezone

from channels_adapters.contract import InboundMessage
from contactcenter.accounts.models import ChannelAccount
from contactcenter.outbox import replies
from crm.models import Case, Interaction, Message

# A backstop against two programs answering each other: per address, whatever their headers say (RFC 3834, section 2).
PER_ADDRESS = 3
PERIOD = timedelta(hours=1)


def is_due(event: InboundMessage, account: ChannelAccount, interaction: Interaction) -> bool:
    """Every reason not to is checked before the one to do it."""
    if event.automatic or not account.adapter_class.abilities.acknowledges or not _text(account, interaction):
        return False
    if not interaction.is_open:
        return False  # filed away: blocked, or nobody's work
    case = interaction.case
    if case is None or case.acknowledged_at is not None or interaction.contact_point is None:
        return False
    if "not-addressed" in event.remarks or interaction.contact_point.dead_since is not None:
        return False
    recent = Message.objects.filter(
        interaction__contact_point=interaction.contact_point_id,
        automatic="acknowledgement",
        created_at__gte=interaction.opened_at - PERIOD,
    )
    return recent[:PER_ADDRESS].count() < PER_ADDRESS


def _language(account: ChannelAccount, interaction: Interaction) -> str:
    """The citizen's where there is a text in it, else the account's."""
    chosen = interaction.language[:2]
    return chosen if account.acknowledgements.get(chosen) else account.language


def _text(account: ChannelAccount, interaction: Interaction) -> str:
    return str(account.acknowledgements.get(_language(account, interaction)) or "")


def acknowledge(interaction: Interaction, account: ChannelAccount, at: datetime) -> None:
    """Compose it, in the caller's transaction. Placeholders: {number}, {subject}, {date}, {office}."""
    case = interaction.case
    if case is None:
        return
    day = format_date(timezone.localtime(at), format="long", locale=_language(account, interaction))
    values = {"number": case.number, "subject": interaction.subject, "date": day, "office": account.name}
    text = _text(account, interaction)
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    replies.acknowledge(locked=interaction, account=account, text=text, at=at)
    Case.objects.filter(pk=case.pk).update(acknowledged_at=at)
    case.acknowledged_at = at
