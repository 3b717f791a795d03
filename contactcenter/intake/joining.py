"""Two conversations become one, or one becomes two: the work on them, and what the channel allows.

Where the citizen has a page open that counts messages (a live channel), nothing is moved under their eyes.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from channels_adapters import registry
from contactcenter.accounts.models import ChannelAccount
from contactcenter.queues import hints, records, reopening, work_items
from contactcenter.queues.held import Held, hold_all
from contactcenter.queues.models import Queue, WorkItem
from crm import access, interactions, merging
from crm.merging import CannotMerge
from crm.models import Interaction, User

MERGED = "merged"  # the outcome of the work on what became part of another conversation
NOT_BEGUN = frozenset({WorkItem.State.WAITING, WorkItem.State.OFFERED})


def why_never(interaction: Interaction) -> str:
    """Why nothing moves into this conversation or out of it, whatever is chosen; "" = it may."""
    if _is_live(interaction.account):
        return _("On this channel the citizen has the conversation open before them. Link it to a case instead.")
    return ""


def _is_live(slug: str) -> bool:
    account = ChannelAccount.objects.filter(slug=slug).first()
    try:
        return account is None or account.adapter_class.abilities.live
    except registry.UnknownKind:  # its adapter isn't installed any more: nobody knows what it can do
        return True


def stays_with_the_old(interaction: Interaction) -> bool:
    """Does what the citizen writes next come into this one, also after it was split?"""
    return interaction.thread != ""


def merge(
    *, target: Interaction, source: Interaction, actor: User, based_on: int | None = None, of_source: int | None = None
) -> None:
    """`source` becomes part of `target`; the work on it is over, and whoever waited longer keeps that time.

    `based_on`, `of_source`: the versions that were seen. Raises `NotVisible`, `Forbidden`, `NotYours`, `StaleView`,
    `CannotMerge`.
    """
    _check_possible(target, source, actor=actor)
    now = timezone.now()
    with transaction.atomic():
        held, locked = _hold([target, source], actor, now)
        there, here = locked[target.pk], locked[source.pk]
        interactions.check_version(there, based_on)
        interactions.check_version(here, of_source)
        merging.merge(source=here, target=there, actor=actor)
        if source.pk in held:
            reopening.put_away(held[source.pk], actor, now, outcome=MERGED)
        if source.pk in held and target.pk in held:
            _keep_the_longer_wait(held[target.pk].item, held[source.pk].item)
    hints.after_commit()
    target.refresh_from_db()
    source.refresh_from_db()


def split(
    *, interaction: Interaction, from_seq: int, queue: Queue, actor: User, based_on: int | None = None
) -> Interaction:
    """What was said from message `from_seq` on goes on as a conversation of its own and waits in `queue`.

    Raises `NotVisible`, `Forbidden`, `NotYours`, `StaleView`, `CannotMerge`.
    """
    _check_possible(interaction, actor=actor)
    now = timezone.now()
    with transaction.atomic():
        _held, locked = _hold([interaction], actor, now)
        source = locked[interaction.pk]
        interactions.check_version(source, based_on)
        fresh = merging.split(
            source=source, from_seq=from_seq, office_id=queue.office_id, queue=queue.slug, actor=actor
        )
        reopening.line_up(fresh, queue, actor, now, why=_split_by(actor))
    interaction.refresh_from_db()
    return fresh


def undo(
    *, interaction: Interaction, merged: Interaction, queue: Queue, actor: User, based_on: int | None = None
) -> None:
    """What was merged into `interaction` is a conversation of its own again and waits in `queue`. Raises as `split`."""
    _check_possible(interaction, merged, actor=actor)
    now = timezone.now()
    with transaction.atomic():
        _held, locked = _hold([interaction, merged], actor, now)
        source, apart = locked[interaction.pk], locked[merged.pk]
        interactions.check_version(source, based_on)
        merging.undo(source=source, merged=apart, office_id=queue.office_id, queue=queue.slug, actor=actor)
        reopening.line_up(apart, queue, actor, now, why=_split_by(actor))
    interaction.refresh_from_db()
    merged.refresh_from_db()


def _check_possible(*chosen: Interaction, actor: User) -> None:
    for one in chosen:
        access.get(actor, Interaction.objects.all(), pk=one.pk)
        if reason := why_never(one):
            raise CannotMerge(reason)


def _hold(chosen: list[Interaction], actor: User, now: datetime) -> tuple[dict[int, Held], dict[int, Interaction]]:
    """Work and rows under lock, both by id of the interaction. Nobody else's work is moved. Raises `NotYours`,
    `StaleView` where work on it began or ended meanwhile."""
    items = [item for one in chosen if (item := work_items.open_item(one)) is not None]
    found = hold_all(items, now, actor)
    locked = {pk: interactions.lock(pk) for pk in sorted({one.pk for one in chosen})}
    held = {one.item.interaction_id: one for one in found if one.item.interaction_id is not None}
    for pk, row in locked.items():
        item = work_items.open_item(row)
        if (item.pk if item else None) != (held[pk].item.pk if pk in held else None):
            raise interactions.StaleView(row)
        if item is not None and item.owner_id not in (None, actor.pk):
            raise records.not_yours(item)
    return held, locked


def _keep_the_longer_wait(stays: WorkItem, ended: WorkItem) -> None:
    if stays.state not in NOT_BEGUN or ended.queued_at >= stays.queued_at:
        return
    stays.queued_at = ended.queued_at
    stays.rank_at = min(stays.rank_at, stays.queue.rank(stays.priority, ended.queued_at))
    stays.save(update_fields=["queued_at", "rank_at"])


def _split_by(actor: User) -> str:
    return _("split off by %(name)s") % {"name": actor.display_name}
