"""What the desk's socket asks the database. Synchronous; each call is one visit."""

from dataclasses import dataclass
from importlib import import_module

from django.conf import settings

from contactcenter.live import heads, topics
from contactcenter.queues import presence
from contactcenter.queues.models import WorkItem
from crm import announce, interactions
from crm.models import Interaction, User


@dataclass(frozen=True)
class Look:
    """Where things stand for one screen. `here` False = signed out or switched off: the socket ends."""

    here: bool
    allowed: frozenset[str] = frozenset()
    heads: tuple[tuple[str, str], ...] = ()


def look(user_id: int, session_key: str, wanted: frozenset[str], *, beat: bool = False) -> Look:
    """Rights are read afresh each time: a grant that was withdrawn ends the watching at the next heartbeat."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or not _still_signed_in(session_key):
        return Look(here=False)
    if beat:
        presence.heartbeat(user)
    allowed = frozenset(topics.allowed(user, wanted))
    return Look(True, allowed, tuple(heads.lately(allowed).items()))


def _still_signed_in(session_key: str) -> bool:
    """An expired session may still lie in its store: only loading it tells."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    return bool(session_key) and bool(store(session_key).load())


def seen(user_id: int, topic: str, seq: int) -> None:
    """The owner read up to `seq` on a visible page. Others only look."""
    item = _owned(user_id, topic)
    if item is None or item.interaction is None:
        return
    actor = User.objects.get(pk=user_id)
    if interactions.mark_read_by_agent(interaction=item.interaction, seq=seq, actor=actor):
        announce.say(topic, {"type": "seen", "topic": topic, "seq": seq})


def typing(user_id: int, topic: str) -> None:
    """The owner is writing. The citizen learns a first name, colleagues the whole."""
    item = _owned(user_id, topic)
    if item is not None and item.owner is not None:
        name = item.owner.first_name or item.owner.display_name
        announce.say(topic, {"type": "typing", "topic": topic, "who": "agent", "name": name})


def _owned(user_id: int, topic: str) -> WorkItem | None:
    """The person's own open work on the interaction of a topic."""
    sort, _dot, name = topic.partition(".")
    if sort != "interaction" or not topics.is_public_id(name):
        return None
    rows = WorkItem.objects.select_related("interaction", "owner").filter(owner=user_id, state__in=WorkItem.OWNED)
    return rows.filter(interaction__in=Interaction.objects.filter(public_id=name)).first()
