"""From contact to queue: gather the facts, ask the pure decision, put the interaction in line, say why."""

from dataclasses import asdict
from datetime import datetime
from functools import cache

from django.conf import settings
from django.utils import translation

from channels_adapters.contract import InboundMessage
from contactcenter.accounts.models import ChannelAccount
from contactcenter.queues import overflow, parking, records, roster, rulebook, work_items
from contactcenter.queues.models import Queue, WorkItem
from contactcenter.routing.decide import Decision, decide, in_words
from contactcenter.routing.rules import Citizen
from crm import announce, blocks, events, interactions
from crm.models import ContactPoint, Event, Interaction
from crm.prepared import Prepared

# Reports and answers of machines are kept with their conversation; nobody has to work on them.
NOBODYS_WORK = frozenset({"auto-reply", "bounce", "own"})
SOME = 2_147_000_029  # stands for an interaction in the prepared statement
MOST_STEPS = 50  # of a decision that the log keeps: the last ones, which decided


def queue(
    interaction: Interaction, account: ChannelAccount, event: InboundMessage, at: datetime, *, opened: bool
) -> list[Event]:
    """Facts of queueing, for the caller to record. Nothing where somebody has it or it waits already."""
    if event.automatic in NOBODYS_WORK or (event.automatic and not opened):
        return _file_away(interaction, at) if opened else []
    if blocks.is_blocked(interaction.contact_point, at):
        return _file_away(interaction, at, "blocked") if opened else []
    if interaction.spam and not interaction.is_open:
        return []
    facts = None if opened else _goes_on(interaction, at)
    goes_on, facts = facts is not None, facts or []
    if not interaction.is_open:
        interactions.reopen(interaction)
        facts.append(events.fact("interaction.reopened", interaction=interaction, at=at))
    return facts if goes_on else [*facts, *_line_up(interaction, account, event, at)]


def _goes_on(interaction: Interaction, at: datetime) -> list[Event] | None:
    """Facts of the work that there is on it already; None = there is none. What is parked until the citizen writes is
    taken up again, and what is being wrapped up waits again when that ends. Who looks at the line, or has it, looks again.
    """
    found = _open().rows(interaction.pk)
    if not found:
        return None
    state, owner = found[0]
    if state in {WorkItem.State.PARKED, WorkItem.State.WRAPPING}:
        parking.wake(interaction, at)
    if owner is not None:
        announce.look_again([records.person(owner)])
        return []
    return [events.fact("item.heard-more", interaction=interaction, at=at)]


@cache
def _open() -> Prepared:
    rows = WorkItem.objects.filter(interaction=SOME).exclude(state__in=WorkItem.ENDED)
    return Prepared(rows.values_list("state", "owner__public_id"), SOME)


def _line_up(interaction: Interaction, account: ChannelAccount, event: InboundMessage, at: datetime) -> list[Event]:
    decision = _decide(interaction, account, event, at)
    led_to = rulebook.known().queues.get(decision.queue, account.queue)
    entry = overflow.at_entry(led_to, interaction.family)
    chosen, language = entry.queue, decision.language
    if chosen.pk != led_to.pk and language not in roster.languages_of(chosen):
        language = ""
    if (interaction.queue, interaction.office_id) != (chosen.slug, chosen.office_id):
        interaction.queue, interaction.office = chosen.slug, chosen.office
        interaction.save(update_fields=["queue", "office"])
    item, queued = work_items.enqueue(
        interaction=interaction, queue=chosen, priority=decision.priority - led_to.priority + chosen.priority, at=at,
        why=_in_our_words(decision), language=language, requirements=decision.requirements,
        last_agent=_last_agent(interaction, chosen),
    )  # fmt: skip
    queued.data |= {"steps": [_told(asdict(step)) for step in decision.steps[-MOST_STEPS:]]}
    return [queued, *overflow.enter(item, entry)]


def _decide(interaction: Interaction, account: ChannelAccount, event: InboundMessage, at: datetime) -> Decision:
    facts = rulebook.facts(
        account=account.slug, account_queue=account.queue.slug, at=at, topic=interaction.topic,
        language=interaction.language, family=interaction.family, subject=event.subject, text=event.text,
        citizen=_standing(interaction), automatic=event.automatic != "",
    )  # fmt: skip
    return decide(facts, rulebook.known().rules)


def _standing(interaction: Interaction) -> Citizen:
    if interaction.citizen_id is None:
        return "anonymous"
    point = interaction.contact_point
    return "verified" if point is not None and point.status == ContactPoint.Status.VERIFIED else "known"


def _in_our_words(decision: Decision) -> str:
    """Agents read it, whatever language the citizen's page is in."""
    with translation.override(settings.LANGUAGE_CODE):
        return in_words(decision.why)


def _told(step: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in step.items() if value}


def _last_agent(interaction: Interaction, chosen: Queue) -> int | None:
    """Who had this citizen's last contact. Asked only where the queue looks at it."""
    if not chosen.sticky_seconds:
        return None
    rows = WorkItem.objects.filter(owner__isnull=False)
    if interaction.citizen_id is not None:
        rows = rows.filter(interaction__citizen=interaction.citizen_id)
    elif interaction.contact_point_id is not None:
        rows = rows.filter(interaction__contact_point=interaction.contact_point_id)
    else:
        return None
    newest = rows.order_by("-interaction__opened_at", "-claimed_at").values_list("owner_id", flat=True)
    return next(iter(newest[:1]), None)


def _file_away(interaction: Interaction, at: datetime, reason: str = "automatic") -> list[Event]:
    """A machine's report that belongs to no conversation of ours, or a blocked address: kept, closed, in nobody's way."""
    interaction.status, interaction.closed_at = Interaction.Status.CLOSED, at
    interaction.awaiting_reply_since = None
    interaction.save(update_fields=["status", "closed_at", "awaiting_reply_since"])
    return [events.fact("interaction.closed", interaction=interaction, at=at, data={"reason": reason})]
