"""Canned answers at the desk: the list behind the slash, and the page of one's own."""

import uuid
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from contactcenter.administration.pages.canned_form import CannedForm
from contactcenter.administration.pages.keeping import kept
from contactcenter.administration.pages.opened import Opened, alone
from contactcenter.desk import conversation, names
from contactcenter.desk.doors import ask, desk
from contactcenter.writing import canned, placeholders, tongue
from contactcenter.writing.models import CannedAnswer, Scope
from crm import access
from crm.models import Interaction, User

MOST = 400  # in one list
MOST_USED = 20  # in one message


@desk("GET")
def offered(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """What can be inserted here, the citizen's language first, filled in as far as the house knows."""
    interaction = conversation.find(user, public_id)
    language, house = tongue.spoken(interaction), settings.LANGUAGE_CODE[:2]
    filled: dict[str, dict[str, str]] = {}
    found = []
    for row in canned.usable(user=user, interaction=interaction).select_related("topic")[:MOST]:
        text, code = row.text_in(language or house, house)
        if code not in filled:
            filled[code] = placeholders.values(interaction=interaction, actor=user, language=code)
        found.append(_shown(row, placeholders.fill(text, filled[code]), code, language, interaction))
    answer = JsonResponse({"answers": sorted(found, key=lambda one: (bool(one["fallback"]), not one["fits"]))})
    answer["Cache-Control"] = "no-store"
    return answer


def _shown(row: CannedAnswer, text: str, code: str, language: str, interaction: Interaction) -> dict[str, object]:
    other = bool(language) and code != language
    return {
        "id": str(row.public_id),
        "shortcut": row.shortcut,
        "title": row.title,
        "text": text,
        "language": code,
        "fallback": _("in %(language)s only") % {"language": names.language(code)} if other else "",
        "scope": row.get_scope_display() if row.scope == Scope.PERSONAL else "",
        "topic": names.topic(row.topic_id),
        "fits": row.topic_id is not None and row.topic_id == interaction.topic_id,
        "missing": placeholders.in_words(placeholders.unfilled(text)),
    }


def used_in(request: HttpRequest) -> list[uuid.UUID]:
    """Those the composer says were inserted."""
    found = []
    for given in request.POST.get("canned", "")[: 40 * MOST_USED].split():
        try:
            found.append(uuid.UUID(given))
        except ValueError:
            continue
    return found[:MOST_USED]


def unfilled(request: HttpRequest, interaction: Interaction, text: str) -> HttpResponse | None:
    """The question before words with a placeholder in them leave; None = nothing to ask."""
    left = placeholders.unfilled(text)
    if not left or request.POST.get("unfilled_too") == "1":
        return None
    return ask(request, "desk/_unfilled.html", {"interaction": interaction, "left": placeholders.in_words(left)})


def left_open(text: str) -> str:
    """The same as a sentence, for a dialog that has its own words in it."""
    left = placeholders.unfilled(text)
    return _("Still to be filled in: %(left)s.") % {"left": placeholders.in_words(left)} if left else ""


@desk("GET")
def own(request: HttpRequest, user: User) -> HttpResponse:
    return render(request, "desk/canned.html", {"answers": canned.settable(actor=user, scope=[Scope.PERSONAL])})


@desk("GET", "POST")
def create(request: HttpRequest, user: User) -> HttpResponse:
    form = CannedForm(request.POST if request.method == "POST" else None)
    return _kept(request, form, lambda: canned.add(actor=user, scope=Scope.PERSONAL, **form.columns()))


@desk("GET", "POST")
def edit(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    with alone(request, CannedAnswer.objects.filter(public_id=public_id)):
        row = _own(user, public_id)
        form = CannedForm(request.POST if request.method == "POST" else None, canned_answer=row)
        opened = Opened(request, user, form, kind="canned", name=row.public_id)
        return _kept(request, form, lambda: canned.change(canned=row, actor=user, **form.columns()), row, opened)


def _kept(
    request: HttpRequest, form: CannedForm, verb: Callable[[], object], row: CannedAnswer | None = None,
    opened: Opened | None = None,
) -> HttpResponse:  # fmt: skip
    said, page = _("Kept. Type / and the shortcut to insert it."), "desk/canned_answer.html"
    return kept(request, form, verb, said=said, leads_to="desk-canned-own", page=page, answer=row, opened=opened)


@desk("POST")
def turn(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """Retire one of one's own, or use it again."""
    row = _own(user, public_id)
    try:
        (canned.retire if row.active else canned.restore)(canned=row, actor=user)
    except canned.Wrong as error:
        messages.error(request, str(error))
    return redirect("desk-canned-own")


def _own(user: User, public_id: str) -> CannedAnswer:
    """Raises `NotVisible`, also for what is shared: that has its place in the settings."""
    row = canned.find(actor=user, public_id=public_id)
    if row.scope != Scope.PERSONAL:
        raise access.NotVisible
    return row
