"""Taking over: from the owner, from who is being asked, from where it was put aside; two at once; never what has ended."""

import datetime as dt

import pytest
from django.utils import timezone

from contactcenter.queues import consulting, match, parking, supervision, work_items
from contactcenter.queues.models import Notice, Offer, Presence, Queue, WorkItem
from crm import access, interactions
from crm.models import Event, User
from tests.contactcenter.queues.conftest import Queues, SitDown
from tests.contactcenter.queues.test_parallel import at_once, fresh
from tests.people import Town, person


def routing(user: User) -> str:
    return Presence.objects.get(user=user).routing


@pytest.mark.django_db
def test_the_owner_is_free_again_and_the_supervisor_busy_even_past_their_slots(
    queues_up: Queues, sits_down: SitDown, anna: User, diego: User
) -> None:
    sits_down(anna)
    sits_down(diego, chat=0)
    item = work_items.claim(item=queues_up("Giulia"), actor=anna)
    supervision.take_over(item=item, actor=diego, reason="Conosco il caso")
    now = fresh(item)
    assert (now.owner, now.state) == (diego, "claimed")
    assert (routing(anna), routing(diego)) == ("free", "busy")
    assert Event.objects.get(name="item.taken_over").data["had"] == str(anna.public_id)
    assert (Notice.objects.get().user, Notice.objects.get().reason) == (anna, "Conosco il caso")


@pytest.mark.django_db
def test_what_is_being_offered_is_withdrawn_from_whoever_was_asked(
    queues_up: Queues, sits_down: SitDown, anna: User, diego: User
) -> None:
    Queue.objects.update(mode="push")
    sits_down(anna)
    item = queues_up("Giulia")
    match.run(timezone.now())
    assert fresh(item).state == "offered"
    supervision.take_over(item=item, actor=diego, reason="Urgente")
    assert fresh(item).owner == diego
    assert Offer.objects.get().state == "rescinded"
    assert routing(anna) == "free"


@pytest.mark.django_db
def test_what_was_put_aside_is_taken_up(queues_up: Queues, anna: User, diego: User) -> None:
    item = work_items.claim(item=queues_up("Giulia", family="written"), actor=anna)
    parking.park(item=item, actor=anna, until=timezone.now() + dt.timedelta(hours=1))
    supervision.take_over(item=fresh(item), actor=diego, reason="Anna è in ferie")
    now = fresh(item)
    assert (now.state, now.owner, now.parked_until) == ("claimed", diego, None)


@pytest.mark.django_db
def test_a_supervisor_who_helped_is_no_helper_any_more_and_others_stay(
    queues_up: Queues, anna: User, bruno: User, diego: User
) -> None:
    item = work_items.claim(item=queues_up("Giulia"), actor=anna)
    for colleague in (bruno, diego):
        consulting.invite(item=item, colleague=colleague, actor=anna)
    supervision.take_over(item=item, actor=diego, reason="Lo prendo io")
    assert [companion.user for companion in consulting.of(fresh(item))] == [bruno]


@pytest.mark.django_db
def test_what_is_over_or_being_wrapped_up_is_not_taken_over(queues_up: Queues, anna: User, diego: User) -> None:
    Queue.objects.update(wrap_up_seconds=60)
    item = work_items.claim(item=queues_up("Giulia"), actor=anna)
    work_items.close_for_wrap_up(item=fresh(item), actor=anna)
    for _state in ("wrapping", "done"):
        with pytest.raises(work_items.NotYours):
            supervision.take_over(item=fresh(item), actor=diego, reason="Perché")
        if fresh(item).state == "wrapping":
            work_items.finish(item=fresh(item), actor=anna)


@pytest.mark.django_db
def test_it_needs_the_right_in_the_office_of_the_queue(queues_up: Queues, anna: User, bruno: User, town: Town) -> None:
    item = work_items.claim(item=queues_up("Giulia"), actor=anna)
    other = person("elena", "Elena", "Neri", "manager", town.taxes)
    for actor in (bruno, other):
        with pytest.raises(access.Forbidden):
            supervision.take_over(item=item, actor=actor, reason="Perché")


@pytest.mark.django_db
def test_an_old_screen_takes_nothing_over(queues_up: Queues, anna: User, diego: User) -> None:
    item = work_items.claim(item=queues_up("Giulia"), actor=anna)
    assert item.interaction is not None
    with pytest.raises(interactions.StaleView):
        supervision.take_over(item=item, actor=diego, reason="Perché", based_on=0)
    assert fresh(item).owner == anna
    assert not Notice.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_owner_gives_it_back_while_it_is_taken_over_and_it_is_in_one_place(
    queues_up: Queues, sits_down: SitDown, anna: User, diego: User
) -> None:
    sits_down(anna, chat=20)
    for n in range(6):
        item = work_items.claim(item=queues_up(f"Giulia {n}"), actor=anna)
        at_once(
            lambda item=item: supervision.take_over(item=fresh(item), actor=diego, reason="Urgente"),  # type: ignore[misc]  # a default binds it
            lambda item=item: work_items.release(item=fresh(item), actor=anna),  # type: ignore[misc]
        )
        now = fresh(item)
        assert (now.state, now.owner) in {("claimed", diego), ("waiting", None)}
    assert not WorkItem.objects.filter(owner=anna).exists()
    assert routing(anna) == "free"
