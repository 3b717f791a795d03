"""People who take contacts: what they can do and how much at once, which queues that brings them, and leaving."""

from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, ngettext

from contactcenter.administration.pages import queue_preview
from contactcenter.administration.pages.agent_form import AgentForm
from contactcenter.administration.pages.doors import administrator
from contactcenter.administration.pages.opened import Opened, alone
from contactcenter.queues import agents, rights, roster
from contactcenter.queues.models import Agent, Presence, Queue
from contactcenter.routing import matching
from contactcenter.routing.expression import Attributes
from crm.models import Topic, User

LOOK = "look"  # the button that shows the preview and keeps nothing


@administrator("settings.change")
def index(request: HttpRequest, user: User) -> HttpResponse:
    people = list(agents.who_may_take_contacts())
    known = roster.known().people
    rows = {row.user_id: row for row in Presence.objects.filter(user__in=people)}
    told = [_row(person, known.get(person.pk), rows.get(person.pk)) for person in people]
    return render(request, "settings/agents.html", {"people": told})


def _row(person: User, able: matching.Agent | None, presence: Presence | None) -> dict[str, Any]:
    return {
        "person": person,
        "abilities": queue_preview.abilities(able.attributes) if able else "",
        "capacity": able.capacity if able else {},
        "queues": len(able.queues) if able else 0,
        "presence": presence.get_routing_display() if presence else Presence.Routing.OFFLINE.label,
        "is_here": presence is not None and presence.takes_work,
    }


@administrator("settings.change", "GET", "POST")
def edit(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    with alone(request, User.objects.filter(public_id=public_id)):  # the agent's own row may not be there yet
        return _edited(request, user, public_id)


def _edited(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    person = _person(public_id)
    agent = Agent.objects.filter(user=person).first()
    form = AgentForm(request.POST if request.method == "POST" else None, user=person, agent=agent)
    opened = Opened(request, user, form, kind="person", name=person.public_id)
    if form.is_bound and form.is_valid() and LOOK not in request.POST and not opened.is_refused():
        try:
            agents.change(user=person, actor=user, **form.columns())
        except agents.Wrong as error:
            form.tell(error)
        else:
            messages.success(request, _("Kept. What is set here holds from now on."))
            return redirect("settings-agent", person.public_id)
    page = {"person": person, "form": form, "sections": form.sections(), "mine": person.pk == user.pk}
    page |= {"opened": opened}
    if not form.is_bound or not form.errors:
        page |= {"serves": serves(person, form), "kept": not form.is_bound}
    return render(request, "settings/agent.html", page, status=opened.status)


def _person(public_id: str) -> User:
    return get_object_or_404(agents.who_may_take_contacts(), public_id=public_id)


@administrator("settings.change", "POST")
def leave(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    person = _person(public_id)
    try:
        returned = agents.leave(user=person, actor=user)
    except agents.CannotLeave as error:
        messages.error(request, str(error))
    else:
        text = ngettext(
            "%(name)s is switched off. %(n)d contact waits in its queue again.",
            "%(name)s is switched off. %(n)d contacts wait in their queues again.", returned,
        )  # fmt: skip
        messages.success(request, text % {"name": person.display_name, "n": returned})
    return redirect("settings-agent", person.public_id)


@administrator("settings.change", "POST")
def come_back(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    person = _person(public_id)
    agents.come_back(user=person, actor=user)
    messages.success(request, _("%(name)s may sign in again.") % {"name": person.display_name})
    return redirect("settings-agent", person.public_id)


# --- who would get what -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Serves:
    """A queue, whether its contacts come to this person, and why."""

    queue: str
    comes: bool
    why: str


def serves(person: User, form: AgentForm) -> list[Serves]:
    """Every queue in use, for the person as they are, or as the form says: from when on, and what stands in the way."""
    able = roster.known().people.get(person.pk)
    if able is None:
        return []
    attributes, home = able.attributes, _home_queues(person)
    if form.is_bound:
        attributes, home = _as_written(able, form), {queue.pk for queue in form.cleaned_data["home_queues"]}
    may = set(rights.readable(person).values_list("pk", flat=True))
    rows = Queue.objects.filter(active=True).select_related("office")
    return [_served(queue, attributes, home, may) for queue in rows]


def _home_queues(person: User) -> set[int]:
    return set(Queue.objects.filter(agents__user=person).values_list("pk", flat=True))


def _as_written(able: matching.Agent, form: AgentForm) -> Attributes:
    given = form.columns()
    topics = Topic.objects.filter(skills__slug__in=given["skills"], skills__active=True)
    return replace(
        able.attributes, languages=given["languages"], skills=given["skills"], level=given["level"],
        topics=frozenset(topics.values_list("slug", flat=True)),
    )  # fmt: skip


def _served(queue: Queue, attributes: Attributes, home: set[int], may: set[int]) -> Serves:
    if queue.pk not in may:
        return Serves(queue.name, False, _("They have no role here (%(office)s).") % {"office": queue.office.name})
    if home and queue.pk not in home:
        return Serves(queue.name, False, _("It is none of their home queues."))
    when = queue_preview.from_when(attributes, roster.line_of(queue))
    if when is None:
        return Serves(
            queue.name, False, _("They don't meet what is required: %(what)s.") % {"what": queue.requirements}
        )
    if when:
        return Serves(queue.name, True, _("After %(time)s, by a step of the queue.") % {"time": when})
    return Serves(queue.name, True, _("At once: by their role (%(office)s).") % {"office": queue.office.name})
