"""Files of a conversation, and a mail as it was sent: in a frame that runs nothing and loads nothing from elsewhere."""

import re

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from contactcenter.desk import conversation
from contactcenter.desk.doors import desk
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
_IMAGE = re.compile(r"<img\b", re.IGNORECASE)
_CID = re.compile(r'src="cid:([^"]*)"', re.IGNORECASE)


@desk("GET")
def file(request: HttpRequest, user: User, public_id: str) -> HttpResponseBase:
    """An attachment: shown in the page where that is harmless (`?show`), else a download, which is recorded."""
    found = access.get(user, Attachment.objects.select_related("message__interaction__citizen"), public_id=public_id)
    shown = "show" in request.GET and found.content_type in sniff.SHOWN_INLINE
    if not shown and found.message is not None:
        citizen = found.message.interaction.citizen
        audit.record(
            "attachment.read",
            subject=f"attachment:{found.public_id}",
            actor=user,
            citizen=citizen.public_id if citizen else None,
        )
    return serve.response(found, inline=shown)


@desk("GET")
def mail(request: HttpRequest, user: User, public_id: str, seq: int) -> HttpResponse:
    """A message's HTML, sanitised when it was stored, inside its frame."""
    interaction = conversation.open(user, public_id)
    message = get_object_or_404(Message, interaction=interaction, seq=seq)
    safe = html.without_remote(message.html)
    shown = {"body": _with_our_images(message, safe), "blocked": _has_images_from_elsewhere(safe)}
    answer = render(request, "desk/mail.html", shown)
    answer["Content-Security-Policy"] = POLICY
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _has_images_from_elsewhere(safe: str) -> bool:
    """Those that came along in the mail kept their address; the others have none any more."""
    return len(_IMAGE.findall(safe)) > len(_CID.findall(safe))


def _with_our_images(message: Message, safe: str) -> str:
    """Images that came along in the mail, by our own addresses."""
    files = {file.content_id: file for file in message.attachments.all() if file.content_id}

    def ours(match: re.Match[str]) -> str:
        known = files.get(match[1])
        if known is None or known.content_type not in sniff.SHOWN_INLINE:
            return 'src=""'
        return f'src="{reverse("desk-file", args=[known.public_id])}?show"'

    return _CID.sub(ours, safe)
