"""Who takes contacts now. What a person chose is one thing, whether their browser is still there another."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from contactcenter.queues import break_reasons, colleagues, hints, offers, records, roster, states, work_items
from contactcenter.queues.held import presence_if_free
from contactcenter.queues.models import Companion, Offer, Presence, Queue, WorkItem
from contactcenter.routing.matching import GRACE, LIVE
from crm import audit, events
from crm.access import Forbidden, require
from crm.models import User

SIGNED_OFF_AFTER = timedelta(minutes=15)  # and after so long they are not coming back to this desk
Status = Presence.Status
KEEP, RELEASE = "keep", "release"


class OpenWork(Exception):
    """Somebody goes home with work in their hands: it wants a hand-over first."""

    def __init__(self, items: Sequence[WorkItem]) -> None:
        self.items = items
        super().__init__(
            ngettext(
                "%(n)d contact is still with you. Give it back to the queue, or keep what can wait in writing.",
                "%(n)d contacts are still with you. Give them back to the queue, or keep what can wait in writing.",
                len(items),
            )
            % {"n": len(items)}
        )


def change(*, user: User, status: str, reason: str = "", handover: str = "") -> Presence:
    """Available, on a break or offline. Going offline with open work wants a `handover`: "release" all of it, or
    "keep" what is written and release the rest.

    Raises `OpenWork`, `Forbidden`, `ValueError` for another word.
    """
    require(user, "presence.set")
    _known(status, reason)
    now = timezone.now()
    with transaction.atomic():
        presence = states.row(user, now)
        if status == Status.OFFLINE:
            _hand_over(user, handover, now)
        presence.seen_at, presence.missed, presence.lost = now, False, False
        _set(presence, status, reason, now)
    hints.after_commit()
    return presence


def break_after_this(*, user: User, reason: str = "") -> Presence:
    """A break as soon as what is running now has ended; nothing new is offered until then. Raises as `change`."""
    require(user, "presence.set")
    _known(Status.AWAY, reason)
    now = timezone.now()
    with transaction.atomic():
        presence = states.row(user, now)
        presence.seen_at, presence.missed, presence.lost = now, False, False
        if presence.status == Status.AVAILABLE:
            presence.break_next = reason
        _withdraw_offers(presence, now, "break")
        states.settle(presence, now)
    return presence


def force(*, user: User, status: str, reason: str, actor: User) -> Presence:
    """A supervisor sets somebody else's presence, and says why. Open work goes back to the queue when it is offline.

    Raises `Forbidden`, also for who works in none of the actor's offices; `ValueError`.
    """
    require(actor, "presence.force")
    if not colleagues.led_by(actor).filter(pk=user.pk).exists():
        sentence = _("%(name)s works in none of the offices you lead. Ask a manager of theirs.")
        raise Forbidden(sentence % {"name": user.display_name})
    _known(status, "")
    words = reason.replace("\x00", "").strip()[:200]
    if not words:
        raise ValueError(_("Say why: %(name)s will read it.") % {"name": user.display_name})
    now = timezone.now()
    with transaction.atomic():
        presence = states.row(user, now)
        if status == Status.OFFLINE:
            _hand_over(user, KEEP, now)
        presence.missed = False
        _set(presence, status, "", now, by=actor, words=words)
        audit.record(
            "presence.forced", subject=f"person:{user.public_id}", actor=actor, purpose=words, data={"to": status}
        )
    hints.after_commit()
    return presence


def _known(status: str, reason: str) -> None:
    if status not in Status.values:
        raise ValueError(f"“{status}” is not a presence.")
    if not break_reasons.is_offered(reason):
        raise ValueError(f"“{reason}” is not a reason for a break.")


def sign_off(user: User, now: datetime, *, reason: str, by: User | None = None) -> int:
    """Offline, asked for nothing, and everything they had waits again; returns how much that was. In a transaction.

    What is being wrapped up stays for its timer: that conversation is over.
    """
    presence = states.row(user, now)
    items = [item for item in open_work(user) if item.state != WorkItem.State.WRAPPING]
    for item in items:
        give_back(item, now, reason=reason, by=by)
    Companion.objects.filter(user=user, left_at__isnull=True).update(left_at=now)
    presence.missed = presence.lost = False
    _set(presence, Status.OFFLINE, "", now, by=by, words=reason)
    return len(items)


def _set(
    presence: Presence, status: str, reason: str, now: datetime, *, by: User | None = None, words: str = ""
) -> None:
    before, why_before = presence.status, presence.reason
    reason = reason if status == Status.AWAY else ""
    presence.break_next = None
    if status != Status.AVAILABLE:
        _withdraw_offers(presence, now, status)
    if (before, why_before) != (status, reason):
        presence.status, presence.reason, presence.since = status, reason, now
        data = {"from": before, "to": status, **({"reason": reason} if reason else {})}
        if by is not None:
            data |= {"by": str(by.public_id), "why": words}
        events.record(
            events.fact("presence.changed", actor=presence.user, at=now, data=data),
            also=(records.person(presence.user.public_id), ("team.all", 0)),
        )
    states.settle(presence, now, by=by)


def _withdraw_offers(presence: Presence, now: datetime, reason: str) -> None:
    for offer in Offer.objects.filter(agent=presence.user, state=Offer.State.PENDING).select_related("agent"):
        offers.rescind(offer, presence, now, reason=reason)


def open_work(user: User) -> list[WorkItem]:
    """What is with somebody: theirs, being wrapped up, or parked for them."""
    rows = WorkItem.objects.filter(owner=user).exclude(state__in=WorkItem.ENDED)
    return list(rows.select_related("interaction__citizen", "queue").order_by("claimed_at"))


def _hand_over(user: User, handover: str, now: datetime) -> None:
    """Everything or what is live goes back. Raises `OpenWork` where nothing was chosen and something is open."""
    items = open_work(user)
    if items and handover not in {KEEP, RELEASE}:
        raise OpenWork(items)
    for item in items:
        if handover == RELEASE or item.family in LIVE:
            give_back(item, now, reason="handover", by=user)


def give_back(item: WorkItem, now: datetime, *, reason: str, by: User | None = None, in_front: bool = False) -> None:
    """From whoever had it, to its place. The caller holds that person's presence locked and settles it."""
    row = records.locked(item)
    if row.owner is None or row.state in WorkItem.ENDED:
        return
    had = row.owner
    if row.state == WorkItem.State.WRAPPING:
        return  # the conversation is over; the timer ends the rest
    work_items.put_back(row, in_front=in_front)
    records.record("item.returned", row, by, at=now, concerns=(had,), reason=reason, had=str(had.public_id))


# --- is their browser there? ---


def heartbeat(user: User) -> None:
    """The person's browser is there; whoever was lost is found again."""
    now = timezone.now()
    Presence.objects.filter(user=user).update(seen_at=now)
    if Presence.objects.filter(user=user, lost=True).exists():
        with transaction.atomic():
            presence = states.row(user, now)
            presence.lost = False
            states.settle(presence, now, reason="connection found")
        hints.after_commit()


def notice_lost(now: datetime) -> int:
    """Browsers that are silent for longer than the grace time: their live chats go back, in front of the queue."""
    rows = Presence.objects.exclude(status=Status.OFFLINE).filter(lost=False, seen_at__lt=now - GRACE)
    return sum(_lose(user, now) for user in User.objects.filter(pk__in=rows.values("user"))[: offers.BATCH])


def _lose(user: User, now: datetime) -> bool:
    with transaction.atomic():
        presence = presence_if_free(user, now)
        if presence is None or presence.lost or presence.seen_at is None or presence.seen_at >= now - GRACE:
            return False
        presence.lost = True
        _withdraw_offers(presence, now, "connection lost")
        for item in open_work(user):
            if item.family in LIVE:
                give_back(item, now, reason="connection lost", in_front=True)
        states.settle(presence, now, reason="connection lost")
    return True


def sign_off_lost(now: datetime) -> int:
    """Who is gone for a quarter of an hour is offline; their written work stays theirs."""
    rows = Presence.objects.filter(lost=True, seen_at__lt=now - SIGNED_OFF_AFTER).exclude(status=Status.OFFLINE)
    return sum(_sign_off(user, now) for user in User.objects.filter(pk__in=rows.values("user"))[: offers.BATCH])


def _sign_off(user: User, now: datetime) -> bool:
    with transaction.atomic():
        presence = presence_if_free(user, now)
        if presence is None or not presence.lost:
            return False
        _set(presence, Status.OFFLINE, "", now)
        presence.lost = False
        presence.save(update_fields=["lost"])
    return True


def available() -> set[int]:
    """Ids of everybody who is available right now, with or without room."""
    rows = Presence.objects.filter(status=Status.AVAILABLE, lost=False, seen_at__gte=timezone.now() - GRACE)
    return set(rows.filter(user__is_active=True).values_list("user_id", flat=True))


def staffed(queue: Queue) -> int:
    """How many people are available for a queue right now, with or without room."""
    people = roster.known().people
    return sum(1 for user in available() if user in people and queue.pk in people[user].queues)
