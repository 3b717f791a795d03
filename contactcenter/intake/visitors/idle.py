"""A citizen who says nothing while an agent waits: asked first, then let go. They take it up again by writing.

How long is the account's own (`LiveAdapter.patience`). The moments lie in the database; whoever sweeps finds them.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils import translation
from django.utils.translation import gettext as _, ngettext

from channels_adapters.contract import LiveAdapter, Patience
from channels_adapters.registry import UnknownKind
from contactcenter.accounts.models import ChannelAccount
from contactcenter.accounts.secrets import Unreadable
from contactcenter.intake.visitors.models import VisitorSession
from contactcenter.outbox import replies
from contactcenter.queues.models import WorkItem
from crm import events, interactions
from crm.models import Interaction, Message

BATCH = 500
NOTICE = "idle"  # what kind of automatic message it is


def stirred(session: VisitorSession, now: datetime) -> None:
    """They write: whoever asked whether they are still there has the answer."""
    asked = VisitorSession.objects.filter(pk=session.pk, asked_at__isnull=False, ended_at=None)
    unanswered = asked.filter(Q(stirred_at=None) | Q(stirred_at__lt=F("asked_at")))
    if unanswered.exists():
        unanswered.update(stirred_at=now)


def sweep(now: datetime) -> int:
    """One round over the conversations in which an agent waits for a word; returns how many were asked or ended."""
    return sum(
        _look(found, account, patience, now)
        for account, patience in _patient()
        for found in _silent(account, patience, now)[:BATCH]
    )


def _patient() -> Iterator[tuple[ChannelAccount, Patience]]:
    """The accounts that ask at all."""
    for account in ChannelAccount.objects.filter(enabled=True):
        try:
            adapter = account.adapter
        except (UnknownKind, Unreadable):  # `doctor` names it
            continue
        if isinstance(adapter, LiveAdapter) and (patience := adapter.patience()).ask_after:
            yield account, patience


def _silent(account: ChannelAccount, patience: Patience, now: datetime) -> QuerySet[Interaction]:
    """Somebody has it, answered last, and that was long enough ago. `answered_at` is when."""
    answers = Message.objects.filter(interaction=OuterRef("pk"), direction=Message.Direction.OUT, automatic="")
    rows = Interaction.objects.filter(
        account=account.slug, status=Interaction.Status.OPEN, awaiting_reply_since=None,
        work_items__state=WorkItem.State.CLAIMED,
    )  # fmt: skip
    newest = Subquery(answers.order_by("-seq").values("created_at")[:1])
    long_ago = now - timedelta(minutes=patience.ask_after)
    return rows.annotate(answered_at=newest).filter(answered_at__lte=long_ago).order_by("pk")


def _look(found: Interaction, account: ChannelAccount, patience: Patience, now: datetime) -> bool:
    session = VisitorSession.objects.filter(account=account, visitor=found.thread, ended_at=None).first()
    if session is None:
        return False
    answered: datetime = found.answered_at  # type: ignore[attr-defined]  # annotated by `_silent`
    since = max(answered, session.stirred_at or answered)
    asked = session.asked_at if session.asked_at and session.asked_at >= since else None
    with translation.override(session.language or account.language):
        if asked is None:
            due = since + timedelta(minutes=patience.ask_after) <= now
            return due and _ask(found, session, account, patience, now)
        due = patience.end_after > 0 and asked + timedelta(minutes=patience.end_after) <= now
        return due and _end(found, session, account, now)


def _ask(
    found: Interaction, session: VisitorSession, account: ChannelAccount, patience: Patience, now: datetime
) -> bool:
    with transaction.atomic():
        locked = _still_silent(found, session, asked_at=now)
        if locked is not None:
            replies.notify(locked=locked, account=account, text=_question(patience.end_after), kind=NOTICE, at=now)
        return locked is not None


def _question(minutes: int) -> str:
    if not minutes:
        return _("Are you still there? Take your time: the conversation stays open.")
    return ngettext(
        "Are you still there? If we hear nothing, the conversation ends here in %(n)d minute. "
        "You can take it up again later.",
        "Are you still there? If we hear nothing, the conversation ends here in %(n)d minutes. "
        "You can take it up again later.",
        minutes,
    ) % {"n": minutes}


def _end(found: Interaction, session: VisitorSession, account: ChannelAccount, now: datetime) -> bool:
    """For the citizen only: the agent keeps it and sees that nobody is there."""
    with transaction.atomic():
        locked = _still_silent(found, session, ended_at=now)
        if locked is None:
            return False
        locked.visitor_left_at = now
        text = _("We have heard nothing from you for a while, so the conversation ends here. Write, and it goes on.")
        replies.notify(locked=locked, account=account, text=text, kind=NOTICE, at=now)
        events.record(events.fact("visitor.idle", interaction=locked, at=now))
    return True


def _still_silent(found: Interaction, session: VisitorSession, **moved: datetime) -> Interaction | None:
    """The conversation under lock, its session moved on; None where they wrote meanwhile or another sweeper was first."""
    same = VisitorSession.objects.filter(
        pk=session.pk, asked_at=session.asked_at, stirred_at=session.stirred_at, ended_at=None
    )
    if not same.update(**moved):  # sessions are locked before their interactions, as where a page says something
        return None
    locked = interactions.lock(found.pk)
    if locked.is_open and locked.awaiting_reply_since is None:
        return locked
    transaction.set_rollback(True)
    return None
