"""The lane beside a conversation, where colleagues talk among themselves; and whom one can mention by an @."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from contactcenter.desk import conversation, fragments, names
from contactcenter.desk.doors import desk, is_fragment
from contactcenter.live import heads
from contactcenter.queues import asides, mentions
from contactcenter.queues.models import SideMessage
from crm import access
from crm.models import Interaction, User


@dataclass(frozen=True)
class Said:
    """One side message as the lane shows it."""

    pk: int
    author: str
    own: bool
    whisper: bool
    text: str
    at: datetime


@desk("GET")
def lane(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """What was said there; looking at it is reading it. 304 where nothing came, 204 for an open lane that one has just lost."""
    interaction = conversation.find(user, public_id)
    try:
        concerned = asides.require_reader(user, interaction)
    except access.Forbidden:
        if not is_fragment(request):
            raise
        return HttpResponse(status=204)
    rows = asides.said(interaction=interaction)
    newest = rows[-1].pk if rows else 0
    etag = fragments.mark(user, {}, heads.short([interaction.pk, newest, concerned]))
    asides.read(interaction=interaction, user=user, upto=newest)
    answer = fragments.unchanged(request, etag) if is_fragment(request) else None
    return answer or _drawn(request, user, interaction, rows, concerned, etag)


def _drawn(
    request: HttpRequest, user: User, interaction: Interaction, rows: list[SideMessage], concerned: bool, etag: str
) -> HttpResponse:
    said = [
        Said(row.pk, names.person(row.author_id), row.author_id == user.pk, row.whisper, row.text, row.at)
        for row in rows
    ]
    shown = {"interaction": interaction, "said": said, "whispers": not concerned, "most": asides.LENGTH}
    answer = render(request, "desk/_lane.html", shown)
    answer["ETag"] = etag
    return answer


@desk("POST")
def say(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """A side message, or a whisper from a supervisor who isn't in it."""
    interaction, given = conversation.find(user, public_id), request.POST
    text, client_id = given.get("text", "").replace("\r\n", "\n"), given.get("client_id", "").replace("\x00", "")[:60]
    asides.write(interaction=interaction, text=text, actor=user, client_id=client_id)
    if not is_fragment(request):
        return redirect("desk-talk", public_id)
    rows = asides.said(interaction=interaction)
    asides.read(interaction=interaction, user=user, upto=rows[-1].pk)
    return _drawn(request, user, interaction, rows, asides.is_in(user, interaction), "")


@desk("GET")
def colleagues(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """Up to eight who may read the conversation and whose name begins with `q`."""
    interaction = conversation.find(user, public_id)
    found = mentions.suggested(interaction=interaction, begins=request.GET.get("q", "")[:60], actor=user)
    return render(request, "desk/_colleagues.html", {"people": found})
