"""Until when a citizen may be answered: some channels close so many hours after the citizen's last words."""

from datetime import datetime

from channels_adapters.contract import Abilities
from crm.models import Interaction, Message


def closes_at(interaction: Interaction, abilities: Abilities) -> datetime | None:
    """The end of the window; None = the channel knows no such end, or the citizen never wrote here."""
    if abilities.reply_within is None:
        return None
    heard = Message.objects.filter(interaction=interaction, direction=Message.Direction.IN).order_by("-seq")
    last = heard.values_list("created_at", flat=True).first()
    return last + abilities.reply_within if last else None
