"""Two conversations of one person become one, or one becomes two: words move and keep where they were said first.

What is merged away stays as an empty, closed row that points to where its words are: tags and links of it lead there.
The verbs here move words; who has the work on them is `contactcenter.intake.joining`.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Case as Chosen, F, IntegerField, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import audit, cases, events, messages
from crm.access import require
from crm.models import Case, Interaction, Message, User

MOST = 2000  # messages that one conversation may have after a merge
APART = 1_000_000_000  # added to numbers while they are given anew: two rows never have the same one in between
MARKS = ("delivered_seq", "read_seq", "agent_delivered_seq", "agent_read_seq")
UNSENT = (Message.State.QUEUED, Message.State.SENDING)


class CannotMerge(Exception):
    """These two don't become one, or this one not two; the sentence says why and what to do instead."""


def why_not(source: Interaction, target: Interaction) -> str:
    """Why the words of `source` can't move into `target`, as far as the two rows tell; "" = they can."""
    if source.merged_into_id is not None:
        return _("It was merged into another one already.")
    if source.account != target.account:
        return _("It came in on another channel. Link both to one case instead: there they stand together.")
    if not _same_person(source, target):
        return _("It is with another person, who would get answers that aren't theirs. Link both to one case instead.")
    if source.spam or target.spam:
        return _("One of them is marked as spam. Take that back first.")
    if _would_leak(source, target):
        return _("It belongs to a confidential case. Take it out of the case first, or link both to that case.")
    return ""


def _same_person(source: Interaction, target: Interaction) -> bool:
    if source.citizen_id is not None or target.citizen_id is not None:
        return source.citizen_id == target.citizen_id
    return source.contact_point_id is not None and source.contact_point_id == target.contact_point_id


def _would_leak(source: Interaction, target: Interaction) -> bool:
    """What is kept to a few would be read by whoever reads the other one."""
    case = source.case
    if case is None or case.confidentiality == Case.Confidentiality.NORMAL:
        return False
    return target.case_id is not None and target.case_id != source.case_id


def merge(*, source: Interaction, target: Interaction, actor: User) -> None:
    """All words of `source` move into `target`, in the order in which they were said. The caller holds both locked.

    A case goes along where the target has none. Raises `Forbidden`, `CannotMerge`.
    """
    for one in (source, target):
        require(actor, "interaction.merge", office_id=one.office_id)
    _check(source, target)
    now, was_open = timezone.now(), source.is_open
    moved = _move(Message.objects.filter(interaction=source), source, target)
    Interaction.objects.filter(merged_into=source).update(merged_into=target)
    source.status, source.closed_at, source.merged_into = Interaction.Status.CLOSED, source.closed_at or now, target
    source.save(update_fields=["status", "closed_at", "merged_into"])
    _recount(source)
    _recount(target)
    there, here = {"into": str(target.public_id)}, {"from": str(source.public_id), "messages": moved}
    closed = [events.fact("interaction.closed", interaction=source, actor=actor, data={"reason": "merged"})]
    events.record(
        *(closed if was_open else []),
        events.fact("interaction.merged", interaction=source, actor=actor, data=there),
        events.fact("interaction.merged", interaction=target, actor=actor, data=here),
    )
    _audit("interaction.merged", source, actor, **there)
    _audit("interaction.merged", target, actor, source=str(source.public_id))
    if target.case_id is None and source.case is not None:
        cases.link(case=source.case, interaction=target, actor=actor)


def _check(source: Interaction, target: Interaction) -> None:
    if source.pk == target.pk:
        raise CannotMerge(_("Choose another conversation than this one."))
    if not target.is_open:
        raise CannotMerge(_("This conversation is closed. Reopen it, then merge."))
    if reason := why_not(source, target):
        raise CannotMerge(reason)
    _check_sent(Message.objects.filter(interaction=source))
    if Message.objects.filter(interaction__in=[source, target]).count() > MOST:
        raise CannotMerge(_("Together they are too long to be read. Link both to one case instead."))


def _check_sent(rows: QuerySet[Message]) -> None:
    if rows.filter(state__in=UNSENT).exists():
        raise CannotMerge(_("An answer is still leaving there. Wait until it has left, or take it back."))


def split(*, source: Interaction, from_seq: int, office_id: int, queue: str, actor: User) -> Interaction:
    """What was said from one message on becomes a conversation of its own. The caller holds `source` locked.

    It has a thread of its own, since only one may be open on each. Raises `Forbidden`, `CannotMerge`.
    """
    require(actor, "interaction.split", office_id=source.office_id)
    leaving = Message.objects.filter(interaction=source, seq__gte=from_seq)
    first = leaving.order_by("seq").first()
    if first is None or not Message.objects.filter(interaction=source, seq__lt=from_seq).exists():
        raise CannotMerge(_("Choose a message after the first one: something has to stay, and something to go."))
    _check_sent(leaving)
    fresh = Interaction(
        account=source.account, family=source.family, contact_point=source.contact_point, citizen=source.citizen,
        reply_point=source.reply_point, case=source.case, office_id=office_id, queue=queue, topic=source.topic,
        language=source.language, subject=first.subject or source.subject, opened_at=first.created_at,
    )  # fmt: skip
    fresh.thread = _own_thread(fresh) if source.thread else ""
    fresh.save(force_insert=True)
    moved = _move(leaving, source, fresh)
    _told_apart(source, fresh, moved, actor)
    return fresh


def _own_thread(interaction: Interaction) -> str:
    return f"split:{interaction.public_id}"


def undo(*, source: Interaction, merged: Interaction, office_id: int, queue: str, actor: User) -> None:
    """What was merged into `source` is a conversation of its own again, with what it brought. Both are held locked.

    What came in for it since the merge stays where it is. Raises `Forbidden`, `CannotMerge`.
    """
    require(actor, "interaction.split", office_id=source.office_id)
    if merged.merged_into_id != source.pk:
        raise CannotMerge(_("It isn't part of this conversation any more."))
    leaving = Message.objects.filter(interaction=source, origin_interaction=merged)
    _check_sent(leaving)
    merged.merged_into, merged.status, merged.closed_at = None, Interaction.Status.OPEN, None
    merged.office_id, merged.queue = office_id, queue
    running = Interaction.objects.filter(account=merged.account, thread=merged.thread, status=Interaction.Status.OPEN)
    if merged.thread and running.exclude(pk=merged.pk).exists():
        merged.thread = _own_thread(merged)
    merged.save(update_fields=["merged_into", "status", "closed_at", "office", "queue", "thread"])
    moved = _move(leaving, source, merged)
    _told_apart(source, merged, moved, actor)


def _told_apart(source: Interaction, apart: Interaction, moved: int, actor: User) -> None:
    _recount(source)
    _recount(apart)
    there, here = {"to": str(apart.public_id), "messages": moved}, {"from": str(source.public_id)}
    events.record(
        events.fact("interaction.split", interaction=source, actor=actor, data=there),
        events.fact("interaction.split", interaction=apart, actor=actor, data=here),
    )
    _audit("interaction.split", source, actor, apart=str(apart.public_id))
    _audit("interaction.split", apart, actor, source=str(source.public_id))


def _move(rows: QuerySet[Message], source: Interaction, target: Interaction) -> int:
    """Carry messages over and number both sides anew. Gives how many."""
    read = {one.pk: _read_up_to(one) for one in (source, target)}
    _free_client_ids(rows, target)
    rows = Message.objects.filter(pk__in=list(rows.values_list("pk", flat=True)))
    rows.filter(origin_interaction__isnull=True).update(origin_interaction=source, origin_seq=F("seq"))
    moved = rows.update(interaction=target, seq=F("seq") + 2 * APART)
    for one in (source, target):
        _number(one, read[one.pk])
    return moved


def _free_client_ids(rows: QuerySet[Message], target: Interaction) -> None:
    """An id that both sides used stays with the one that was there: nobody repeats a message of the other one any more."""
    taken = Message.objects.filter(interaction=target).exclude(client_id="").values_list("client_id", flat=True)
    rows.filter(client_id__in=list(taken)).update(client_id="")


def _read_up_to(interaction: Interaction) -> dict[str, int | None]:
    """The message that each mark stands at, by its id."""
    of = list(Message.objects.filter(interaction=interaction).order_by("seq").values_list("seq", "pk"))
    return {mark: _last(pk for seq, pk in of if seq <= getattr(interaction, mark)) for mark in MARKS}


def _last(found: Iterable[int]) -> int | None:
    return next(iter(list(found)[-1:]), None)


def _number(interaction: Interaction, read: dict[str, int | None]) -> None:
    """1, 2, 3 … as they were said, by our clock; what was read stays read."""
    rows = Message.objects.filter(interaction=interaction)
    order = list(rows.order_by("created_at", "pk").values_list("pk", flat=True))
    rows.filter(seq__lt=APART).update(seq=F("seq") + APART)
    for begin in range(0, len(order), 200):
        part = order[begin : begin + 200]
        numbers = [When(pk=pk, then=Value(begin + place)) for place, pk in enumerate(part, start=1)]
        rows.filter(pk__in=part).update(seq=Chosen(*numbers, output_field=IntegerField()))
    known = {pk: number for number, pk in enumerate(order, start=1)}
    for mark, pk in read.items():
        setattr(interaction, mark, known.get(pk, 0) if pk is not None else 0)
    interaction.last_seq = len(order)


def _recount(interaction: Interaction) -> None:
    """What the row shows of its messages; whoever was writing reads them again before they send."""
    messages.take_stock(interaction)
    newest = Message.objects.filter(interaction=interaction).order_by("-seq").values_list("created_at", flat=True)
    interaction.last_message_at = newest.first()
    interaction.words_version = interaction.version
    if not interaction.is_open:
        interaction.awaiting_reply_since = None
    interaction.save(update_fields=["last_seq", "last_message_at", "words_version", "awaiting_reply_since", *MARKS])


def _audit(action: str, interaction: Interaction, actor: User, **data: Any) -> None:
    audit.record(action, **audit.about(interaction), actor=actor, data=data)
