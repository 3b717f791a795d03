"""What the desk's socket asks the database. Synchronous; each call is one visit."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.utils import translation
from django.utils.crypto import constant_time_compare

from contactcenter.live import heads, topics
from contactcenter.queues import presence
from contactcenter.queues.models import WorkItem
from crm import announce, interactions
from crm.models import Interaction, User
from crm.prepared import Prepared

WHO = 2_147_000_011  # stands for the person in the prepared statement


@dataclass(frozen=True)
class Look:
    """Where things stand for one screen. `here` False = signed out or switched off: the socket ends."""

    here: bool
    allowed: frozenset[str] = frozenset()
    heads: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Words:
    """What is new in a conversation, drawn for one person: up to message `last`, when it stood at `version`."""

    html: str
    last: int
    version: int


class Reader(NamedTuple):
    """Somebody who is signed in at this moment, and what they were granted: (role, office, queue) each."""

    pk: int
    grants: frozenset[tuple[str, int | None, str]]


# Under whose rights, of which interaction (its public id), after which message. None = nothing new that they may see.
Draw = Callable[[Reader, str, int], Words | None]


def look(user_id: int, session_key: str, wanted: frozenset[str], *, beat: bool = False) -> Look:
    """Rights are read afresh each time: a grant that was withdrawn ends the watching at the next heartbeat."""
    user = _signed_in(user_id, session_key)
    if user is None:
        return Look(here=False)
    if beat:
        presence.heartbeat(user)
    allowed = frozenset(topics.allowed(user, wanted))
    return Look(True, allowed, tuple(heads.lately(allowed).items()))


def words(user_id: int, session_key: str, draw: Draw, topic: str, last: int, language: str) -> Words | None:
    """What was said after `last`, as `draw` shows it. Session, person and rights are read afresh, as for a page."""
    session = _session(session_key)
    granted = _granted().rows(user_id) if session.get(SESSION_KEY) == str(user_id) else []
    if not granted or not _vouches(session, User(pk=user_id, password=granted[0][0])):
        return None
    reader = Reader(user_id, frozenset((role, office, queue) for _password, role, office, queue in granted if role))
    with translation.override(language):
        return draw(reader, topic.partition(".")[2], last)


@cache
def _granted() -> Prepared:
    """Of one active person: a row for each grant, the password's hash in each."""
    rows = User.objects.filter(pk=WHO, is_active=True).order_by()
    return Prepared(rows.values_list("password", "grants__role", "grants__office_id", "grants__queue"), WHO)


def _signed_in(user_id: int, session_key: str) -> User | None:
    """The person, while their session holds: a new password ends it, as it does for pages."""
    session = _session(session_key)
    if session.get(SESSION_KEY) != str(user_id):
        return None
    user = next(iter(User.objects.filter(pk=user_id, is_active=True)[:1]), None)
    return user if user is not None and _vouches(session, user) else None


def _session(key: str) -> dict[str, Any]:
    """An expired session may still lie in its store: only loading it tells."""
    found: dict[str, Any] = import_module(settings.SESSION_ENGINE).SessionStore(key).load() if key else {}
    return found


def _vouches(session: dict[str, Any], user: User) -> bool:
    kept = str(session.get(HASH_SESSION_KEY, ""))
    return constant_time_compare(kept, user.get_session_auth_hash()) or any(
        constant_time_compare(kept, older) for older in user.get_session_auth_fallback_hash()
    )


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
