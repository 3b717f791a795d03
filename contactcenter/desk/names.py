"""How people and channels are called on the desk."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from babel import Locale
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext as _

from channels_adapters import registry
from contactcenter.accounts.models import ChannelAccount
from contactcenter.queues import wrap_up
from contactcenter.queues.models import AgentLanguage, BreakReason, Queue
from crm.models import Citizen, ContactPoint, Interaction, Office, Topic, User

UNKNOWN = "message"  # the sign of a channel that nobody knows any more
KEPT_FOR = 3.0  # seconds that a process remembers what accounts, queues, offices … are called
_known: dict[str, tuple[float, dict[Any, Any]]] = {}


@dataclass(frozen=True)
class Channel:
    """An account as the desk shows it."""

    name: str
    icon: str
    live: bool = False  # the citizen keeps a page open, and sees there how far their words got
    sort: str | Promise = ""  # what kind of channel it is, in words: "E-mail"


def accounts() -> dict[str, Channel]:
    """Every account by its slug, as it was a moment ago."""
    return _lately("accounts", _accounts)


def queues() -> dict[str, str]:
    """The name of every queue by its slug, as it was a moment ago."""
    return {line.slug: line.name for line in lines().values()}


class Line(NamedTuple):
    slug: str
    name: str
    mode: str
    outcomes: list[wrap_up.Outcome]


def lines() -> dict[int, Line]:
    """Every queue by its id, as it was a moment ago."""
    shown = ("pk", "slug", "name", "mode", "outcomes")
    return _lately("queues", lambda: {pk: Line(*row) for pk, *row in Queue.objects.order_by().values_list(*shown)})


def queue_slug(pk: int) -> str:
    known = lines().get(pk)
    return known.slug if known else ""


def topics() -> dict[int, str]:
    """The name of every topic by its id, as it was a moment ago."""
    return _lately("topics", lambda: _titles(Topic))


def somebody(public_id: str) -> str:
    """A colleague by their public id; "" for nobody that is known."""
    if not public_id:
        return ""
    known = _lately("public ids", lambda: {str(key): pk for key, pk in User.objects.values_list("public_id", "pk")})
    return person(known.get(public_id))


def language(code: str) -> str:
    """What a language is called in the reader's own, else its code."""
    return _tongues(get_language() or "en").get(code[:2].lower()) or code.upper()


@dataclass(frozen=True)
class Tongues:
    """Codes and names, each list in the order of the alphabet."""

    house: list[tuple[str, str]]  # what colleagues speak, and what the pages are written in
    others: list[tuple[str, str]]


def languages() -> Tongues:
    """Every language, in the reader's own."""
    house = {code for code, _name in settings.LANGUAGES}
    house |= set(AgentLanguage.objects.values_list("language", flat=True))
    known = sorted(_tongues(get_language() or "en").items(), key=lambda pair: pair[1])
    return Tongues([pair for pair in known if pair[0] in house], [pair for pair in known if pair[0] not in house])


@lru_cache
def _tongues(reader: str) -> dict[str, str]:
    """All languages with a code of two letters, in one of them."""
    return {code: name.lower() for code, name in Locale.parse(reader[:2]).languages.items() if len(code) == 2}


def person(pk: int | None) -> str:
    """Of a colleague, as they were called a moment ago; "" for nobody."""
    if pk is None:
        return ""
    return _lately("people", _people).get(pk) or User.objects.get(pk=pk).display_name


def office(pk: int | None) -> str:
    return "" if pk is None else _lately("offices", lambda: _titles(Office)).get(pk) or str(Office.objects.get(pk=pk))


def topic(pk: int | None) -> str:
    return "" if pk is None else _lately("topics", lambda: _titles(Topic)).get(pk) or str(Topic.objects.get(pk=pk))


def outcome(queue: str, said: str) -> str:
    """What came of a contact, in the reader's language: `said` is the key of an outcome of that queue, or words."""
    if not said:
        return ""
    known = next((line.outcomes for line in lines().values() if line.slug == queue), [])
    found = next((one for one in known if one["key"] == said), None)
    return wrap_up.called(found) if found else said


def breaks() -> list[tuple[str, str]]:
    """Reasons for a break that are in use, by their short names, in their order."""
    return [(slug, str(reason)) for slug, reason in _breaks().items() if reason.active]


def break_reason(slug: str) -> str:
    """Also one that is retired."""
    return str(_breaks().get(slug, slug))


def _breaks() -> dict[str, BreakReason]:
    return _lately("breaks", lambda: {reason.slug: reason for reason in BreakReason.objects.all()})


def _titles(model: type[Office] | type[Topic]) -> dict[int, str]:
    return dict(model._default_manager.order_by().values_list("pk", "name"))


def _people() -> dict[int, str]:
    return {user.pk: user.display_name for user in User.objects.only("username", "first_name", "last_name")}


def forget() -> None:
    """Ask again at once. Tests begin with a town of their own."""
    _known.clear()


def _lately(sort: str, read: Callable[[], dict[Any, Any]]) -> dict[Any, Any]:
    moment = time.monotonic()
    at, known = _known.get(sort, (0.0, {}))
    if known and moment - at < KEPT_FOR:
        return known
    _known[sort] = (moment, read())
    return _known[sort][1]


def _accounts() -> dict[str, Channel]:
    rows = ChannelAccount.objects.order_by().values_list("slug", "name", "kind")
    return {slug: _of_kind(name, kind) for slug, name, kind in rows}


def _of_kind(name: str, kind: str) -> Channel:
    try:
        adapter = registry.get(kind)
    except registry.UnknownKind:  # its adapter isn't installed any more
        return Channel(name, UNKNOWN)
    return Channel(name, adapter.abilities.icon, adapter.abilities.live, adapter.label)


def channel(known: dict[str, Channel], slug: str) -> Channel:
    return known.get(slug) or Channel(slug, UNKNOWN)


def who(interaction: Interaction) -> str:
    citizen, point = interaction.citizen, interaction.contact_point
    if citizen is None:
        return called("", None, point.name if point else "", point.value if point else "")
    return called(citizen.name, citizen.pk, point.name if point else "", point.value if point else "")


def called(name: str | None, citizen: int | None, sender: str | None, address: str | None) -> str:
    """The name they gave, else an address a person can read, else a number that tells visitors apart."""
    if name or sender:
        return name or sender or ""
    if address and says_something(address):
        return address
    return Citizen(pk=citizen).display_name if citizen is not None else _("Somebody")


def is_readable(point: ContactPoint) -> bool:
    return says_something(point.value)


def says_something(address: str) -> bool:
    """A mail address or a telephone number says something to an agent; a session's random name doesn't."""
    return "@" in address or address.startswith("+")
