"""The HTTP doors of a visitor's page: session, uploads, the form, the transcript, files."""

import uuid
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from channels_adapters.contract import Unparseable, Untrusted
from contactcenter.files import serve, store
from contactcenter.intake import accept, caps
from contactcenter.intake.caps import Cap
from contactcenter.intake.visitors import files, limits, sessions, transcripts, waiting
from contactcenter.intake.visitors.doors import Refusal, Visit, body_of, door, json_of, raw, text_of
from contactcenter.intake.visitors.models import VisitorSession
from crm.models import Attachment

ROOM_FOR_THE_FORM = 16 * 1024  # bytes of a multipart body besides the file


@door("POST", bearer=False)
def session(request: HttpRequest, visit: Visit) -> HttpResponse:
    """A token for this browser: a new one, or the one it brings renewed. Says whether anybody is there."""
    caps.cap(f"session:{caps.source(request)}", *limits.SESSIONS_PER_SOURCE)
    data = json_of(request)
    language = text_of(data, "language", 8)
    found, token = _begin_or_renew(visit, text_of(data, "token", 200), language, text_of(data, "page", 300))
    spoken = found.language or visit.account.language
    state = waiting.entrance(visit.account)
    return JsonResponse(
        {
            "token": token,
            "expires": found.expires_at.isoformat(),
            "language": spoken,
            "state": state,
            "words": waiting.words(visit.account, state, spoken),
            "topics": limits.topics(spoken),
            "limits": limits.of(visit.account),
        }
    )


def _begin_or_renew(visit: Visit, token: str, language: str, page: str) -> tuple[VisitorSession, str]:
    try:
        known = sessions.find(account=visit.account, token=token)
    except sessions.NoSession:
        caps.cap(f"session:account:{visit.account.slug}", *limits.SESSIONS_PER_ACCOUNT)
        return sessions.begin(account=visit.account, language=language, page=page)
    return known, sessions.renew(session=known, token=token)


@door("POST")
def uploads(request: HttpRequest, visit: Visit) -> HttpResponse:
    """One file, for the next message of this visitor. Its size is checked before a byte of it is read."""
    abilities = visit.adapter.abilities
    caps.caps(
        Cap(f"upload:{visit.known.pk}", *limits.UPLOADS_PER_VISITOR),
        Cap(f"upload:{caps.source(request)}", *limits.UPLOADS_PER_SOURCE),
    )
    _check_size(request, abilities.max_file_size if abilities.files else 0)
    given = request.FILES.get("file")
    if given is None:
        raise Refusal(400, "no-file", _("No file came along. Choose one and try again."))
    kept = _keep(given, visit, timezone.now())
    told = {"id": str(kept.public_id), "name": kept.name, "size": kept.size, "scan": kept.scan}
    return JsonResponse(told, status=201)


def _check_size(request: HttpRequest, limit: int) -> None:
    length = request.headers.get("Content-Length", "")
    if not length.isdigit():
        raise Refusal(411, "no-length", _("The size of the file wasn't said. Try another browser."))
    if int(length) > limit + ROOM_FOR_THE_FORM:
        text = _("This file is too large. %(mb)d MB is the most.") % {"mb": limit // 1024 // 1024}
        raise Refusal(413, "too-large", text)


def _keep(given: UploadedFile, visit: Visit, at: datetime) -> Attachment:
    owner = visit.known.address
    try:
        kept = store.keep(
            name=given.name or "", content=given.chunks(), limit=visit.adapter.abilities.max_file_size, at=at,
            uploaded_by=f"{owner.scheme}:{owner.value}",
        )  # fmt: skip
    except store.TooLarge as error:
        raise Refusal(413, "too-large", str(error)) from None
    kept.save()
    if kept.scan == Attachment.Scan.INFECTED:
        raise Refusal(422, "infected", _("The scanner found something in this file, so it isn't sent."))
    return kept


@door("POST")
def leave(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The form of a closed or unstaffed office: an ordinary message in the same queue, answered by e-mail."""
    caps.caps(
        Cap(f"form:{visit.known.pk}", *limits.FORMS_PER_VISITOR),
        Cap(f"form:{caps.source(request)}", *limits.FORMS_PER_SOURCE),
        Cap(f"form:account:{visit.account.slug}", *limits.FORMS_PER_ACCOUNT),
    )
    letter = raw(visit, "form", body_of(request))
    try:
        visit.adapter.parse(letter)  # what is wrong is told at once; only what is right is kept
        answer = accept.accept(visit.account, letter)
    except Unparseable as error:
        raise Refusal(400, "unreadable", str(error)) from None
    except Untrusted:
        raise Refusal(403, "forbidden", _("This chat takes no messages by form.")) from None
    return JsonResponse({"stored": True, "fresh": answer.fresh}, status=201)


@door("POST")
def transcript(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The conversation by e-mail, because its citizen asked."""
    data = json_of(request)
    with translation.override(text_of(data, "language", 8)[:2] or visit.known.language or visit.account.language):
        try:
            transcripts.send(session=visit.known, to=text_of(data, "email", 254), source=caps.source(request))
        except transcripts.CannotSend as error:
            raise Refusal(400, "transcript", str(error)) from None
    return JsonResponse({"sent": True}, status=202)


@require_safe
def file(request: HttpRequest, account: str, public_id: uuid.UUID) -> HttpResponseBase:
    """A file of a conversation, by its short-lived address. Always a download."""
    try:
        found = files.opened(account, public_id, request.GET.get("key", "")[:200])
    except files.Expired as error:
        return HttpResponse(str(error), status=410, content_type="text/plain; charset=utf-8")
    return serve.response(found)
