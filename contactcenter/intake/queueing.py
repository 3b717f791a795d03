"""From contact to queue: ask the pure decision, put the interaction in line, say why."""

from datetime import datetime

from channels_adapters.contract import InboundMessage
from contactcenter.accounts.models import ChannelAccount
from contactcenter.queues import work_items
from contactcenter.queues.models import Queue
from contactcenter.routing.decide import Decision, Facts, Line, decide, in_words
from crm import events, interactions
from crm.models import Event, Interaction

# Reports and answers of machines are kept with their conversation; nobody has to work on them.
NOBODYS_WORK = frozenset({"auto-reply", "bounce", "own"})


def queue(
    interaction: Interaction, account: ChannelAccount, event: InboundMessage, at: datetime, *, opened: bool
) -> list[Event]:
    """Facts of queueing, for the caller to record. Nothing where somebody has it or it waits already."""
    if event.automatic in NOBODYS_WORK or (event.automatic and not opened):
        return _file_away(interaction, at) if opened else []
    if not opened and work_items.is_open(interaction):
        return []
    facts = []
    if not interaction.is_open:
        interactions.reopen(interaction)
        facts.append(events.fact("interaction.reopened", interaction=interaction, at=at))
    chosen, decision = _decide(interaction, account, event, at)
    interaction.queue, interaction.office = chosen.slug, chosen.office
    interaction.save(update_fields=["queue", "office"])
    _item, queued = work_items.enqueue(
        interaction=interaction, queue=chosen, priority=decision.priority, at=at, why=in_words(decision.why)
    )
    return [*facts, queued]


def _decide(
    interaction: Interaction, account: ChannelAccount, event: InboundMessage, at: datetime
) -> tuple[Queue, Decision]:
    known = {account.queue.slug: account.queue}
    of_topic = None
    if interaction.topic is not None:
        of_topic = Queue.objects.select_related("office").filter(topics=interaction.topic, active=True).first()
        if of_topic is not None:
            known[of_topic.slug] = of_topic
    facts = Facts(
        account=account.slug,
        account_queue=account.queue.slug,
        at=at,
        queues={slug: Line(row.name, row.priority, row.active) for slug, row in known.items()},
        topic=interaction.topic.slug if interaction.topic else "",
        topic_queue=of_topic.slug if of_topic else "",
        language=interaction.language,
        family=interaction.family,
        automatic=event.automatic != "",
    )
    decision = decide(facts)
    return known[decision.queue], decision


def _file_away(interaction: Interaction, at: datetime) -> list[Event]:
    """A machine's report that belongs to no conversation of ours: kept, closed, in nobody's way."""
    interaction.status, interaction.closed_at = Interaction.Status.CLOSED, at
    interaction.save(update_fields=["status", "closed_at"])
    return [events.fact("interaction.closed", interaction=interaction, at=at, data={"reason": "automatic"})]
