"""Handing a file out: attachment disposition, `nosniff`, a sandbox, and never a type that a browser would run."""

from django.http import FileResponse, HttpResponse
from django.utils.translation import gettext as _

from contactcenter.files import sniff, store
from crm.models import Attachment


def response(attachment: Attachment, *, inline: bool = False) -> FileResponse | HttpResponse:
    """The bytes of an attachment the caller has checked the rights for. Infected files stay where they are (403)."""
    if attachment.scan == Attachment.Scan.INFECTED:
        return HttpResponse(_("The scanner found something in this file, so it stays locked."), status=403)
    if not store.path_of(attachment).is_file():
        return HttpResponse(_("This file is no longer kept here. Ask for it again."), status=410)
    shown = inline and attachment.content_type in sniff.SHOWN_INLINE
    answer = FileResponse(
        store.path_of(attachment).open("rb"),
        as_attachment=not shown,
        filename=attachment.name,
        content_type=attachment.content_type if shown else "application/octet-stream",
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, max-age=300"
    return answer
