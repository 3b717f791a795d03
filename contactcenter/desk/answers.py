"""Answering and noting: the words, their files, and what happens when the screen was not up to date."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.desk import actions, canned as canned_pages, conversation, sending
from contactcenter.desk.doors import desk
from contactcenter.files import store
from contactcenter.outbox import replies
from contactcenter.outbox.replies import CannotReply
from contactcenter.queues import noting, work_items
from contactcenter.queues.work_items import NotYours
from contactcenter.writing import canned, drafts
from crm import interactions
from crm.models import Attachment, Interaction, User

CLIENT_ID = 100


@desk("POST")
def answer(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """A reply or a note. A stale screen answers 409 with what came in, and the words stay in the composer."""
    interaction = conversation.find(user, public_id)
    text = request.POST.get("text", "").replace("\r\n", "\n")
    try:
        if request.POST.get("as") == "note":
            _note(request, user, interaction, text)
        elif question := canned_pages.unfilled(request, interaction, text):
            return question
        else:
            _reply(request, user, interaction, text)
    except interactions.StaleView:
        stale = _("Something came in while you were writing. Your words are still here: read, then send again.")
        return actions.show(request, user, public_id, status=409, done="desk:stale", unsent=text, stale=stale)
    drafts.forget(interaction=interaction, actor=user)
    return actions.show(request, user, public_id, done="desk:sent")


def _note(request: HttpRequest, user: User, interaction: Interaction, text: str) -> None:
    if not text.strip():
        raise CannotReply(_("There is nothing to note yet. Write it down first."))
    if len(text) > conversation.NOTE_LENGTH:
        raise CannotReply(_("A note has %(n)d characters at most. Shorten it.") % {"n": conversation.NOTE_LENGTH})
    noting.note(interaction=interaction, text=text, actor=user, client_id=_client_id(request, user))


def _reply(request: HttpRequest, user: User, interaction: Interaction, text: str) -> None:
    _require_mine(user, interaction)
    send_at = sending.moment(request, interaction)
    files, before = _keep(request, user, interaction), interaction.last_seq
    try:
        message = replies.reply(
            interaction=interaction,
            text=text,
            actor=user,
            client_id=_client_id(request, user),
            attachments=files,
            based_on=actions.based_on(request),
            send_at=send_at,
            formatted=True,
            subject=" ".join(request.POST.get("subject", "").split())[: replies.SUBJECT],
        )
    finally:
        _forget_unused(files)
    if message.seq > before:  # not a double click
        canned.use(ids=canned_pages.used_in(request), interaction=interaction, actor=user)


def _require_mine(user: User, interaction: Interaction) -> None:
    """Two people must not answer the same citizen at once."""
    item = work_items.open_item(interaction)
    if item is not None and item.owner_id != user.pk:
        name = item.owner.display_name if item.owner else _("nobody")
        raise NotYours(_("This is with %(name)s now. Take it first, then try again.") % {"name": name})


def _client_id(request: HttpRequest, user: User) -> str:
    """Of this person: nobody's double click swallows somebody else's message."""
    given = request.POST.get("client_id", "").replace("\x00", "")[:60]
    return f"desk:{user.pk}:{given}"[:CLIENT_ID] if given else ""


def _keep(request: HttpRequest, user: User, interaction: Interaction) -> list[Attachment]:
    """Uploaded files as saved rows that belong to no message yet. Sizes are checked before anything is written."""
    uploads = request.FILES.getlist("files")
    if not uploads:
        return []
    abilities = replies.account_for(interaction).adapter_class.abilities
    if len(uploads) > abilities.max_files:
        raise CannotReply(_("This channel takes %(n)d files at most.") % {"n": abilities.max_files})
    for upload in uploads:
        if (upload.size or 0) > abilities.max_file_size:
            words = {"name": upload.name, "mb": abilities.max_file_size // 1_000_000}
            raise CannotReply(_("“%(name)s” is larger than the %(mb)d MB this channel takes.") % words)
    return [_keep_one(upload, user, abilities.max_file_size, timezone.now()) for upload in uploads]


def _keep_one(upload: UploadedFile, user: User, limit: int, at: datetime) -> Attachment:
    try:
        kept = store.keep(
            name=upload.name or "", content=upload.chunks(), limit=limit, at=at, uploaded_by=f"user:{user.pk}"
        )
    except store.TooLarge as error:
        raise CannotReply(str(error)) from None
    kept.save()
    return kept


def _forget_unused(files: list[Attachment]) -> None:
    """What was not sent (a stale screen, a double click, an error) leaves nothing behind."""
    for file in Attachment.objects.filter(pk__in=[file.pk for file in files], message__isnull=True):
        (Path(settings.ATTACHMENTS_DIR) / file.stored_as).unlink(missing_ok=True)
        file.delete()
