"""Colleagues as dialogs and the team's page list them: are they there, what have they to do, could they take this."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.db.models import Q
from django.utils.translation import gettext as _

from contactcenter.desk import names, presence
from contactcenter.desk.presence import AtDesk
from contactcenter.queues import kept, roster, states
from contactcenter.queues.models import Presence, WorkItem
from contactcenter.routing import matching
from contactcenter.routing.matching import CAPACITY, LIVE
from crm import access
from crm.models import Interaction, User

MOST = 60  # people that one dialog lists
SIGNS = {"call": "phone", "chat": "chat", "written": "mail"}


@dataclass(frozen=True)
class Room:
    """What somebody has of one family of channels, and could have at once."""

    family: str
    sign: str
    used: int
    slots: int

    @property
    def is_full(self) -> bool:
        return self.used >= self.slots


@dataclass(frozen=True)
class Colleague:
    user: User
    at_desk: AtDesk
    room: Sequence[Room]
    wrapping: int = 0
    why_not: str = ""  # a sentence; "" = they could take it
    remark: str = ""


def drawn(users: Iterable[User]) -> list[Colleague]:
    """In the order that was given. Three statements, however many."""
    found = list(users)
    presences = {row.user_id: row for row in Presence.objects.filter(user__in=found)}
    loads = states.loads([user.pk for user in found])
    return [_one(user, presences.get(user.pk), loads[user.pk]) for user in found]


def _one(user: User, row: Presence | None, load: states.Load) -> Colleague:
    able = roster.known().people.get(user.pk)
    capacity = able.capacity if able else CAPACITY
    used = load.used
    room = [Room(family, SIGNS[family], used.get(family, 0), capacity.get(family, 0)) for family in matching.FAMILIES]
    return Colleague(user, presence.shown(row, sum(load.own.values())), room, load.wrapping)


def who_might_take(item: WorkItem, actor: User) -> list[Colleague]:
    """Whoever takes contacts, those first who could take this one now."""
    ids = [pk for pk in roster.known().people if pk != actor.pk]
    users = User.objects.filter(pk__in=ids, is_active=True).order_by("first_name", "last_name", "id")
    rows = {row.user_id: row for row in Presence.objects.filter(user__in=ids)}
    not_to = kept.from_whom([item.pk], ids).get(item.pk, frozenset())
    judged = [
        replace(one, why_not=_("may not read this case"))
        if one.user.pk in not_to
        else _judged(one, item, rows.get(one.user.pk))
        for one in drawn(users)
    ]
    return sorted(judged, key=lambda one: (one.why_not != "", one.at_desk.status != "available"))[:MOST]


def _judged(one: Colleague, item: WorkItem, row: Presence | None) -> Colleague:
    """As `transfers.to_person` decides it, said before anybody tries."""
    able = roster.known().people[one.user.pk]
    if item.queue_id not in able.queues:
        return replace(one, why_not=_("doesn't work in %(queue)s") % {"queue": item.queue.name})
    if item.family in LIVE and (row is None or not row.takes_work):
        return replace(one, why_not=_("isn't taking contacts now"))
    used = {room.family: room.used for room in one.room}
    if not matching.has_room(replace(able, used=used), item.family) and not access.may(one.user, "work.exceed"):
        return replace(one, why_not=_("has no room for another one"))
    # Also where the work itself asks for no language any more: the citizen still speaks theirs.
    language = item.language or (item.interaction.language[:2].lower() if item.interaction is not None else "")
    if language and language not in able.attributes.languages:
        return replace(one, remark=_("doesn't speak %(language)s") % {"language": names.language(language)})
    return one


def who_might_help(interaction: Interaction, actor: User) -> list[Colleague]:
    """Those whose roles let them read it, those first who are there."""
    here = Q(grants__office=None) | Q(grants__office=interaction.office_id)
    line = Q(grants__queue="") | Q(grants__queue=interaction.queue)
    users = User.objects.filter(here & line, grants__role__in=access.READERS, is_active=True).exclude(pk=actor.pk)
    found = drawn(users.distinct().order_by("first_name", "last_name", "id")[:MOST])
    return sorted(found, key=lambda one: one.at_desk.status != "available")
