"""Answering on another channel of the same person: the dialog, and sending."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from contactcenter.desk import actions, canned as canned_pages, conversation
from contactcenter.desk.doors import ask, desk
from contactcenter.outbox import elsewhere, holding
from contactcenter.writing import drafts
from crm.models import Interaction, User


@desk("GET")
def form(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """The words that are half written come along."""
    interaction = conversation.find(user, public_id)
    draft = drafts.of(interaction=interaction, author=user)
    words = {"text": draft.text, "mark": str(draft.mark)} if draft and not draft.note else {}
    return render(request, "desk/_elsewhere.html", _asked(user, interaction, **words))


def _asked(user: User, interaction: Interaction, **given: object) -> dict[str, object]:
    return {
        "interaction": interaction,
        "ways": elsewhere.ways(interaction=interaction, actor=user),
        "subject": interaction.subject,
        "client_id": conversation.Composer().client_id,
        **given,
    }


@desk("POST")
def answer(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    interaction, given = conversation.find(user, public_id), request.POST
    text = given.get("text", "").replace("\r\n", "\n")
    kept = {name: given.get(name, "")[:300] for name in ("way", "subject", "mark", "client_id")} | {"text": text}
    if question := canned_pages.left_open(text):
        return ask(request, "desk/_elsewhere.html", _asked(user, interaction, **kept, wrong=question))
    try:
        elsewhere.answer(
            interaction=interaction, way=kept["way"], text=text, actor=user, sure=given.get("sure") == "1",
            subject=" ".join(kept["subject"].split()), send_at=timezone.now() + holding.UNDO,
            client_id=f"desk:{user.pk}:{kept['client_id']}"[:100],
        )  # fmt: skip
    except (elsewhere.NotSure, elsewhere.CannotReply) as error:
        return ask(request, "desk/_elsewhere.html", _asked(user, interaction, **kept, wrong=str(error)), status=422)
    return actions.show(request, user, public_id, done=_done(user, interaction, kept["mark"]))


def _done(user: User, interaction: Interaction, mark: str) -> str:
    """The composer is emptied where its words are the ones that left; others stay."""
    draft = drafts.of(interaction=interaction, author=user)
    if draft is None or str(draft.mark) != mark:
        return "desk:done"
    drafts.forget(interaction=interaction, actor=user)
    return "desk:sent, desk:done"
