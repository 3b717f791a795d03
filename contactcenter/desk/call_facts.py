"""What became of a promised call, in words for the timeline."""

from collections.abc import Callable, Mapping

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from contactcenter.desk import names
from contactcenter.templatetags.house import due_hour, hour
from crm.models import Event


def _who(event: Event) -> dict[str, object]:
    return {
        "name": names.person(event.actor_id) or _("Somebody"), "time": hour(event.at), "n": event.data.get("tries", 0),
    }  # fmt: skip


def _asked(event: Event, queues: dict[str, str]) -> str:
    until = parse_datetime(str(event.data.get("until", "")))
    if until is None or until <= event.at:
        return _("the citizen asked at %(time)s to be called back") % _who(event)
    words = {**_who(event), "when": due_hour(until)}
    return _("the citizen asked at %(time)s to be called back; not before: %(when)s") % words


def _tried(event: Event, queues: dict[str, str]) -> str:
    if event.data.get("result") == "reached":
        return _("%(name)s reached the citizen by telephone at %(time)s") % _who(event)
    if event.data.get("result") == "wrong-number":
        return _("%(name)s called at %(time)s: wrong number") % _who(event)
    return _("%(name)s called at %(time)s (try %(n)s): nobody answered") % _who(event)


def _given_up(event: Event, queues: dict[str, str]) -> str:
    if event.data.get("told"):
        return _("the call was given up; the citizen was told")
    return _("the call was given up; no channel reaches the citizen to tell them")


def _withdrawn(event: Event, queues: dict[str, str]) -> str:
    by = event.data.get("by")
    if by == "citizen":
        return _("the citizen would rather not be called (%(time)s)") % _who(event)
    if by == "agent":
        return _("%(name)s took the promised call back at %(time)s") % _who(event)
    return _("the promised call fell away with this contact")


def _rested(event: Event, queues: dict[str, str]) -> str:
    until = parse_datetime(str(event.data.get("until", "")))
    return _("the queue has closed; to be called: %(when)s") % {"when": due_hour(until)}


WORDS: Mapping[str, Callable[[Event, dict[str, str]], str]] = {
    "callback.asked": _asked,
    "callback.tried": _tried,
    "callback.given_up": _given_up,
    "callback.withdrawn": _withdrawn,
    "item.rested": _rested,
}
