"""The composer's words, kept on the server while they are written."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from contactcenter.desk import conversation, names
from contactcenter.desk.doors import desk
from contactcenter.writing import drafts, tongue
from contactcenter.writing.models import Draft
from crm.models import Interaction, User


@desk("GET", "POST")
def draft(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """One's own half-written words; POST keeps them, and answers 409 with what is kept where that is something else."""
    interaction = conversation.find(user, public_id)
    if request.method == "GET":
        return _told(found := drafts.of(interaction=interaction, author=user), tongue=_tongue(interaction, found))
    try:
        mark, based_on = _marks(request)
        kept = drafts.keep(
            interaction=interaction,
            actor=user,
            text=request.POST.get("text", "").replace("\r\n", "\n"),
            note=request.POST.get("as") == "note",
            mark=mark,
            based_on=based_on,
        )
    except drafts.Overtaken as error:
        return _told(error.draft, status=409, sentence=str(error))
    except (drafts.TooLong, ValueError) as error:
        return _told(None, status=422, sentence=str(error))
    return _told(kept, tongue=_tongue(interaction, kept))


def _tongue(interaction: Interaction, draft: Draft | None) -> str:
    """A sentence where an answer seems to be in another language than the citizen's."""
    seems = tongue.of_another_draft(interaction, draft.text) if draft and not draft.note else ""
    if not seems:
        return ""
    said = _("The citizen writes %(theirs)s, your draft looks %(yours)s.")
    return said % {"theirs": names.language(tongue.spoken(interaction)), "yours": names.language(seems)}


def _marks(request: HttpRequest) -> tuple[UUID, UUID | None]:
    """This writing's mark and the one it replaces. Raises `ValueError` with a sentence."""
    given = request.POST.get("based_on", "")
    try:
        return UUID(request.POST.get("mark", "")), UUID(given) if given else None
    except ValueError as error:
        raise ValueError(_("The page is out of date. Reload it.")) from error


def _told(draft: Draft | None, *, status: int = 200, sentence: str = "", tongue: str = "") -> JsonResponse:
    found = {"text": draft.text, "note": draft.note, "mark": str(draft.mark)} if draft else None
    answer = JsonResponse({"draft": found, "sentence": sentence, "tongue": tongue}, status=status)
    answer["Cache-Control"] = "no-store"
    return answer
