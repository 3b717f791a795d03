"""“Take your first chat”: five steps with the real thing, each ticked off by what really happened.

It runs from the moment somebody begins it until they end it or sign out; nothing about it is kept but that moment.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from contactcenter.desk import names
from contactcenter.desk.doors import desk
from contactcenter.queues.models import Presence
from crm.models import Event, User

BEGAN = "first_chat_began"  # in the session: an instant
TAKEN, SAID, FINISHED = ("item.claimed",), ("message.queued",), ("item.done", "item.wrapping")


class Step(NamedTuple):
    words: str
    done: bool


class Door(NamedTuple):
    """Where one writes as a citizen."""

    name: str
    url: str


@dataclass(frozen=True)
class Guide:
    steps: list[Step]
    doors: list[Door]

    @property
    def at(self) -> int:
        """The number of the step that is due, from 1; one more than there are when all are done."""
        return next((n for n, step in enumerate(self.steps, 1) if not step.done), len(self.steps) + 1)

    @property
    def is_over(self) -> bool:
        return self.at > len(self.steps)


@desk("POST")
def begin(request: HttpRequest, user: User) -> HttpResponse:
    request.session[BEGAN] = timezone.now().isoformat()
    return redirect("desk")


@desk("POST")
def end(request: HttpRequest, user: User) -> HttpResponse:
    request.session.pop(BEGAN, None)
    return redirect("desk")


def of(request: HttpRequest, user: User) -> Guide | None:
    """How far they are; None where nobody is being guided."""
    began = parse_datetime(str(request.session.get(BEGAN, "")))
    return None if began is None else Guide(_steps(user, began), _doors())


def is_new_here(user: User) -> bool:
    """They never finished a contact."""
    return not Event.objects.filter(actor=user, name__in=FINISHED).exists()


def _steps(user: User, began: datetime) -> list[Step]:
    since = Event.objects.filter(at__gte=began)
    mine = set(since.filter(actor=user, name__in=(*TAKEN, *SAID, *FINISHED)).values_list("name", flat=True))
    arrived = since.filter(name="interaction.queued").exists() or bool(mine.intersection(TAKEN))
    available = Presence.objects.filter(user=user, status=Presence.Status.AVAILABLE).exists()
    return [
        Step(_("Set yourself available, at the top right: citizens see that somebody is there."), available),
        Step(_("Be the citizen for a moment: open the chat in another window and write “Good morning”."), arrived),
        Step(_("It comes to you, or waits in the list. Press A to take it."), bool(mine.intersection(TAKEN))),
        Step(
            _("Write your answer and send it with Ctrl and Enter. Look how it arrives."), bool(mine.intersection(SAID))
        ),
        Step(_("Press W, say how it ended, and you are free for the next one."), bool(mine.intersection(FINISHED))),
    ]


def _doors() -> list[Door]:
    """The chat pages of this office."""
    live = ((slug, channel) for slug, channel in names.accounts().items() if channel.live)
    return [Door(channel.name, reverse("visitor-page", args=[slug])) for slug, channel in live]
