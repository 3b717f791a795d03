"""A citizen whose page is gone: noticed after a while, taken back when they return. Being away ends nothing."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from contactcenter.intake.visitors.models import VisitorSession
from contactcenter.queues import work_items
from crm import events, interactions
from crm.models import Interaction

LEFT_AFTER = timedelta(seconds=90)
SIGN_EVERY = 45.0  # seconds between two notes that a page is still open
BATCH = 500


def here(session: VisitorSession) -> None:
    """The citizen's page is open. Whoever ended, or was let go, comes back with a word and not with a page."""
    now = timezone.now()
    VisitorSession.objects.filter(pk=session.pk).update(seen_at=now)
    back = _running(session).filter(visitor_left_at__isnull=False).first()
    if back is not None and VisitorSession.objects.filter(pk=session.pk, ended_at=None).exists():
        _mark(back, left_at=None, fact="visitor.returned", at=now)


def gone(session: VisitorSession) -> None:
    """One of the citizen's pages closed just now; another may be open."""
    VisitorSession.objects.filter(pk=session.pk, seen_at__isnull=False).update(seen_at=timezone.now())


def notice_left(now: datetime) -> int:
    """Mark the conversations whose page gave no sign for 90 seconds; returns how many."""
    silent = VisitorSession.objects.select_related("account").filter(seen_at__lt=now - LEFT_AFTER)[:BATCH]
    marked = 0
    for session in silent:
        taken = VisitorSession.objects.filter(pk=session.pk, seen_at=session.seen_at).update(seen_at=None)
        left = _running(session).filter(visitor_left_at__isnull=True).first() if taken else None
        if left is not None:
            _mark(left, left_at=session.seen_at, fact="visitor.left", at=now)
            marked += 1
    return marked


def end(session: VisitorSession) -> None:
    """The citizen ended the conversation. What nobody took yet is closed; an agent who has it sees that they left."""
    now = timezone.now()
    with transaction.atomic():
        VisitorSession.objects.filter(pk=session.pk).update(ended_at=now)
        session.ended_at = now
        running = _running(session).first()
        if running is None:
            return
        # Whether somebody has it is asked last: who took it a moment ago keeps an open conversation.
        if work_items.abandon(interaction=running, at=now) or not work_items.is_open(running):
            interactions.close(interaction=running, actor=None, reason="visitor ended")
        _mark(running, left_at=now, fact="visitor.ended", at=now)


def _running(session: VisitorSession) -> QuerySet[Interaction]:
    return Interaction.objects.filter(
        account=session.account.slug, thread=session.visitor, status=Interaction.Status.OPEN
    ).order_by("-id")


def _mark(interaction: Interaction, *, left_at: datetime | None, fact: str, at: datetime) -> None:
    """The desk shows whether the citizen is still there."""
    with transaction.atomic():
        Interaction.objects.filter(pk=interaction.pk).update(visitor_left_at=left_at, version=F("version") + 1)
        fresh = Interaction.objects.select_related("case").get(pk=interaction.pk)
        events.record(events.fact(fact, interaction=fresh, at=at))
