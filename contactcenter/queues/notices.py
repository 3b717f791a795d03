"""Telling a colleague that something happened in a conversation that they should know of. Unread until they look."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from contactcenter.push import hints as push
from contactcenter.queues import records
from contactcenter.queues.models import Notice
from contactcenter.queues.models.together import REASON_LENGTH
from crm import announce
from crm.models import Interaction, User

About = Notice.About
NEWEST = 40  # that the list shows
FORGOTTEN_AT_ONCE = 10_000  # the next hourly round takes the rest


def tell(
    kind: str, *users: User, interaction: Interaction, actor: User | None, at: datetime, seq: int = 0, reason: str = ""
) -> None:
    """A line for each of these people, but for whoever did it. Inside the caller's transaction."""
    told = [user for user in users if actor is None or user.pk != actor.pk]
    Notice.objects.bulk_create(
        Notice(
            user=user, about=kind, interaction=interaction, actor=actor, at=at, seq=seq, reason=reason[:REASON_LENGTH]
        )
        for user in told
    )
    ping(told)
    if kind == About.MENTIONED:
        push.after_commit(push.MENTION, interaction.pk, [user.pk for user in told])


def ping(users: Iterable[User]) -> None:
    """Their own screens look again, once this is committed."""
    announce.look_again([records.person(user.public_id) for user in users])


def tell_of_aside(users: Iterable[User], *, interaction: Interaction, actor: User, at: datetime) -> None:
    """Something was said beside it: one line however often, until it is read."""
    for user in users:
        try:
            with transaction.atomic():
                Notice.objects.create(user=user, about=About.ASIDE, interaction=interaction, actor=actor, at=at)
        except IntegrityError:
            Notice.objects.filter(user=user, about=About.ASIDE, interaction=interaction, read_at=None).update(
                actor=actor, at=at
            )
        ping([user])


def newest(user: User) -> list[Notice]:
    """The last ones, newest first, read or not."""
    return list(Notice.objects.filter(user=user).order_by("-id")[:NEWEST])


def read(*, user: User, upto: int) -> int:
    """They saw the list up to the notice with this id; returns how many were new. One's own, so nobody is asked."""
    count = Notice.objects.filter(user=user, id__lte=upto, read_at=None).update(read_at=timezone.now())
    if count:
        ping([user])
    return count


def forget(now: datetime) -> int:
    """Notices older than the installation's days go, read or not; returns how many went. `KEEP_NOTICES_DAYS`."""
    before = now - timedelta(days=settings.KEEP_NOTICES_DAYS)
    old = Notice.objects.filter(at__lt=before).order_by("id").values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE]
    pks = list(old)
    users = list(User.objects.filter(notices__in=pks, notices__read_at=None).distinct())
    gone = Notice.objects.filter(pk__in=pks).delete()[0]
    ping(users)
    return gone


def settle(*, user: User, interaction: Interaction) -> None:
    """They read what is said beside a conversation: nobody has to tell them any more."""
    rows = Notice.objects.filter(
        user=user, interaction=interaction, read_at=None, about__in=[About.ASIDE, About.CALLED]
    )
    if rows.update(read_at=timezone.now()):
        ping([user])
