"""One owner at a time, the loser is told who, and the place in line is never lost."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from channels_adapters.contract import Address, InboundMessage
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake.receive import receive
from contactcenter.queues import presence, transfers, work_items
from contactcenter.queues.models import Presence, WorkItem
from crm import interactions
from crm.access import Forbidden
from crm.models import AuditEntry, Event, Interaction, Message, User
from tests.people import Town, person

Write = Callable[..., WorkItem]


@pytest.fixture
def write(letters: ChannelAccount) -> Write:
    """Somebody writes; gives the work item of their interaction."""

    def written(who: str, at: dt.datetime | None = None, **fields: Any) -> WorkItem:
        event = InboundMessage(
            external_id=f"{who}-1", sender=Address("paper", who, who.title()), text="Buongiorno", **fields
        )
        receive(account=letters, event=event, at=at or timezone.now())
        return WorkItem.objects.get(interaction__contact_point__value=who)

    return written


@pytest.mark.django_db
def test_a_claim_makes_one_owner_and_is_told(write: Write, anna: User) -> None:
    item = work_items.claim(item=write("giulia"), actor=anna)
    assert (item.state, item.owner) == ("claimed", anna)
    fact = Event.objects.get(name="item.claimed")
    assert (fact.actor, fact.queue, fact.data["wait"]) == (anna, "accoglienza", 0)
    assert AuditEntry.objects.filter(action="item.claimed", actor=anna).exists()


@pytest.mark.django_db
def test_second_agent_cannot_claim_and_learns_who_was_quicker(write: Write, anna: User, bruno: User) -> None:
    item = write("giulia")
    late = WorkItem.objects.get(pk=item.pk)
    work_items.claim(item=item, actor=anna)
    with pytest.raises(work_items.AlreadyTaken, match="Anna Bianchi") as lost:
        work_items.claim(item=late, actor=bruno)
    assert lost.value.owner == anna


@pytest.mark.django_db
def test_claiming_ones_own_again_changes_nothing(write: Write, anna: User) -> None:
    item = work_items.claim(item=write("giulia"), actor=anna)
    work_items.claim(item=item, actor=anna)
    assert Event.objects.filter(name="item.claimed").count() == 1


@pytest.mark.django_db
def test_an_agent_of_another_office_cannot_claim(write: Write, carla: User) -> None:
    with pytest.raises(Forbidden):
        work_items.claim(item=write("giulia"), actor=carla)


@pytest.mark.django_db(transaction=True)
def test_twenty_racing_claims_have_one_winner(write: Write, town: Town) -> None:
    item = write("giulia")
    racers = [person(f"agente{n}", f"Agente{n}", "Rossi", "agent", town.front) for n in range(20)]

    def race(racer: User) -> str:
        try:
            work_items.claim(item=WorkItem.objects.get(pk=item.pk), actor=racer)
        except work_items.AlreadyTaken as lost:
            return lost.owner.username if lost.owner else "?"
        else:
            return f"won:{racer.username}"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(race, racers))
    winners = [result for result in results if result.startswith("won:")]
    assert len(winners) == 1
    assert {result for result in results if result not in winners} == {winners[0].removeprefix("won:")}


@pytest.mark.django_db
def test_given_back_it_waits_at_its_old_place(write: Write, anna: User) -> None:
    begun = timezone.now() - dt.timedelta(hours=1)
    first, second = write("giulia", at=begun), write("paolo", at=begun + dt.timedelta(minutes=5))
    work_items.claim(item=first, actor=anna)
    work_items.release(item=first, actor=anna)
    assert list(WorkItem.objects.filter(state="waiting").in_order()) == [first, second]
    assert WorkItem.objects.get(pk=first.pk).queued_at == begun


@pytest.mark.django_db
def test_only_the_owner_gives_back_or_finishes(write: Write, anna: User, bruno: User) -> None:
    item = work_items.claim(item=write("giulia"), actor=anna)
    for verb in (work_items.release, work_items.finish):
        with pytest.raises(work_items.NotYours, match="Anna Bianchi"):
            verb(item=item, actor=bruno)


@pytest.mark.django_db
def test_a_transfer_carries_the_note_and_the_time(write: Write, anna: User, carla: User, town: Town) -> None:
    item = work_items.claim(item=write("giulia"), actor=anna)
    queued_at = item.queued_at
    transfers.to_queue(item=item, queue=town.taxes_queue, actor=anna, note="Doppio versamento, vedi cassa.")
    item.refresh_from_db()
    assert (item.state, item.owner, item.queue, item.queued_at) == ("waiting", None, town.taxes_queue, queued_at)
    assert Message.objects.get(direction="note").text == "Doppio versamento, vedi cassa."
    assert WorkItem.objects.visible_to(carla).get() == item
    assert not WorkItem.objects.visible_to(anna).exists()


@pytest.mark.django_db
def test_an_old_screen_moves_nothing_that_somebody_has_taken_or_finished_since(
    write: Write, anna: User, bruno: User, town: Town
) -> None:
    seen_by_bruno = write("giulia")
    item = work_items.claim(item=WorkItem.objects.get(pk=seen_by_bruno.pk), actor=anna)
    with pytest.raises(work_items.NotYours, match="Anna Bianchi"):
        transfers.to_queue(item=seen_by_bruno, queue=town.taxes_queue, actor=bruno)
    work_items.finish(item=item, actor=anna)
    with pytest.raises(work_items.NotYours):
        transfers.to_queue(item=seen_by_bruno, queue=town.taxes_queue, actor=bruno)
    assert WorkItem.objects.get().owner == anna


@pytest.mark.django_db
def test_finishing_closes_the_conversation(write: Write, anna: User) -> None:
    item = work_items.claim(item=write("giulia"), actor=anna)
    work_items.finish(item=item, actor=anna, outcome="solved")
    assert (item.state, item.outcome) == ("done", "solved")
    assert Interaction.objects.get().status == "closed"


@pytest.mark.django_db
def test_finishing_on_a_stale_screen_is_refused(write: Write, anna: User) -> None:
    item = work_items.claim(item=write("giulia"), actor=anna)
    with pytest.raises(interactions.StaleView):
        work_items.finish(item=item, actor=anna, based_on=1)
    assert WorkItem.objects.get().state == "claimed"


@pytest.mark.django_db
def test_priority_goes_before_age(write: Write) -> None:
    old, urgent = write("giulia"), write("paolo")
    WorkItem.objects.filter(pk=urgent.pk).update(priority=5, rank_at=urgent.queue.rank(5, urgent.queued_at))
    assert list(WorkItem.objects.in_order()) == [urgent, old]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "broken, constraint",
    [
        ({"owner": None, "state": "claimed"}, "work_item_owner_fits_state"),
        ({"state": "done", "ended_at": None}, "work_item_ended_says_when"),
        ({"interaction": None}, "work_item_has_one_subject"),
    ],
)
def test_the_database_itself_refuses_an_impossible_item(write: Write, broken: dict[str, Any], constraint: str) -> None:
    item = write("giulia")
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        WorkItem.objects.filter(pk=item.pk).update(**broken)


@pytest.mark.django_db
def test_an_interaction_waits_once(write: Write) -> None:
    item = write("giulia")
    with pytest.raises(IntegrityError), transaction.atomic():
        work_items.enqueue(interaction=item.interaction, queue=item.queue, priority=0, at=timezone.now())  # type: ignore[arg-type]  # it has one


@pytest.mark.django_db
def test_presence_changes_are_facts_and_repeats_are_none(anna: User) -> None:
    presence.change(user=anna, status="available")
    presence.change(user=anna, status="available")
    presence.change(user=anna, status="away")
    assert list(Event.objects.filter(name="presence.changed").values_list("data", flat=True)) == [
        {"from": "offline", "to": "available"}, {"from": "available", "to": "away"},
    ]  # fmt: skip
    with pytest.raises(ValueError, match="lunch"):
        presence.change(user=anna, status="lunch")


@pytest.mark.django_db
def test_a_closed_laptop_staffs_nobody(anna: User, town: Town, carla: User) -> None:
    presence.change(user=anna, status="available")
    assert (presence.staffed(town.front_queue), presence.staffed(town.taxes_queue)) == (1, 0)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=5), tick=False):
        assert presence.staffed(town.front_queue) == 0
        presence.heartbeat(anna)
        assert presence.staffed(town.front_queue) == 1
    assert Presence.objects.get(user=anna).status == "available"
