"""What a desk may watch. A topic is the name of a channel-layer group: `interaction.<id>`, `queue.<slug>`, `person.<id>`,
`team.all`."""

import uuid
from collections.abc import Callable, Iterable

from contactcenter.queues import rights
from crm import access
from crm.models import Interaction, User

MOST = 100  # topics that one screen may watch


def _interactions(user: User, names: set[str]) -> set[str]:
    ids = {name for name in names if is_public_id(name)}
    rows = access.visible(user, Interaction.objects.filter(public_id__in=ids)) if ids else Interaction.objects.none()
    return {str(public_id) for public_id in rows.values_list("public_id", flat=True)}


def _queues(user: User, names: set[str]) -> set[str]:
    return set(rights.readable(user).filter(slug__in=names).values_list("slug", flat=True))


def _persons(user: User, names: set[str]) -> set[str]:
    return names & {str(user.public_id)}


def _team(user: User, names: set[str]) -> set[str]:
    """That something changed about somebody's presence: for those who lead a team."""
    return names & {"all"} if access.may(user, "presence.force") else set()


def is_public_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


RULES: dict[str, Callable[[User, set[str]], set[str]]] = {
    "interaction": _interactions,
    "queue": _queues,
    "person": _persons,
    "team": _team,
}


def by_sort(topics: Iterable[str]) -> dict[str, set[str]]:
    """{"queue": {"tributi", …}, …}; what isn't a topic of ours is left out."""
    found: dict[str, set[str]] = {}
    for topic in topics:
        sort, _dot, name = topic.partition(".")
        if sort in RULES and name:
            found.setdefault(sort, set()).add(name)
    return found


def allowed(user: User, wanted: Iterable[str]) -> set[str]:
    """Those of `wanted` that the person may watch now, by the access gateway. At most one statement per sort of topic."""
    if not user.is_active or not access.roles(user):
        return set()
    return {f"{sort}.{name}" for sort, names in by_sort(wanted).items() for name in RULES[sort](user, names)}
