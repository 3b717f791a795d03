"""What the first words of a conversation must bring. The page asks for it; here it is asked of whoever skips the page."""

from django.utils.translation import gettext as _

from channels_adapters.contract import InboundMessage, LiveAdapter, Refused
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake.visitors.models import VisitorSession
from crm.models import Interaction, Message, Topic


def objection(
    event: InboundMessage, account: ChannelAccount, adapter: LiveAdapter, session: VisitorSession
) -> Refused | None:
    """The refusal to send, or None. Nobody is asked for a topic where there is none to choose."""
    if not adapter.requires_topic() or _is_running(account, session) or _was_here(event, account):
        return None
    public = Topic.objects.filter(public=True, active=True)
    if public.filter(slug=event.topic).exists() or not public.exists():
        return None
    text = _("Choose what it is about before you start. Reload the page if it doesn't ask you.")
    return Refused("topic-required", text, client_id=event.client_id)


def _is_running(account: ChannelAccount, session: VisitorSession) -> bool:
    rows = Interaction.objects.filter(account=account.slug, thread=session.visitor, status=Interaction.Status.OPEN)
    return rows.exists()


def _was_here(event: InboundMessage, account: ChannelAccount) -> bool:
    """Recorded before, and sent again because our confirmation got lost."""
    return Message.objects.filter(account=account.slug, external_id=event.external_id).exists()
