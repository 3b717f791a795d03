"""Files of a conversation, and a mail as it was sent: in a frame that runs nothing and loads nothing from elsewhere."""

import re

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from contactcenter.desk import conversation, pictures
from contactcenter.desk.doors import desk, notice
from contactcenter.files import serve, sniff
from contactcenter.intake import html
from crm import access, audit
from crm.models import Attachment, Message, User

# No scripts at all, whatever the sanitiser let through; images only our own; links open outside the frame.
SANDBOX = "allow-same-origin allow-popups allow-popups-to-escape-sandbox"
POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'none'; base-uri 'none'; "
    f"frame-ancestors 'self'; sandbox {SANDBOX}"
)
FILES = Attachment.objects.select_related("message__interaction__citizen")
_CID = re.compile(r'src="cid:([^"]*)"', re.IGNORECASE)


@desk("GET")
def file(request: HttpRequest, user: User, public_id: str) -> HttpResponseBase:
    """An attachment: shown where that is harmless (`?show`), else a download. Pictures and sounds are part of the
    conversation, whose reading is recorded; opening anything else is recorded by itself.
    """
    found = access.get(user, FILES, public_id=public_id)
    shown = "show" in request.GET and found.content_type in sniff.SHOWN_INLINE
    if not shown or found.content_type in sniff.PAPERS:
        _read_by(user, found)
    return serve.response(found, inline=shown)


@desk("GET")
def preview(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """The beginning of a text file, to be read in the conversation."""
    found = access.get(user, FILES, public_id=public_id)
    if found.content_type not in sniff.TEXTS or found.scan == Attachment.Scan.INFECTED:
        return notice(request, _("This file can't be shown here. Download it."), status=422)
    _read_by(user, found)
    try:
        text, more = serve.beginning(found)
    except FileNotFoundError:
        return notice(request, _("This file is no longer kept here. Ask for it again."), status=410)
    return render(request, "desk/_preview.html", {"text": text, "more": more})


def _read_by(user: User, file: Attachment) -> None:
    if file.message is None:
        return
    citizen = file.message.interaction.citizen
    audit.record(
        "attachment.read",
        subject=f"attachment:{file.public_id}",
        actor=user,
        citizen=citizen.public_id if citizen else None,
    )


@desk("GET")
def mail(request: HttpRequest, user: User, public_id: str, seq: int) -> HttpResponse:
    """A message's HTML, sanitised when it was stored, inside its frame."""
    interaction = conversation.open(user, public_id)
    message = get_object_or_404(Message, interaction=interaction, seq=seq)
    asked = "pictures" in request.GET
    elsewhere = len(html.remote_pictures(message.html))
    if asked and elsewhere:
        pictures.asked(user, message)
    safe = pictures.through_us(message) if asked else html.without_remote(message.html)
    shown = {
        "body": _with_our_images(message, safe),
        "elsewhere": elsewhere,
        "asked": asked,
        "too_many": elsewhere > pictures.MOST,
        "most": pictures.MOST,
    }
    answer = render(request, "desk/mail.html", shown)
    answer["Content-Security-Policy"] = POLICY
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _with_our_images(message: Message, safe: str) -> str:
    """Images that came along in the mail, by our own addresses."""
    files = {file.content_id: file for file in message.attachments.all() if file.content_id}

    def ours(match: re.Match[str]) -> str:
        known = files.get(match[1])
        if known is None or known.content_type not in sniff.PICTURES:
            return 'src=""'
        return f'src="{reverse("desk-file", args=[known.public_id])}?show"'

    return _CID.sub(ours, safe)
