"""Who else looks at a conversation now: remembered for seconds, by the sockets that show it, and stored nowhere.

Two sockets that write at the same instant may lose one another; each says it again with its next heartbeat.
"""

import time
from dataclasses import dataclass

from django.core.cache import cache
from django.utils.translation import gettext as _

from contactcenter.queues.models import Companion, WorkItem
from crm import access, announce
from crm.models import Interaction, User

GONE_AFTER = 13.0  # seconds: three heartbeats that didn't come
MOST = 6  # names that one head shows


@dataclass(frozen=True)
class Looker:
    """Somebody with the conversation on their page. `watches`: a supervisor who isn't in it."""

    name: str
    watches: bool
    at: float  # time.time()


def look(user_id: int, topic: str) -> list[tuple[str, bool]]:
    """Say that one is here, and learn who else is: words, and whether they speak of a supervisor."""
    here = _here(topic)
    known = here.get(user_id)
    now = time.time()
    mine = Looker(known.name, known.watches, now) if known else _introduced(user_id, topic, now)
    if mine is None:
        return []
    cache.set(_key(topic), {**here, user_id: mine}, GONE_AFTER * 2)
    if known is None:
        announce.say(topic, {"type": "company", "topic": topic})
    return _told(here, user_id)


def others(user_id: int, topic: str) -> list[tuple[str, bool]]:
    """Who is here besides, as `look` tells it."""
    return _told(_here(topic), user_id)


def leave(user_id: int, topic: str) -> None:
    """The page shows something else now, or is closed. Another page of theirs says again that they are here."""
    here = _here(topic)
    if here.pop(user_id, None) is not None:
        cache.set(_key(topic), here, GONE_AFTER * 2)
        announce.say(topic, {"type": "company", "topic": topic})


def writes(user_id: int, topic: str) -> None:
    """They write a note or beside the conversation: colleagues see it, a citizen's page isn't asked to."""
    known = _here(topic).get(user_id)
    if known is not None:
        announce.say(topic, {"type": "colleague", "topic": topic, "name": known.name, "who": user_id})


def _here(topic: str) -> dict[int, Looker]:
    since = time.time() - GONE_AFTER
    found: dict[int, Looker] = cache.get(_key(topic)) or {}
    return {pk: one for pk, one in found.items() if one.at > since}


def _key(topic: str) -> str:
    return f"company:{topic}"


def _introduced(user_id: int, topic: str, now: float) -> Looker | None:
    """Read once, when they come."""
    public_id = topic.partition(".")[2]
    user = User.objects.filter(pk=user_id).first()
    interaction = Interaction.objects.filter(public_id=public_id).only("id", "office_id").first()
    if user is None or interaction is None:
        return None
    return Looker(user.display_name, _watches(user, interaction), now)


def _watches(user: User, interaction: Interaction) -> bool:
    """A supervisor, and neither the owner nor asked in."""
    if not access.may(user, "interaction.watch", office_id=interaction.office_id):
        return False
    items = WorkItem.objects.filter(interaction=interaction).exclude(state__in=WorkItem.ENDED)
    helps = Companion.objects.filter(item__in=items, user=user, left_at=None)
    return not items.filter(owner=user).exists() and not helps.exists()


def _told(here: dict[int, Looker], user_id: int) -> list[tuple[str, bool]]:
    """Supervisors one by one, colleagues together."""
    besides = [one for pk, one in sorted(here.items()) if pk != user_id][:MOST]
    told = [(_("watched by %(name)s") % {"name": one.name}, True) for one in besides if one.watches]
    names = ", ".join(one.name for one in besides if not one.watches)
    return [*told, *([(_("also here: %(names)s") % {"names": names}, False)] if names else [])]
