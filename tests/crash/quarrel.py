"""People who do everything at once with the same few contacts. What is refused is refused; what fails, fails the test."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from contactcenter.queues import languages, match, offers, parking, presence, sweep, transfers, work_items
from contactcenter.queues.models import Offer, Queue, WorkItem
from crm import events, interactions
from crm.models import Interaction, User

REFUSALS = (
    work_items.AlreadyTaken, work_items.NotYours, work_items.NoRoom, offers.OfferGone, presence.OpenWork,
    transfers.NotThere, parking.CannotPark,
)  # fmt: skip
AT_ONCE = 8  # contacts in the house: few, so that all want the same
State = WorkItem.State


class Quarrel:
    def __init__(self, seed: int, users: Sequence[int], boss: int) -> None:
        self.chance = random.Random(seed)
        self.users = list(User.objects.filter(pk__in=users).order_by("pk"))
        self.boss = User.objects.get(pk=boss)
        self.queues = list(Queue.objects.select_related("office").order_by("pk"))
        self.acts: list[tuple[Callable[[], object], int]] = [
            (self.arrives, 6), (self.matches, 4), (self.accepts, 10), (self.declines, 2), (self.expires, 5),
            (self.leaves, 5), (self.takes, 4), (self.claims, 3), (self.gives_back, 5), (self.finishes, 4),
            (self.hands_to_queue, 5), (self.hands_to_person, 6), (self.is_moved, 4), (self.parks, 3),
            (self.writes_again, 2), (self.changes_presence, 4), (self.is_corrected, 3), (self.sweeps, 1),
        ]  # fmt: skip

    def once(self) -> None:
        (act,) = self.chance.choices([act for act, _weight in self.acts], [weight for _act, weight in self.acts])
        try:
            act()
        except REFUSALS:
            pass  # somebody else was quicker

    # --- what may happen ---

    def arrives(self) -> None:
        if WorkItem.objects.exclude(state__in=WorkItem.ENDED).count() >= AT_ONCE:
            return
        line, now = self.chance.choice(self.queues), timezone.now()
        with transaction.atomic():
            interaction = Interaction.objects.create(
                account="", family="written", queue=line.slug, office=line.office, opened_at=now, language="it"
            )
            _item, fact = work_items.enqueue(interaction=interaction, queue=line, priority=0, at=now, language="it")
            events.record(fact)

    def matches(self) -> None:
        match.run(timezone.now())

    def sweeps(self) -> None:
        sweep.sweep(timezone.now())

    def accepts(self) -> None:
        if offer := self._offer():
            offers.accept(offer=offer, actor=offer.agent)

    def declines(self) -> None:
        if offer := self._offer():
            offers.decline(offer=offer, actor=offer.agent)

    def expires(self) -> None:
        if offer := self._offer():
            Offer.objects.filter(pk=offer.pk, state=Offer.State.PENDING).update(expires_at=timezone.now())
            offers.expire_due(timezone.now())

    def leaves(self) -> None:
        """As a visitor who ends their conversation."""
        if item := self._item(State.WAITING, State.OFFERED):
            assert item.interaction is not None
            with transaction.atomic():
                if work_items.abandon(interaction=item.interaction, at=timezone.now()):
                    interactions.close(interaction=item.interaction, actor=None, reason="visitor ended")

    def takes(self) -> None:
        work_items.take_next(actor=self._somebody())

    def claims(self) -> None:
        if item := self._item(State.WAITING, State.OFFERED):
            work_items.claim(item=item, actor=self._somebody())

    def gives_back(self) -> None:
        if item := self._item(State.CLAIMED):
            work_items.release(item=item, actor=item.owner or self.boss)

    def finishes(self) -> None:
        if item := self._item(State.CLAIMED):
            verb = self.chance.choice([work_items.finish, work_items.close_for_wrap_up])
            verb(item=item, actor=item.owner or self.boss)

    def hands_to_queue(self) -> None:
        if item := self._item(State.CLAIMED, State.OFFERED):
            queue = self.chance.choice(self.queues)
            transfers.to_queue(item=item, queue=queue, actor=item.owner or self._somebody(), closed_too=True)

    def hands_to_person(self) -> None:
        if item := self._item(State.CLAIMED, State.OFFERED, State.WAITING):
            to, by = self.chance.sample(self.users, 2)
            transfers.to_person(item=item, person=to, actor=item.owner or by, note="Per favore.")

    def is_moved(self) -> None:
        rows = WorkItem.objects.exclude(state__in=WorkItem.ENDED).select_related("queue", "interaction")
        items = self.chance.sample(found := list(rows), min(2, len(found)))
        transfers.move(items=items, queue=self.chance.choice(self.queues), actor=self.boss, closed_too=True)

    def parks(self) -> None:
        if item := self._item(State.CLAIMED):
            until = timezone.now() + timedelta(milliseconds=100)
            parking.park(item=item, actor=item.owner or self.boss, until=until)

    def writes_again(self) -> None:
        """As intake does, which holds the interaction first."""
        if item := self._item(State.PARKED, State.CLAIMED):
            with transaction.atomic():
                locked = interactions.lock(item.interaction_id or 0)
                parking.wake(locked, timezone.now())
                events.record(events.fact("message.received", interaction=locked))

    def changes_presence(self) -> None:
        status = self.chance.choice(["available", "available", "available", "away", "offline"])
        presence.change(user=self._somebody(), status=status, handover="release")

    def is_corrected(self) -> None:
        if item := self._item(State.WAITING, State.OFFERED, State.CLAIMED):
            assert item.interaction is not None
            other = "en" if item.interaction.language == "it" else "it"
            languages.correct(interaction=item.interaction, language=other, actor=self.boss)

    # --- with whom and what ---

    def _somebody(self) -> User:
        return self.chance.choice(self.users)

    def _offer(self) -> Offer | None:
        rows = Offer.objects.filter(state=Offer.State.PENDING).select_related("agent", "item__queue")
        return self.chance.choice(found) if (found := list(rows)) else None

    def _item(self, *states: str) -> WorkItem | None:
        rows = WorkItem.objects.filter(state__in=states).select_related("owner", "queue", "interaction")
        return self.chance.choice(found) if (found := list(rows)) else None


def quarrels(seed: int, times: int, users: list[int], boss: int) -> Any:
    quarrel = Quarrel(seed, users, boss)
    for _act in range(times):
        quarrel.once()
