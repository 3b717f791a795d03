"""Handing a file out: attachment disposition, `nosniff`, a sandbox, and never a type that a browser would run."""

from django.http import FileResponse, HttpResponse
from django.utils.translation import gettext as _

from contactcenter.files import sniff, store
from crm.models import Attachment

_LOCKED = "default-src 'none'; sandbox"
# A sandbox keeps browsers from starting their own reader, which runs apart from our pages and their cookies anyway.
_PAPER = "frame-ancestors 'none'; form-action 'none'; base-uri 'none'"
PREVIEWED = 20_000  # bytes of a text file shown in a page


def beginning(attachment: Attachment) -> tuple[str, bool]:
    """The first words of a text file, and whether there are more. Raises `FileNotFoundError`."""
    with store.path_of(attachment).open("rb") as file:
        head = file.read(PREVIEWED + 1)
    return _decoded(head[:PREVIEWED]), len(head) > PREVIEWED


def _decoded(head: bytes) -> str:
    """UTF-8, else what old Windows programs write; a character cut in two at the end is left out."""
    for encoding in ("utf-8-sig", "cp1252"):
        for cut in range(4):
            try:
                return head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
    return head.decode("latin-1")


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
    answer["Content-Security-Policy"] = _PAPER if shown and attachment.content_type in sniff.PAPERS else _LOCKED
    answer["Cache-Control"] = "private, max-age=300"
    return answer
