"""Two conversations become one, and one becomes two: the dialogs, and what they do."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from contactcenter.desk import actions, conversation, history, names
from contactcenter.desk.doors import desk, notice
from contactcenter.intake import joining
from contactcenter.live import topics
from contactcenter.queues import work_items
from contactcenter.queues.models import Queue
from crm import access, messages
from crm.merging import why_not
from crm.models import Interaction, Message, User

MOST = 20  # conversations to choose from, newest first
SHOWN = 200  # messages to choose from, newest first


@dataclass(frozen=True)
class Choice:
    """Another conversation of the same person or case; `why_not` is a sentence where it can't be merged."""

    interaction: Interaction
    channel: names.Channel
    why_not: str

    @property
    def value(self) -> str:
        """What the form says of it: which one, and at which version it was seen."""
        return f"{self.interaction.public_id}:{self.interaction.version}"

    @property
    def words(self) -> str:
        return self.interaction.subject or self.interaction.preview or _("without words")


@desk("GET")
def merge_form(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    interaction = conversation.find(user, public_id)
    never = joining.why_never(interaction)
    shown = {"interaction": interaction, "never": never, "choices": [] if never else _choices(user, interaction)}
    return render(request, "desk/_merge.html", shown)


def _choices(user: User, interaction: Interaction) -> Sequence[Choice]:
    """Those that can be merged first. Somebody else's work stays theirs, and that is said before it is chosen."""
    rows = history.rows(user, interaction).select_related("citizen", "case").order_by("-opened_at", "-id")[:MOST]
    accounts = names.accounts()
    found = [Choice(row, names.channel(accounts, row.account), _refusal(user, row, interaction)) for row in rows]
    return sorted(found, key=lambda choice: bool(choice.why_not))


def _refusal(user: User, row: Interaction, into: Interaction) -> str:
    if reason := why_not(row, into):
        return reason
    item = work_items.open_item(row)
    if item is not None and item.owner is not None and item.owner_id != user.pk:
        return _("%(name)s has it now. Ask them first.") % {"name": item.owner.display_name}
    return ""


@desk("POST")
def merge(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """The chosen one becomes part of this one. 409 when something came in meanwhile, in either."""
    interaction, version = conversation.find(user, public_id), actions.based_on(request)
    chosen, _colon, seen = request.POST.get("source", "").partition(":")
    if not topics.is_public_id(chosen) or not _is_number(seen):
        return notice(request, _("Choose the conversation that belongs to this one."), status=422)
    source = conversation.find(user, chosen)
    return actions.unless_stale(
        request, user, public_id,
        lambda: joining.merge(
            target=interaction, source=source, actor=user, based_on=version, of_source=int(seen)
        ),
    )  # fmt: skip


@desk("GET")
def split_form(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    interaction = conversation.find(user, public_id)
    never = joining.why_never(interaction)
    shown = {
        "interaction": interaction,
        "never": never,
        "said": [] if never else _said(interaction),
        "merged": [] if never else _merged(user, interaction),
        "queues": Queue.objects.filter(active=True).order_by("name"),
        "stays": joining.stays_with_the_old(interaction),
    }
    return render(request, "desk/_split.html", shown)


def _said(interaction: Interaction) -> list[tuple[Message, str]]:
    """Messages that a part may begin with, oldest first, each with its first words."""
    rows = Message.objects.filter(interaction=interaction, seq__gt=1).defer("html", "quoted", "references")
    newest = list(rows.order_by("-seq")[:SHOWN])
    return [(row, messages.preview(row.text or row.subject) or _("without words")) for row in reversed(newest)]


def _merged(user: User, interaction: Interaction) -> list[Interaction]:
    """What was merged in here, and can be taken out again."""
    rows = access.visible(user, Interaction.objects.filter(merged_into=interaction))
    return list(rows.order_by("opened_at")[:MOST])


@desk("POST")
def split(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """From a message on, or what was merged in once, it is a conversation of its own; it opens."""
    interaction, version, given = conversation.find(user, public_id), actions.based_on(request), request.POST
    queue = Queue.objects.filter(slug=given.get("queue", "")[:50], active=True).first()
    begins, merged = given.get("from", ""), given.get("merged", "")
    if queue is None or not (_is_number(begins) or topics.is_public_id(merged)):
        return notice(request, _("Choose what is split off, and the queue it goes to."), status=422)
    if begins and merged:
        return notice(request, _("Choose one of the two: from a message on, or what was merged in."), status=422)
    if not begins:
        apart = conversation.find(user, merged)
        return actions.unless_stale(
            request, user, public_id,
            lambda: joining.undo(interaction=interaction, merged=apart, queue=queue, actor=user, based_on=version),
        )  # fmt: skip
    return actions.unless_stale(
        request, user, public_id,
        lambda: joining.split(
            interaction=interaction, from_seq=int(begins), queue=queue, actor=user, based_on=version
        ),
    )  # fmt: skip


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
