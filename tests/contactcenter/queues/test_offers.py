"""An offer ends exactly once: accepted, declined, run out, or withdrawn. The contact's original time goes along."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from contactcenter.queues import lines, match, offers, presence, sweep, work_items
from contactcenter.queues.models import Offer, Presence, WorkItem
from contactcenter.queues.offers import OfferGone
from crm.models import AuditEntry, Event, User
from tests.contactcenter.queues.conftest import Queues, SitDown
from tests.people import Town

pytestmark = pytest.mark.django_db


def first_offer(user: User) -> Offer:
    match.run(timezone.now())
    return offers.pending_of(user)[0]


def later(seconds: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + dt.timedelta(seconds=seconds), tick=False)


@pytest.mark.usefixtures("now")
@pytest.mark.parametrize("family, seconds", [("call", 20), ("chat", 30), ("written", 300)])
def test_an_offer_lasts_as_long_as_its_kind_of_contact_can_wait(
    family: str, seconds: int, queues_up: Queues, sits_down: SitDown, anna: User
) -> None:
    sits_down(anna)
    queues_up("Giulia", family=family)
    offer = first_offer(anna)
    assert (offer.expires_at - offer.made_at).total_seconds() == seconds


@pytest.mark.usefixtures("now")
def test_a_queue_says_how_long_an_offer_lasts_and_other_families_keep_the_usual_time(
    queues_up: Queues, sits_down: SitDown, anna: User, town: Town
) -> None:
    lines.change(queue=town.front_queue, actor=None, offer_lasts={"chat": 75})
    sits_down(anna)
    queues_up("Giulia")
    queues_up("Piero", family="written")
    match.run(timezone.now())
    lasts = {offer.item.family: (offer.expires_at - offer.made_at).total_seconds() for offer in offers.pending_of(anna)}
    assert lasts == {"chat": 75, "written": 300}
    assert AuditEntry.objects.get(action="queue.changed").data == {"fields": ["offer_lasts"]}


@pytest.mark.usefixtures("now")
def test_accepting_makes_an_owner_and_tells_how_long_the_citizen_waited(
    queues_up: Queues, sits_down: SitDown, anna: User
) -> None:
    sits_down(anna)
    queues_up("Giulia")
    offer = first_offer(anna)
    with later(12):
        item = offers.accept(offer=offer, actor=anna)
    assert (item.state, item.owner) == ("claimed", anna)
    fact = Event.objects.get(name="item.claimed")
    assert (fact.data["wait"], fact.data["why"], fact.data["offer"]) == (12, "longest-idle", offer.pk)
    assert AuditEntry.objects.filter(action="item.claimed", actor=anna).exists()


@pytest.mark.usefixtures("now")
def test_an_offer_accepted_too_late_is_refused_even_before_the_sweep_has_seen_it(
    queues_up: Queues, sits_down: SitDown, anna: User
) -> None:
    sits_down(anna)
    queues_up("Giulia")
    offer = first_offer(anna)
    with later(30), pytest.raises(OfferGone, match="too late"):
        offers.accept(offer=offer, actor=anna)
    assert WorkItem.objects.get().owner is None


@pytest.mark.usefixtures("now")
def test_nobody_accepts_or_declines_what_is_offered_to_somebody_else(
    queues_up: Queues, sits_down: SitDown, anna: User, bruno: User
) -> None:
    sits_down(anna)
    queues_up("Giulia")
    offer = first_offer(anna)
    for verb in (offers.accept, offers.decline):
        with pytest.raises(OfferGone):
            verb(offer=offer, actor=bruno)
    assert offers.accept(offer=offer, actor=anna).owner == anna


@pytest.mark.usefixtures("now")
def test_an_unanswered_offer_goes_back_to_its_place_and_the_agent_does_not_respond(
    queues_up: Queues, sits_down: SitDown, anna: User, bruno: User
) -> None:
    sits_down(anna)
    begun = timezone.now() - dt.timedelta(minutes=4)
    item = queues_up("Giulia", at=begun)
    offer = first_offer(anna)
    with later(31):
        presence.heartbeat(anna)
        sweep.sweep(timezone.now())
        offer.refresh_from_db()
        item.refresh_from_db()
        assert (offer.state, item.state, item.queued_at) == ("expired", "waiting", begun)
        assert Presence.objects.get(user=anna).routing == "not-responding"
        assert match.run(timezone.now()) == 0
        sits_down(bruno)
        assert match.run(timezone.now()) == 1
        presence.change(user=anna, status="available")
        assert Presence.objects.get(user=anna).routing == "free"


@pytest.mark.usefixtures("now")
def test_who_declined_is_passed_over_for_two_minutes_and_asked_again_then(
    queues_up: Queues, sits_down: SitDown, anna: User
) -> None:
    sits_down(anna)
    queues_up("Giulia")
    offers.decline(offer=first_offer(anna), actor=anna)
    assert Presence.objects.get(user=anna).routing == "free"
    assert match.run(timezone.now()) == 0
    with later(121):
        presence.heartbeat(anna)
        assert match.run(timezone.now()) == 1


@pytest.mark.usefixtures("now")
def test_a_citizen_who_leaves_while_somebody_is_asked_takes_the_offer_away_without_blame(
    queues_up: Queues, sits_down: SitDown, anna: User
) -> None:
    sits_down(anna)
    item = queues_up("Giulia")
    offer = first_offer(anna)
    assert item.interaction is not None
    assert work_items.abandon(interaction=item.interaction, at=timezone.now())
    offer.refresh_from_db()
    item.refresh_from_db()
    assert (offer.state, item.state) == ("rescinded", "abandoned")
    assert Presence.objects.get(user=anna).routing == "free"
    with pytest.raises(OfferGone):
        offers.accept(offer=offer, actor=anna)


@pytest.mark.usefixtures("now")
def test_a_break_while_being_asked_gives_the_question_to_somebody_else(
    queues_up: Queues, sits_down: SitDown, anna: User, bruno: User
) -> None:
    sits_down(anna)
    queues_up("Giulia")
    offer = first_offer(anna)
    presence.change(user=anna, status="away", reason="lunch")
    offer.refresh_from_db()
    assert offer.state == "rescinded"
    sits_down(bruno)
    assert match.run(timezone.now()) == 1


@pytest.mark.usefixtures("now")
def test_what_is_being_offered_to_somebody_cannot_be_picked_by_another_and_says_whom_it_is_offered_to(
    queues_up: Queues, sits_down: SitDown, anna: User, bruno: User
) -> None:
    sits_down(anna)
    item = queues_up("Giulia")
    match.run(timezone.now())
    with pytest.raises(work_items.AlreadyTaken, match="Anna Bianchi"):
        work_items.claim(item=item, actor=bruno)
    assert work_items.claim(item=item, actor=anna).owner == anna
    assert Offer.objects.get().state == "accepted"


@pytest.mark.usefixtures("now")
def test_every_offer_is_told_and_ends_once(queues_up: Queues, sits_down: SitDown, anna: User) -> None:
    sits_down(anna)
    queues_up("Giulia")
    offer = first_offer(anna)
    with later(31):
        assert offers.expire_due(timezone.now()) == 1
        assert offers.expire_due(timezone.now()) == 0
        with pytest.raises(OfferGone):
            offers.decline(offer=offer, actor=anna)
    told = Event.objects.filter(name__startswith="offer.").order_by("id").values_list("name", flat=True)
    assert list(told) == ["offer.made", "offer.expired"]
