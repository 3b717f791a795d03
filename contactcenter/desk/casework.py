"""The case of a conversation: opened, linked, taken out again."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from contactcenter.desk import actions, conversation
from contactcenter.desk.doors import ask, desk, notice
from contactcenter.desk.search.words import inside
from contactcenter.live import topics
from crm import access, cases
from crm.models import Case, Interaction, Topic, User

MOST_PEOPLE = 200
MOST_FOUND, WORDS = 8, 80  # cases; characters of a question


@desk("GET")
def form(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    interaction = conversation.find(user, public_id)
    shown = {
        "interaction": interaction,
        "cases": conversation.open_cases(user, interaction),
        "topics": Topic.objects.filter(active=True).select_related("office"),
    }
    return render(request, "desk/_case.html", shown)


@desk("GET")
def find(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """Cases the person may see, open or closed, by number or words of the title; the answer is a part of the dialog."""
    interaction = conversation.find(user, public_id)
    asked = " ".join(request.GET.get("words", "").replace("\x00", "").split())[:WORDS]
    rows = _named(user, asked).exclude(pk=interaction.case_id or 0) if asked else Case.objects.none()
    found = list(rows.select_related("citizen")[: MOST_FOUND + 1])
    shown = {
        "interaction": interaction, "asked": asked, "found": found[:MOST_FOUND], "more": len(found) > MOST_FOUND,
    }  # fmt: skip
    return render(request, "desk/_case_found.html", shown)


def _named(user: User, asked: str) -> QuerySet[Case]:
    """Every word stands in the number or the title. The newest first."""
    rows = access.visible(user, Case.objects.all())
    for word in asked.split():
        rows = rows.filter(inside("number", word) | inside("subject", word))
    return rows.order_by("-opened_at", "-pk")


@desk("POST")
def open_case(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    interaction = conversation.find(user, public_id)
    topic = Topic.objects.select_related("office").filter(slug=request.POST.get("topic", "")[:50], active=True).first()
    subject = request.POST.get("subject", "").replace("\x00", "").strip() or interaction.subject or interaction.preview
    version = actions.based_on(request)
    return actions.unless_stale(
        request, user, public_id,
        lambda: cases.open_for(
            interaction=interaction, subject=subject[:300], topic=topic, actor=user, based_on=version
        ),
    )  # fmt: skip


@desk("POST")
def link(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    interaction = conversation.find(user, public_id)
    number, version = request.POST.get("number", "").strip()[:12], actions.based_on(request)
    case = access.visible(user, Case.objects.all()).filter(number=number).first()
    if case is None:
        return notice(request, _("There is no case %(number)s that you may see.") % {"number": number}, status=404)
    return actions.unless_stale(
        request, user, public_id,
        lambda: cases.link(case=case, interaction=interaction, actor=user, based_on=version),
    )  # fmt: skip


@desk("POST")
def unlink(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    interaction, version = conversation.find(user, public_id), actions.based_on(request)
    why = request.POST.get("why", "")
    try:
        return actions.unless_stale(
            request, user, public_id,
            lambda: cases.unlink(interaction=interaction, why=why, actor=user, based_on=version),
        )  # fmt: skip
    except ValueError as error:
        return notice(request, str(error), status=422)


@desk("GET")
def change_form(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    return render(request, "desk/_case_change.html", _asked(user, conversation.find(user, public_id)))


def _asked(user: User, interaction: Interaction, **more: object) -> dict[str, object]:
    """The case as it is now. Raises `NotVisible` where there is none, or none to see."""
    rows = Case.objects.select_related("topic", "owner", "office")
    case = access.get(user, rows, pk=interaction.case_id)
    return {
        "interaction": interaction,
        "case": case,
        "said": {"subject": case.subject, "status": case.status, "level": case.level, "priority": case.priority},
        "statuses": Case.Status.choices,
        "levels": range(1, 4),
        "priorities": range(1, 6),
        "topics": Topic.objects.filter(active=True).select_related("office"),
        "people": access.readers_of(case).order_by("first_name", "last_name", "pk")[:MOST_PEOPLE],
        **more,
    }


@desk("POST")
def change(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """What is given is what the case says then. 409 with the case as it is now when somebody changed it meanwhile."""
    interaction, given = conversation.find(user, public_id), request.POST
    case = access.get(user, Case.objects.all(), pk=interaction.case_id)
    subject = given.get("subject", "").replace("\x00", "").strip()[:300]
    topic = Topic.objects.filter(slug=given.get("topic", "")[:50], active=True).first() or case.topic
    owner = _person(given.get("owner", "")) or case.owner
    try:
        cases.revise(
            case=case, actor=user, status=given.get("status", "")[:10], reason=given.get("reason", "")[:200],
            based_on=actions.based_on(request), subject=subject, topic=topic, owner=owner,
            level=_number(given.get("level", "")), priority=_number(given.get("priority", "")),
        )  # fmt: skip
    except cases.StaleCase as error:
        return ask(request, "desk/_case_change.html", _asked(user, interaction, wrong=str(error)))
    except (cases.CannotOwn, ValueError) as error:
        again = _asked(user, interaction, wrong=str(error), said=given)
        return ask(request, "desk/_case_change.html", again, status=422)
    return actions.show(request, user, public_id, done="desk:done")


def _person(given: str) -> User | None:
    return User.objects.filter(public_id=given, is_active=True).first() if topics.is_public_id(given) else None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 0
