"""Which conversation a message belongs to. A sender's address proves nothing: mail joins by our signed tag or by the id
of something we sent; a channel with one running conversation per sender joins by the sender."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from channels_adapters.contract import InboundMessage
from contactcenter.accounts.models import ChannelAccount
from contactcenter.outbox import states, tags
from contactcenter.routing.language import detect
from crm import cases, citizens, interactions, messages, writing
from crm.interactions import lock
from crm.models import ContactPoint, Interaction, Message, Topic

__all__ = ["find", "keep_reply_point", "lock", "open"]
MAX_TAGS = 10
MAX_REFERENCES = 50
ADDRESS_LENGTH = 320


def find(event: InboundMessage, account: ChannelAccount, at: datetime) -> tuple[ContactPoint, Interaction | None]:
    """Who wrote, and the interaction under lock, or None for a new one.

    Closed ones are taken up again within the account's days.
    """
    named = bool(event.tags or event.references)
    running = None if named else _by_thread(event, account)
    point = _sender(event, account, at, running)
    if not named:
        return point, running
    joined = _joined(event, account, point)
    locked = _lock_where_it_goes_on(joined) if joined else _by_thread(event, account)
    if locked is None or locked.is_open or event.automatic or _may_reopen(locked, account):
        return point, locked
    return point, None


def _sender(event: InboundMessage, account: ChannelAccount, at: datetime, running: Interaction | None) -> ContactPoint:
    """Read already where it is whose conversation runs, which is nearly always."""
    known, scheme, value = running and running.contact_point, event.sender.scheme, event.sender.value[:ADDRESS_LENGTH]
    return citizens.identify(
        scheme=scheme, value=value, name=messages.clean(event.sender.name), at=at, language=event.language,
        remember=account.remembers_people and event.automatic == "",
        known=known if known and (known.scheme, known.value) == (scheme, value) else None,
        tries_again=True,  # `receive.receive` does
    )  # fmt: skip


def _joined(event: InboundMessage, account: ChannelAccount, point: ContactPoint) -> int | None:
    """Where a tag or a reference leads. The tag names the conversation that a message left from: where some of its
    messages moved to another one since, what is answered is found by its own id first."""
    tagged = _by_tag(event)
    if tagged is None:
        return _by_reference(event, account, point)
    pk, has_given_away = tagged
    return (_by_reference(event, account, point) if has_given_away else None) or pk


def _by_tag(event: InboundMessage) -> tuple[int, bool] | None:
    """The interaction, or the one that it was merged into; and whether messages of it were moved away."""
    numbers = [number for tag in event.tags[:MAX_TAGS] if (number := tags.open(tag)) is not None]
    if not numbers:
        return None
    moved = Exists(Message.objects.filter(origin_interaction=OuterRef("pk")))
    rows = Interaction.objects.filter(pk__in=numbers).annotate(moved=moved)
    found = rows.values_list("pk", "merged_into", "moved").first()
    return (found[1] or found[0], found[2]) if found else None


def _lock_where_it_goes_on(pk: int) -> Interaction:
    """Merged away while we waited for it: then it goes on in the other one."""
    locked = interactions.lock(pk)
    return interactions.lock(locked.merged_into_id) if locked.merged_into_id is not None else locked


def _by_reference(event: InboundMessage, account: ChannelAccount, point: ContactPoint) -> int | None:
    """By the id of a message that we sent through this account, or that the same sender wrote, nearest reference first.

    A citizen's own ids travel far (copies, lists): nobody else comes into the conversation with one of those.
    """
    wanted = list(event.references[:MAX_REFERENCES])
    if not wanted:
        return None
    rows = Message.objects.filter(account__in=states.written_for(account.slug), external_id__in=wanted)
    rows = rows.filter(Q(direction=Message.Direction.OUT) | Q(sender=point))
    known = dict(rows.values_list("external_id", "interaction_id"))
    return next((known[reference] for reference in wanted if reference in known), None)


def thread_of(event: InboundMessage, account: ChannelAccount) -> str:
    if event.thread:
        return event.thread[:300]
    continuous = account.adapter_class.abilities.continuous
    return f"{event.sender.scheme}:{event.sender.value[:ADDRESS_LENGTH]}"[:300] if continuous else ""


def _by_thread(event: InboundMessage, account: ChannelAccount) -> Interaction | None:
    thread = thread_of(event, account)
    if not thread:
        return None
    along = ("contact_point", "contact_point__citizen", *(["case"] if account.opens_case else []))
    lookup = {"account": account.slug, "thread": thread, "status": Interaction.Status.OPEN}
    return interactions.lock_first(along=along, **lookup) or _merged(thread, account)


def _merged(thread: str, account: ChannelAccount) -> Interaction | None:
    """The open conversation that one on this thread was merged into."""
    if account.adapter_class.abilities.live:  # these are never merged
        return None
    rows = Interaction.objects.filter(account=account.slug, thread=thread, merged_into__isnull=False)
    pk = next(iter(rows.order_by("-id").values_list("merged_into", flat=True)[:1]), None)
    locked = _lock_where_it_goes_on(pk) if pk is not None else None
    return locked if locked is not None and locked.is_open else None


def _may_reopen(locked: Interaction, account: ChannelAccount) -> bool:
    """Within the account's days; a channel with one conversation per sender begins a new one instead."""
    if locked.closed_at is None or locked.thread:
        return False
    return timezone.now() - locked.closed_at < timedelta(days=account.reopens_within_days)


def open(event: InboundMessage, account: ChannelAccount, point: ContactPoint, at: datetime) -> Interaction:
    """A new interaction (and case, where the account says so), in the caller's transaction."""
    topic = Topic.objects.filter(slug=event.topic, active=True).first() if event.topic else None
    interaction = Interaction(
        account=account.slug,
        family=account.adapter_class.abilities.family,
        thread=thread_of(event, account),
        contact_point=point,
        citizen=point.citizen,
        office=account.queue.office,
        queue=account.queue.slug,
        topic=topic,
        language=_language(event, point),
        subject=messages.clean(event.subject)[:300],
        opened_at=at,
    )
    earlier = _case_of_earlier(event, account, point)
    if earlier is not None:
        interaction.case_id = earlier
    elif account.opens_case and event.automatic == "":
        interaction.case = cases.open(
            subject=interaction.subject or messages.preview(event.text), office=account.queue.office, topic=topic,
            citizen=point.citizen, at=at,
        )  # fmt: skip
    writing.insert(interaction)
    return interaction


def _language(event: InboundMessage, point: ContactPoint) -> str:
    """As the sender chose it, else as the citizen did before, else as their first words sound; empty where unsure."""
    known = event.language or (point.citizen.language if point.citizen else "")
    if known or event.automatic:
        return known[:8]
    guess = detect(event.text) or detect(event.subject)
    return guess.language if guess else ""


def _case_of_earlier(event: InboundMessage, account: ChannelAccount, point: ContactPoint) -> int | None:
    """An answer to something closed too long ago: a new interaction, linked to the same case.

    Only of the same sender: what is answered to somebody else must not look like part of that citizen's case.
    """
    pk = _joined(event, account, point)
    if pk is None:
        return None
    return Interaction.objects.filter(pk=pk, contact_point=point).values_list("case_id", flat=True).first()


def keep_reply_point(event: InboundMessage, interaction: Interaction, point: ContactPoint, at: datetime) -> None:
    """Answers go where the citizen's newest message asks for. Nobody else can lead a conversation's answers away."""
    if event.automatic or interaction.contact_point_id != point.pk:
        return
    wanted = event.reply_to
    elsewhere = wanted is not None and (wanted.scheme, wanted.value) != (point.scheme, point.value)
    reply_point = None
    if wanted is not None and elsewhere:
        reply_point = citizens.identify(
            scheme=wanted.scheme,
            value=wanted.value[:ADDRESS_LENGTH],
            name=messages.clean(wanted.name),
            at=at,
            remember=False,
        )
    if interaction.reply_point_id != (reply_point.pk if reply_point else None):
        interaction.reply_point = reply_point
        interaction.save(update_fields=["reply_point"])
