"""The bell: what happened in conversations that one should know of, in whole sentences."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from contactcenter.desk import names
from contactcenter.desk.doors import desk, is_fragment
from contactcenter.queues import notices
from contactcenter.queues.models import Notice
from crm import access
from crm.models import Interaction, User

About = Notice.About


@dataclass(frozen=True)
class Told:
    """One line of the list. `href` "" = the conversation isn't theirs to see any more."""

    words: str
    reason: str
    href: str
    at: datetime
    fresh: bool


@desk("GET")
def newest(request: HttpRequest, user: User) -> HttpResponse:
    """The last ones. That they were read is said by the page as soon as it shows them."""
    rows = notices.newest(user)
    interactions = _visible(user, rows)
    told = [_told(row, interactions.get(row.interaction_id)) for row in rows]
    return render(request, "desk/_notices.html", {"told": told, "upto": rows[0].pk if rows else 0})


def _visible(user: User, rows: list[Notice]) -> dict[int, Interaction]:
    """Rights may have changed since they were told."""
    ids = {row.interaction_id for row in rows}
    found = Interaction.objects.filter(pk__in=ids).select_related("citizen", "contact_point")
    return {row.pk: row for row in access.visible(user, found)} if ids else {}


def _told(row: Notice, interaction: Interaction | None) -> Told:
    if interaction is None:
        words, href = _("Something about a conversation that you may not read any more."), ""
    else:
        words, href = _words(row, names.who(interaction)), reverse("desk-talk", args=[interaction.public_id])
    return Told(words, row.reason if interaction else "", href, row.at, row.read_at is None)


def _words(row: Notice, who: str) -> str:
    words = {"name": names.person(row.actor_id) or _("Somebody"), "who": who}
    if row.about == About.FAILED:
        return _("Your message to %(who)s was not delivered.") % words
    if row.about == About.MENTIONED:
        return _("%(name)s mentioned you in a note about %(who)s.") % words
    if row.about == About.CALLED:
        return _("%(name)s mentioned you in the side-chat about %(who)s.") % words
    if row.about == About.ASIDE:
        return _("%(name)s wrote in the side-chat about %(who)s.") % words
    return _of_work(row.about, words)


def _of_work(kind: str, words: dict[str, str]) -> str:
    if kind == About.TAKEN_OVER:
        return _("%(name)s took over the conversation with %(who)s from you.") % words
    if kind == About.MOVED:
        return _("%(name)s moved the conversation with %(who)s from you to a queue.") % words
    return _("%(name)s handed the conversation with %(who)s to you.") % words


@desk("POST")
def read(request: HttpRequest, user: User) -> HttpResponse:
    """They saw the list up to `upto`."""
    given = request.POST.get("upto", "")
    if given.isascii() and given.isdigit() and len(given) < 19:
        notices.read(user=user, upto=int(given))
    return HttpResponse(status=204) if is_fragment(request) else redirect("desk")
