"""Parts of the desk with the heads they were read at, so that a page knows when to look again."""

import json
from collections.abc import Callable, Sequence

from django.http import HttpRequest, HttpResponseNotModified
from django.utils.translation import get_language

from contactcenter.desk import cards, conversation, names, oversight, presence, standing, work
from contactcenter.desk.filters import NOTHING, Filter
from contactcenter.live import heads
from contactcenter.outbox import states
from contactcenter.queues import rights
from contactcenter.queues.models import Queue
from crm.access import may
from crm.models import User

Context = dict[str, object]


def topics_of(user: User, queues: Sequence[Queue]) -> list[str]:
    return [f"person.{user.public_id}", *(queue.topic_group for queue in queues)]


def mark(user: User, found: heads.Heads, *more: object) -> str:
    """The ETag of a fragment: its heads, whose it is, in which language, on which day."""
    return f'"{heads.short([user.pk, get_language(), conversation.today(), sorted(found.items()), *more])}"'


def unchanged(request: HttpRequest, etag: str) -> HttpResponseNotModified | None:
    """304 where the page shows exactly this already."""
    given = request.headers.get("If-None-Match", "")
    if etag not in [one.strip().removeprefix("W/") for one in given.split(",")]:
        return None
    answer = HttpResponseNotModified()
    answer["ETag"] = etag
    return answer


def mine(
    user: User,
    etag_of: Callable[[heads.Heads], str],
    begins: work.Key | None = None,
    only: Filter = NOTHING,
) -> tuple[str, Callable[[], Context]]:
    """My work, the line and my presence: the mark at once, the data when it is asked for."""
    queues = list(rights.readable(user).filter(active=True).only("id", "slug"))
    found = heads.now(topics_of(user, queues))

    def context() -> Context:
        rows, parked, shown, shown_parked, unfilled = work.mine(user, only)
        line = work.waiting(user, queues, begins, only)
        return {
            "mine": rows,
            "shown": shown,
            "only": only,
            "line": line,
            "everybody": work.everybody(user, queues) if only or begins else line.total,
            "loads": work.loads(rows),
            "at_desk": presence.of(user, len(rows)),
            "breaks": names.breaks(),
            **cards.of(user)._asdict(),
            "parked": shown_parked,
            "unfilled": unfilled,
            "helping": [] if only else work.helping(user),
            "notices": heads.notices(found.get(f"person.{user.public_id}")),
            "unread": sum(bool(row.unread) for row in rows),
            "mine_heads": json.dumps(found),
            "may_take": may(user, "interaction.claim"),
        }

    return etag_of(found), context


def talk(user: User, public_id: object, *, before: int | None = None) -> tuple[heads.Heads, Callable[[], Context]]:
    """One conversation: its heads at once (read before everything else), the data when it is asked for.

    Raises `NotVisible`, before anything is told.
    """
    topic = f"interaction.{public_id}"
    found = heads.now([topic])
    interaction = conversation.open(user, public_id)

    def context() -> Context:
        read = conversation.read(user, interaction, before=before)
        if read.channel.live and before is None:
            states.reach_agent(interaction=interaction)
        return {
            "talk": read,
            "standing": standing.of(user, read.item),
            "together": oversight.of(user, interaction, read.item),
            "topic": topic,
            "talk_head": found.get(topic, ""),
            "note_length": conversation.NOTE_LENGTH,
        }

    return found, context
