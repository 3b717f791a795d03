"""Handing on, parking, asking somebody in, overflowing: the citizen's place and words are never lost."""

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from contactcenter.accounts.models import ChannelAccount
from contactcenter.queues import (
    consulting,
    match,
    offers,
    overflow,
    parking,
    presence,
    roster,
    sweep,
    transfers,
    work_items,
)
from contactcenter.queues.models import Companion, Presence, Queue, WorkItem
from contactcenter.queues.work_items import NoRoom, NotYours
from crm.access import Forbidden
from crm.models import Event, Interaction, Message, User
from tests.conftest import MONDAY_MORNING
from tests.contactcenter.queues.conftest import Queues, SitDown
from tests.paper import GIULIA, post
from tests.people import Town

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def at(seconds: float) -> time_machine.travel:
    return time_machine.travel(MONDAY_MORNING + dt.timedelta(seconds=seconds), tick=False)


# --- transfers ---


def test_a_colleague_who_is_there_is_asked_first(
    queues_up: Queues, sits_down: SitDown, anna: User, bruno: User
) -> None:
    sits_down(anna)
    sits_down(bruno)
    item = work_items.claim(item=queues_up("Giulia"), actor=anna)
    offer = transfers.to_person(item=item, person=bruno, actor=anna, note="Parla solo di TARI.")
    assert offer is not None
    assert (offer.agent, offer.why, item.state) == (bruno, "transfer", "offered")
    assert offers.accept(offer=offer, actor=bruno).owner == bruno
    assert Message.objects.get(direction="note").text == "Parla solo di TARI."


def test_a_chat_is_not_handed_to_somebody_who_is_away_and_a_mail_is_simply_theirs(
    queues_up: Queues, sits_down: SitDown, anna: User, bruno: User
) -> None:
    sits_down(anna)
    chat = work_items.claim(item=queues_up("Giulia"), actor=anna)
    mail = work_items.claim(item=queues_up("Paolo", family="written"), actor=anna)
    with pytest.raises(transfers.NotThere, match="Bruno Conti"):
        transfers.to_person(item=chat, person=bruno, actor=anna)
    assert WorkItem.objects.get(pk=chat.pk).owner == anna
    transfers.to_person(item=mail, person=bruno, actor=anna)
    assert (mail.state, mail.owner) == ("claimed", bruno)


def test_nobody_is_handed_more_than_they_can_carry_unless_by_right(
    queues_up: Queues, sits_down: SitDown, anna: User, bruno: User, diego: User
) -> None:
    sits_down(anna)
    sits_down(bruno, written=1)
    work_items.claim(item=queues_up("Uno", family="written"), actor=bruno)
    item = work_items.claim(item=queues_up("Due", family="written"), actor=anna)
    with pytest.raises(NoRoom, match="Bruno Conti"):
        transfers.to_person(item=item, person=bruno, actor=anna)
    with pytest.raises(NoRoom):
        work_items.claim(item=queues_up("Tre", family="written"), actor=bruno)
    work_items.claim(item=queues_up("Quattro", family="call"), actor=diego)
    assert work_items.claim(item=queues_up("Cinque", family="call"), actor=diego).owner == diego


def test_somebody_who_does_not_work_there_cannot_be_handed_it(
    queues_up: Queues, sits_down: SitDown, anna: User, carla: User
) -> None:
    item = work_items.claim(item=queues_up("Giulia"), actor=anna)
    with pytest.raises(transfers.NotThere, match="doesn't work in Accoglienza"):
        transfers.to_person(item=item, person=carla, actor=anna)


def test_an_office_receives_it_in_the_queue_of_the_topic(queues_up: Queues, anna: User, town: Town) -> None:
    Queue.objects.create(slug="aaa", name="AAA", office=town.taxes)
    item = work_items.claim(item=queues_up("Giulia"), actor=anna)
    assert item.interaction is not None
    item.interaction.topic = town.refund
    item.interaction.save(update_fields=["topic"])
    assert transfers.to_office(item=item, office=town.taxes, actor=anna) == town.taxes_queue


def test_many_are_moved_by_somebody_with_the_right(
    queues_up: Queues, sits_down: SitDown, anna: User, bruno: User, diego: User, town: Town
) -> None:
    sits_down(anna)
    items = [queues_up(f"N{n}") for n in range(4)]
    work_items.claim(item=items[0], actor=anna)
    match.run(timezone.now())
    work_items.claim(item=queues_up("fine"), actor=bruno)
    with pytest.raises(Forbidden):
        transfers.move(items=items, queue=town.taxes_queue, actor=bruno)
    assert transfers.move(items=items, queue=town.taxes_queue, actor=diego) == 4
    moved = WorkItem.objects.filter(pk__in=[item.pk for item in items])
    assert moved.filter(queue=town.taxes_queue, state="waiting", owner=None).count() == 4
    assert Presence.objects.get(user=anna).routing == "free"


# --- parking ---


def test_parked_until_a_time_it_takes_no_room_and_comes_back_to_its_owner(
    queues_up: Queues, sits_down: SitDown, anna: User
) -> None:
    sits_down(anna, written=1)
    item = work_items.claim(item=queues_up("Giulia", family="written"), actor=anna)
    parking.park(item=item, actor=anna, until=MONDAY_MORNING + dt.timedelta(minutes=30))
    assert (item.state, item.owner) == ("parked", anna)
    other = work_items.claim(item=queues_up("Paolo", family="written"), actor=anna)
    work_items.finish(item=other, actor=anna)
    with at(1801):
        presence.heartbeat(anna)
        sweep.sweep(timezone.now())
        item.refresh_from_db()
        assert (item.state, item.owner) == ("claimed", anna)


def test_parked_work_whose_owner_has_no_room_left_goes_to_the_queue_and_remembers_them(
    queues_up: Queues, sits_down: SitDown, anna: User
) -> None:
    sits_down(anna, written=1)
    item = work_items.claim(item=queues_up("Giulia", family="written"), actor=anna)
    parking.park(item=item, actor=anna, until=MONDAY_MORNING + dt.timedelta(minutes=30))
    work_items.claim(item=queues_up("Paolo", family="written"), actor=anna)
    with at(1801):
        presence.heartbeat(anna)
        sweep.sweep(timezone.now())
        item.refresh_from_db()
        assert (item.state, item.owner, item.last_agent) == ("waiting", None, anna)


def test_parked_work_of_somebody_who_went_home_goes_to_the_queue(
    queues_up: Queues, sits_down: SitDown, anna: User
) -> None:
    sits_down(anna)
    item = work_items.claim(item=queues_up("Giulia", family="written"), actor=anna)
    parking.park(item=item, actor=anna, until=MONDAY_MORNING + dt.timedelta(minutes=30))
    presence.change(user=anna, status="offline", handover="keep")
    with at(1801):
        sweep.sweep(timezone.now())
        item.refresh_from_db()
        assert (item.state, item.owner) == ("waiting", None)


def test_parked_until_the_citizen_writes_it_wakes_with_their_words(
    queues_up: Queues, sits_down: SitDown, anna: User
) -> None:
    sits_down(anna)
    item = work_items.claim(item=queues_up("Giulia", family="written"), actor=anna)
    parking.park(item=item, actor=anna)
    sweep.sweep(timezone.now())
    item.refresh_from_db()
    assert item.state == "parked"
    assert item.interaction is not None
    parking.wake(item.interaction, timezone.now())
    sweep.sweep(timezone.now())
    item.refresh_from_db()
    assert (item.state, item.owner) == ("claimed", anna)


def test_only_its_owner_parks_and_resumes_and_never_until_yesterday(
    queues_up: Queues, sits_down: SitDown, anna: User, bruno: User
) -> None:
    item = work_items.claim(item=queues_up("Giulia", family="written"), actor=anna)
    with pytest.raises(NotYours):
        parking.park(item=item, actor=bruno)
    with pytest.raises(parking.CannotPark, match="later"):
        parking.park(item=item, actor=anna, until=MONDAY_MORNING - dt.timedelta(days=1))
    parking.park(item=item, actor=anna)
    with pytest.raises(NotYours):
        parking.resume(item=item, actor=bruno)
    parking.resume(item=item, actor=anna)
    assert item.state == "claimed"


# --- asking somebody in ---


def test_a_colleague_who_may_read_it_is_asked_in_and_the_owner_stays(
    queues_up: Queues, anna: User, bruno: User, carla: User
) -> None:
    item = work_items.claim(item=queues_up("Giulia"), actor=anna)
    consulting.invite(item=item, colleague=bruno, actor=anna)
    consulting.invite(item=item, colleague=bruno, actor=anna)
    assert [companion.user for companion in consulting.of(item)] == [bruno]
    assert consulting.accompanied_by(bruno) == [item]
    with pytest.raises(consulting.CannotJoin, match="Carla Riva may not read"):
        consulting.invite(item=item, colleague=carla, actor=anna)
    assert WorkItem.objects.get().owner == anna
    consulting.leave(item=item, actor=bruno)
    assert consulting.of(item) == []
    assert Companion.objects.count() == 1


# --- overflow ---


def overflowing(queue: Queue, **fields: object) -> None:
    Queue.objects.filter(pk=queue.pk).update(**fields)
    roster.forget()


def test_who_waits_too_long_moves_on_with_their_time_and_never_comes_back(queues_up: Queues, town: Town) -> None:
    overflowing(town.front_queue, max_wait_seconds=60, overflow="queue", overflow_to=town.taxes_queue)
    overflowing(town.taxes_queue, max_wait_seconds=60)
    begun = MONDAY_MORNING - dt.timedelta(seconds=61)
    item = queues_up("Giulia", at=begun)
    assert overflow.flow(timezone.now()) == 1
    item.refresh_from_db()
    assert (item.queue, item.queued_at, item.visited) == (town.taxes_queue, begun, ["accoglienza"])
    assert Event.objects.get(name="item.overflowed").data == {"origin": "accoglienza", "to": "tributi"}
    # Somebody makes a circle behind the pages' back: it still isn't walked twice.
    overflowing(town.taxes_queue, overflow="queue", overflow_to=town.front_queue)
    with at(120):
        assert overflow.flow(timezone.now()) == 0


def test_who_finds_the_line_full_moves_on_and_the_others_stay(queues_up: Queues, town: Town) -> None:
    overflowing(town.front_queue, max_length=2, overflow="queue", overflow_to=town.taxes_queue)
    for n, name in enumerate(["Uno", "Due", "Tre"]):
        queues_up(name, at=MONDAY_MORNING + dt.timedelta(seconds=n))
    assert overflow.flow(timezone.now()) == 1
    moved = WorkItem.objects.get(queue=town.taxes_queue)
    assert moved.interaction is not None
    assert moved.interaction.citizen is not None
    assert moved.interaction.citizen.name == "Tre"


def test_a_chat_that_waits_too_long_goes_on_in_writing(queues_up: Queues, town: Town) -> None:
    overflowing(town.front_queue, max_wait_seconds=60, overflow="message")
    begun = MONDAY_MORNING - dt.timedelta(seconds=61)
    chat = queues_up("Giulia", at=begun)
    mail = queues_up("Paolo", at=begun, family="written")
    assert overflow.flow(timezone.now()) == 1
    chat.refresh_from_db()
    assert (chat.family, chat.state, chat.queue) == ("written", "waiting", town.front_queue)
    assert overflow.flow(timezone.now()) == 0
    assert WorkItem.objects.get(pk=mail.pk).visited == []


def test_an_overflow_in_circles_is_refused_and_the_way_is_named(town: Town) -> None:
    third = Queue.objects.create(
        slug="terza", name="Terza", office=town.front, overflow="queue", overflow_to=town.front_queue
    )
    overflowing(town.taxes_queue, overflow="queue", overflow_to=third)
    with pytest.raises(overflow.GoesInCircles, match="Accoglienza → Tributi → Terza → Accoglienza"):
        overflow.refuse_circles(town.front_queue, town.taxes_queue)
    overflow.refuse_circles(Queue.objects.create(slug="quarta", name="Quarta", office=town.front), town.taxes_queue)


# --- wrapping up ---


def test_who_writes_again_while_their_mail_is_being_wrapped_up_waits_again_in_their_old_place(
    letters: ChannelAccount, client: Client, sits_down: SitDown, anna: User, town: Town
) -> None:
    Queue.objects.filter(pk=town.front_queue.pk).update(wrap_up_seconds=60)
    sits_down(anna)
    post(client, GIULIA)
    item = work_items.claim(item=WorkItem.objects.get(), actor=anna)
    work_items.close_for_wrap_up(item=item, actor=anna)
    post(client, {**GIULIA, "id": "g-2", "text": "E il rimborso?", "references": ["g-1"]})
    sweep.sweep(timezone.now())
    item.refresh_from_db()
    assert (item.state, item.last_agent, item.queued_at) in {
        ("waiting", anna, MONDAY_MORNING), ("offered", anna, MONDAY_MORNING),
    }  # fmt: skip
    assert Interaction.objects.get().is_open
