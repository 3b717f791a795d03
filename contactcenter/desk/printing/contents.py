"""Gathering what one person may see of a conversation or a case."""

from collections.abc import Iterator

from django.template.defaultfilters import filesizeformat
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from contactcenter.desk import conversation, names, remarks, timeline
from contactcenter.desk.printing.document import Document, Labelled, Line, Part, Shape
from contactcenter.templatetags.house import exact
from crm import access
from crm.models import Case, Interaction, Message, Task, User

MOST = 3000  # messages of one conversation; a longer one says what is left out
MOST_PARTS = 200  # conversations of one case, the newest


def of_conversation(interaction: Interaction) -> Document:
    """One conversation with its notes and facts; the caller has checked that the person may read it."""
    part = _part(interaction)
    return Document(_("Conversation with %(who)s") % {"who": names.who(interaction)}, part.about, (part,))


def of_case(user: User, case: Case) -> Document:
    """Everything about a case that this person may see, oldest first; the caller has checked the case itself."""
    rows = access.visible(user, conversation.ROWS.filter(case=case))
    newest = list(rows.order_by("-opened_at", "-id")[:MOST_PARTS])
    for interaction in newest:
        conversation.looked(user.pk, interaction)
    parts = [_tasks(user, case), *map(_part, reversed(newest))]
    title = _("Case %(number)s: %(subject)s") % {"number": case.number, "subject": case.subject}
    return Document(title, _about_case(case), tuple(part for part in parts if part is not None))


def _part(interaction: Interaction) -> Part:
    channel = names.channel(names.accounts(), interaction.account).name
    words = {"channel": channel, "day": formats.date_format(timezone.localtime(interaction.opened_at), "j F Y")}
    return Part(_("%(channel)s, %(day)s") % words, _about(interaction), tuple(_lines(interaction)))


def _about(interaction: Interaction) -> Labelled:
    case = interaction.case.number if interaction.case else ""
    return _filled(
        (_("With"), names.who(interaction)),
        (_("Address"), _address(interaction)),
        (_("Subject"), interaction.subject),
        (_("Office"), names.office(interaction.office_id)),
        (_("Topic"), names.topic(interaction.topic_id)),
        (_("Case"), case),
        (_("Opened"), exact(interaction.opened_at)),
        (_("Closed"), exact(interaction.closed_at)),
        (_("Number"), str(interaction.public_id)),
    )


def _address(interaction: Interaction) -> str:
    point = interaction.contact_point
    return point.value if point is not None and names.is_readable(point) else ""


def _about_case(case: Case) -> Labelled:
    return _filled(
        (_("Number"), case.number),
        (_("Citizen"), case.citizen.display_name if case.citizen else ""),
        (_("Subject"), case.subject),
        (_("Topic"), names.topic(case.topic_id)),
        (_("Office"), names.office(case.office_id)),
        (_("With"), names.person(case.owner_id)),
        (_("State"), str(case.get_status_display())),
        (_("Opened"), exact(case.opened_at)),
        (_("Legal term"), exact(case.legal_due_at)),
        (_("Our own norm"), exact(case.norm_due_at)),
        (_("Closed"), exact(case.closed_at)),
    )


def _filled(*rows: tuple[str, str]) -> Labelled:
    return tuple((label, value) for label, value in rows if value)


def _tasks(user: User, case: Case) -> Part | None:
    rows = access.visible(user, Task.objects.filter(case=case)).order_by("created_at", "id")
    lines = tuple(_task(task) for task in rows)
    return Part(_("Tasks"), (), lines) if lines else None


def _task(task: Task) -> Line:
    owner = names.person(task.owner_id) or names.office(task.office_id)
    words = [owner, str(task.get_status_display()), exact(task.done_at or task.due_at)]
    return Line(Shape.NOTE, task.title, task.note, (" · ".join(word for word in words if word),))


def _lines(interaction: Interaction) -> Iterator[Line]:
    shown = timeline.whole(interaction, MOST)
    if (left_out := interaction.last_seq - MOST) > 0:
        yield Line(Shape.FACT, text=_("The first %(n)d messages are not printed here.") % {"n": left_out})
    for entry in shown:
        if isinstance(entry, timeline.Day):
            yield Line(Shape.DAY, formats.date_format(timezone.localtime(entry.at), "l j F Y"))
        elif isinstance(entry, timeline.Facts):
            yield Line(Shape.FACT, text=" · ".join(entry.words))
        else:
            yield _said(interaction, entry)


def _said(interaction: Interaction, entry: timeline.Said) -> Line:
    message = entry.message
    who = entry.author or (names.who(interaction) if entry.shape == "in" else "")
    kind = {"note": _("internal note"), "out": str(message.get_state_display())}.get(entry.shape, "")
    heading = " · ".join(word for word in (who, exact(entry.at), kind) if word)
    text = "\n".join(part for part in (message.subject, message.text, message.quoted) if part.strip())
    return Line(Shape(entry.shape), heading, text.strip() or _("without words"), tuple(_below(entry, message)))


def _below(entry: timeline.Said, message: Message) -> Iterator[str]:
    for file in entry.files:
        yield _("File: %(name)s, %(size)s") % {"name": file.name, "size": filesizeformat(file.size)}
    yield from remarks.sentences(message)
    if message.state == Message.State.FAILED:
        yield f"{_('Not sent.')} {message.state_reason}".strip()
