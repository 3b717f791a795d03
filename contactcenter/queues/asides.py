"""The side-chat: colleagues among themselves beside a conversation, whom the citizen never hears. A supervisor who isn't
in the conversation whispers into the same lane.

What is said here is no `Message`, so that nothing that carries, prints or exports a conversation can come across it.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import BooleanField, IntegerField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.push import hints as push
from contactcenter.queues import mentions, notices
from contactcenter.queues.models import Companion, Notice, SideMessage, SideReading, WorkItem
from crm import access, audit, events, interactions, messages
from crm.models import Interaction, User

LENGTH = 2000  # characters of one side message
SHOWN = 200  # the newest that the lane shows


_interactions, _asides = Interaction._meta.db_table, SideMessage._meta.db_table
# Who is in a conversation (owner, asked in, called by name), and what of its lane they haven't read: looked up with every
# conversation that is shown, where composing them anew would cost twice what the whole statement does.
CONCERNED = f"""(
EXISTS (SELECT 1 FROM {WorkItem._meta.db_table} w WHERE w.interaction_id = {_interactions}.id AND w.owner_id = %s)
OR EXISTS (SELECT 1 FROM {Companion._meta.db_table} c JOIN {WorkItem._meta.db_table} w ON w.id = c.item_id
  WHERE w.interaction_id = {_interactions}.id AND c.user_id = %s AND c.left_at IS NULL)
OR EXISTS (SELECT 1 FROM {Notice._meta.db_table} n WHERE n.interaction_id = {_interactions}.id AND n.user_id = %s
  AND n.about = '{Notice.About.CALLED}'))"""  # nosec B608 - names of our own tables
UNREAD = f"""(
SELECT COUNT(*) FROM {_asides} a WHERE a.interaction_id = {_interactions}.id AND a.author_id <> %s AND a.id > COALESCE((
  SELECT r.upto FROM {SideReading._meta.db_table} r WHERE r.interaction_id = a.interaction_id AND r.user_id = %s), 0))"""  # nosec B608


class CannotSay(Exception):
    """The sentence says why."""


def is_in(user: User, interaction: Interaction) -> bool:
    """Does it concern them: owner, asked in, or called into the side-chat by a mention?"""
    found = marked(Interaction.objects.filter(pk=interaction.pk), user).order_by().first()
    return found is not None and bool(getattr(found, "in_aside", False))


def may_whisper(user: User, interaction: Interaction) -> bool:
    return access.may(user, "interaction.whisper", office_id=interaction.office_id)


def require_reader(user: User, interaction: Interaction) -> bool:
    """May they read the lane? Gives whether they are in the conversation themselves. Raises `Forbidden`."""
    concerned = is_in(user, interaction)
    if not concerned and not may_whisper(user, interaction):
        text = _("The side-chat is for those who are in this conversation. Ask its owner to ask you in.")
        raise access.Forbidden(text)
    return concerned


def marked(rows: QuerySet[Interaction], user: User) -> QuerySet[Interaction]:
    """With `in_aside` (are they one of those whom the lane is for?) and `unread_asides`, without a statement more."""
    own = [user.pk]
    concerned = RawSQL(CONCERNED, own * 3, output_field=BooleanField())  # nosec B611 - our own words, no others
    unread = RawSQL(UNREAD, own * 2, output_field=IntegerField())  # nosec B611
    return rows.annotate(in_aside=concerned, unread_asides=unread)


def write(*, interaction: Interaction, text: str, actor: User, client_id: str = "") -> SideMessage:
    """Say something beside the conversation: a whisper, from a supervisor who isn't in it. The same `client_id` twice is
    one. It changes nothing that an answer is based on. Raises `Forbidden`, `NotVisible`, `CannotSay`, `CannotMention`.
    """
    access.get(actor, Interaction.objects.all(), pk=interaction.pk)
    whisper = not require_reader(actor, interaction)
    words = messages.clean(text).strip()
    _check(words)
    called, now = mentions.check(text=words, interaction=interaction), timezone.now()
    with transaction.atomic():
        locked = interactions.lock(interaction.pk)
        known = locked.asides.filter(author=actor, client_id=client_id).first() if client_id else None
        if known is not None:
            return known
        said = SideMessage.objects.create(
            interaction=locked, author=actor, text=words, whisper=whisper, client_id=client_id[:60], at=now
        )
        _record(said, locked, actor)
        _tell(said, locked, called, now)
    return said


def _check(words: str) -> None:
    if not words:
        raise CannotSay(_("There is nothing to say yet. Write it down first."))
    if len(words) > LENGTH:
        raise CannotSay(_("A side message has %(n)d characters at most. Shorten it.") % {"n": LENGTH})


def _record(said: SideMessage, locked: Interaction, actor: User) -> None:
    """The fact makes screens look again; the version, on which answers are based, stays."""
    name = "aside.whispered" if said.whisper else "aside.written"
    events.record(events.fact(name, interaction=locked, actor=actor, at=said.at, data={"id": said.pk}))
    audit.record(name, **audit.about(locked), actor=actor, data={"id": said.pk})


def _tell(said: SideMessage, locked: Interaction, called: list[User], now: datetime) -> None:
    """Those who are called by name, and everybody else who is in it or has spoken here."""
    for user in called:
        if user.pk != said.author_id:
            Notice.objects.create(
                user=user, about=Notice.About.CALLED, interaction=locked, actor=said.author, aside=said, at=now
            )
    names = {user.pk for user in called} | {said.author_id}
    others = [user for user in _listeners(locked) if user.pk not in names]
    notices.tell_of_aside(others, interaction=locked, actor=said.author, at=now)
    notices.ping(user for user in called if user.pk != said.author_id)
    if called:
        push.after_commit(push.MENTION, locked.pk, [user.pk for user in called if user.pk != said.author_id])


def _listeners(interaction: Interaction) -> list[User]:
    """Who is in it now, and whoever wrote in the lane before and may still read it."""
    open_ = WorkItem.objects.filter(interaction=interaction).exclude(state__in=WorkItem.ENDED)
    here = Q(pk__in=open_.values("owner")) | Q(
        pk__in=Companion.objects.filter(item__in=open_, left_at=None).values("user")
    )
    spoke = Q(pk__in=SideMessage.objects.filter(interaction=interaction).values("author"))
    found = User.objects.filter(here | spoke, is_active=True).order_by("id")
    return [user for user in found if may_whisper(user, interaction) or is_in(user, interaction)]


def said(*, interaction: Interaction) -> list[SideMessage]:
    """The newest `SHOWN`, oldest first. Whoever asks has checked `require_reader`."""
    return list(reversed(interaction.asides.order_by("-id")[:SHOWN]))


def read(*, interaction: Interaction, user: User, upto: int) -> None:
    """They have read up to the side message with this id; only forward."""
    row, made = SideReading.objects.get_or_create(interaction=interaction, user=user, defaults={"upto": upto})
    moved = made or SideReading.objects.filter(pk=row.pk, upto__lt=upto).update(upto=upto)
    if moved:
        notices.settle(user=user, interaction=interaction)
