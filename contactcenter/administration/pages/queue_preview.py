"""Who serves a queue right now, and how the circle widens while somebody waits: in words, before anything is kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.administration.pages import calendar_preview
from contactcenter.administration.pages.fields import written
from contactcenter.queues import hours, roster
from contactcenter.queues.models import Presence, Queue
from contactcenter.routing import matching
from contactcenter.routing.decide import language_name
from contactcenter.routing.expression import Attributes
from crm.models import User


@dataclass(frozen=True)
class Served:
    """Somebody of this queue; `when` says from when on they may have a contact of it."""

    name: str
    abilities: str
    when: str
    presence: str
    is_here: bool


def opening(queue: Queue) -> tuple[bool, str]:
    """Is it open, and a sentence about it."""
    if queue.emergency:
        return False, _("Emergency: no chat begins.")
    calendar, now = hours.calendar(queue), timezone.now()
    return calendar.is_open(now), calendar_preview.state(calendar, now)


def in_words(queue: Queue) -> list[str]:
    """How the circle widens, step by step."""
    asked = queue.requirements.strip()
    first = _("From the beginning: whoever meets %(what)s.") % {"what": asked} if asked else ""
    told = [first or _("From the beginning: whoever serves this queue.")]
    for step in queue.steps:
        what = step["requirements"].strip()
        told.append(
            _("After %(time)s also: whoever meets %(what)s.") % {"time": written(step["after"]), "what": what}
            if what
            else _("After %(time)s also: everybody who serves this queue.") % {"time": written(step["after"])}
        )
    if queue.steps:
        told.append(_("The citizen's language goes on being required, however long it takes."))
    return told


def serving(queue: Queue) -> list[Served]:
    """Everybody whose role and home queues lead here, those who are here first."""
    people = {user: person for user, person in roster.known().people.items() if queue.pk in person.queues}
    rows = {row.user_id: row for row in Presence.objects.filter(user__in=people)}
    users = User.objects.filter(pk__in=people).order_by("last_name", "first_name")
    line = roster.line_of(queue)
    told = [_served(user, people[user.pk].attributes, line, rows.get(user.pk)) for user in users]
    return sorted(told, key=lambda served: not served.is_here)


def _served(user: User, attributes: Attributes, line: matching.Line, row: Presence | None) -> Served:
    here = row is not None and row.status == Presence.Status.AVAILABLE and not row.lost
    state = row.get_routing_display() if row else Presence.Routing.OFFLINE.label
    return Served(user.display_name, abilities(attributes), _when(attributes, line), str(state), here)


def abilities(attributes: Attributes) -> str:
    """Italian 5, Ukrainian 3 · tributi 4 · level 3."""
    languages = ", ".join(f"{language_name(code)} {level}" for code, level in sorted(attributes.languages.items()))
    skills = ", ".join(f"{slug} {level}" for slug, level in sorted(attributes.skills.items()))
    return " · ".join(filter(None, (languages, skills, _("level %(n)d") % {"n": attributes.level})))


def _when(attributes: Attributes, line: matching.Line) -> str:
    when = from_when(attributes, line)
    if when is None:
        return _("never: they don't meet what is required")
    return _("after %(time)s") % {"time": when} if when else _("at once")


def from_when(attributes: Attributes, line: matching.Line) -> str | None:
    """After which wait they may have a contact of the line; "" = at once, None = never."""
    found = next(_reached(attributes, line), None)
    if found is None:
        return None
    return written(int(found.total_seconds())) if found else ""


def _reached(attributes: Attributes, line: matching.Line) -> Iterator[timedelta]:
    if line.requirements is None or line.requirements.holds(attributes):
        yield timedelta()
    speaks = line.requirements is None or matching.language_part(line.requirements).holds(attributes)
    yield from (step.after for step in line.steps if speaks and step.expression.holds(attributes))
