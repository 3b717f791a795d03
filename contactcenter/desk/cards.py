"""What is being offered to me, as the cards at the top of the desk: who, since when, and why me."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from contactcenter.desk import names, promised, rows
from contactcenter.queues import roster
from contactcenter.queues.models import Offer, WorkItem
from crm import access
from crm.models import Event, Interaction, User

TITLES: Mapping[str, Promise] = {
    "call": gettext_lazy("A call for you"),
    "chat": gettext_lazy("A chat for you"),
    "written": gettext_lazy("A message for you"),
}
MOST = 50
# What made the house ask this person, by `Offer.why`.
REASONS: Mapping[str, Promise] = {
    "longest-idle": gettext_lazy("you have been free the longest"),
    "least-loaded": gettext_lazy("you have the least to do"),
    "most-skilled": gettext_lazy("you know most of what is asked"),
    "preserve-scarce": gettext_lazy("others are kept free for what only they can do"),
    "sticky": gettext_lazy("you talked with this person last"),
    "resumed": gettext_lazy("you had put it aside"),
}


@dataclass(frozen=True)
class Card:
    """One offer as the desk shows it. `lasts` and `left` in seconds, at the moment of drawing."""

    id: int
    title: str
    who: str
    icon: str
    channel: str
    queue: str
    words: str
    language: str
    waits_since: datetime
    why: str
    decision: str  # why it waits in this queue: a sentence, or ""
    lasts: int
    left: int
    promise: promised.Promise | None = None  # whom to call, where that is the work


class Offered(NamedTuple):
    """What is offered to me, and what others are being asked."""

    cards: list[Card]
    asked: list[rows.Row]


def of(user: User) -> Offered:
    """Every open question that concerns this person, the earliest first."""
    now = timezone.now()
    pending = Offer.objects.filter(state=Offer.State.PENDING, item__interaction__isnull=False)
    concerns = Q(agent=user, expires_at__gt=now) | (
        ~Q(agent=user) & access.interaction_rows(user, "item__interaction__")
    )
    along = ("item__queue", "item__callback", "item__interaction__citizen", "item__interaction__contact_point")
    found = list(pending.filter(concerns).select_related(*along).order_by("made_at", "id")[:MOST])
    mine = [offer for offer in found if offer.agent_id == user.pk]
    readable = _readable(user, mine)
    drawn = rows.Drawing(user)
    return Offered(
        [_card(offer, offer.item.interaction, user, readable, now) for offer in mine if offer.item.interaction],
        [drawn.asked(offer) for offer in found if offer.agent_id != user.pk],
    )


def _readable(user: User, found: Sequence[Offer]) -> set[int]:
    """The conversations among them whose words this person may read (a case may be kept from them)."""
    if not found:
        return set()
    wanted = Interaction.objects.filter(pk__in=[offer.item.interaction_id for offer in found])
    return set(access.visible(user, wanted).order_by().values_list("pk", flat=True))


def _card(offer: Offer, interaction: Interaction, user: User, readable: set[int], now: datetime) -> Card:
    item, channel = offer.item, names.channel(names.accounts(), interaction.account)
    shown, promise = interaction.pk in readable, promised.of(item)
    return Card(
        id=offer.pk,
        title=_title(item, promise if shown else None),
        who=names.who(interaction) if shown else _("Somebody"),
        icon=channel.icon,
        channel=channel.name,
        queue=item.queue.name,
        words=(interaction.preview or interaction.subject) if shown else "",
        language=rows.badge(interaction.language),
        waits_since=item.queued_at,
        why=_why(offer, interaction, user),
        decision=item.why,
        lasts=int((offer.expires_at - offer.made_at).total_seconds()),
        left=max(0, int((offer.expires_at - now).total_seconds())),
        promise=promise if shown else None,
    )


def _title(item: WorkItem, promise: promised.Promise | None) -> str:
    if promise is not None:
        return _("Call %(number)s back") % {"number": promise.number}
    return str(_("Call somebody back") if item.is_to_call else TITLES.get(item.family, TITLES["written"]))


def _why(offer: Offer, interaction: Interaction, user: User) -> str:
    """ "you speak Ukrainian (level 4), you have been free the longest" """
    found = [_spoken(user, offer.item.language)] if offer.item.language else []
    if offer.why == "transfer":
        found.append(_("%(name)s hands it to you") % {"name": _handed_by(interaction)})
    elif offer.why in REASONS:
        found.append(str(REASONS[offer.why]))
    if offer.step:
        found.append(_("nobody closer was free, so the circle was widened"))
    return ", ".join(filter(None, found))


def _spoken(user: User, language: str) -> str:
    """Nothing where it is the office's own language, which everybody speaks."""
    if language == settings.LANGUAGE_CODE[:2]:
        return ""
    able = roster.known().people.get(user.pk)
    level = able.attributes.languages.get(language) if able else None
    return (
        _("you speak %(language)s (level %(n)d)") % {"language": names.language(language), "n": level} if level else ""
    )


def _handed_by(interaction: Interaction) -> str:
    told = Event.objects.filter(interaction=interaction, name="item.transferred").order_by("-id").only("actor").first()
    return names.person(told.actor_id if told else None) or _("Somebody")
