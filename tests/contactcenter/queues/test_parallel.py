"""Several people at the same contact in the same moment, as threads with their own connections."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import time_machine
from django.db import connections, transaction
from django.utils import timezone, translation

from contactcenter.queues import match, offers, presence, transfers, work_items
from contactcenter.queues.models import Offer, Presence, WorkItem
from crm.models import Event, Interaction, User
from tests.contactcenter.queues.conftest import Queues, SitDown
from tests.people import Town, person

ROUNDS = 8
REFUSALS = (work_items.AlreadyTaken, work_items.NotYours, offers.OfferGone)
pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[str]:
    """How each of them ended: "" or the sentence that refused it. They begin together."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        start.wait(timeout=20)
        try:
            with translation.override("en"):
                act()
        except REFUSALS as refusal:
            return str(refusal)
        finally:
            connections.close_all()
        return ""

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@transaction.atomic
def leave(item: WorkItem) -> None:
    """As a visitor who ends their conversation."""
    assert item.interaction is not None
    work_items.abandon(interaction=item.interaction, at=timezone.now())


def fresh(item: WorkItem) -> WorkItem:
    return WorkItem.objects.select_related("queue", "interaction").get(pk=item.pk)


def test_two_claim_what_a_third_is_being_offered_and_one_of_them_gets_it(
    queues_up: Queues, sits_down: SitDown, town: Town, anna: User, bruno: User
) -> None:
    chiara = sits_down(person("chiara", "Chiara", "Neri", "agent", town.front), written=ROUNDS)
    for user in (anna, bruno):
        sits_down(user, written=ROUNDS, there=False)
    for n in range(ROUNDS):
        item = queues_up(f"Giulia {n}", family="written")
        told_anna, told_bruno, _matched = at_once(
            lambda item=item: work_items.claim(item=fresh(item), actor=anna),  # type: ignore[misc]  # a default binds it
            lambda item=item: work_items.claim(item=fresh(item), actor=bruno),  # type: ignore[misc]
            lambda: match.run(timezone.now()),
        )
        now = fresh(item)
        asked = [offer.agent for offer in Offer.objects.filter(item=item, state="pending")]
        got = now.owner or asked[0]
        assert (now.state, asked) == (("claimed", []) if now.owner else ("offered", [chiara]))
        sentences = {user: told for user, told in ((anna, told_anna), (bruno, told_bruno)) if user != got}
        assert all(f"{got.display_name} has just taken this" in told for told in sentences.values()), sentences
        assert Event.objects.filter(name="item.claimed", interaction=now.interaction).count() == bool(now.owner)


def test_an_offer_answered_at_the_moment_it_runs_out_ends_once(
    queues_up: Queues, sits_down: SitDown, anna: User
) -> None:
    for n in range(ROUNDS):
        sits_down(anna, written=ROUNDS)
        item = queues_up(f"Giulia {n}", family="written")
        match.run(timezone.now())
        offer = Offer.objects.get(item=item)
        with time_machine.travel(offer.expires_at - dt.timedelta(microseconds=1), tick=False):
            refused, _swept = at_once(
                lambda offer=offer: offers.accept(offer=offer, actor=anna),  # type: ignore[misc]  # a default binds it
                lambda offer=offer: offers.expire_due(offer.expires_at),  # type: ignore[misc]
            )
        offer.refresh_from_db()
        ends = (offer.state, fresh(item).state, fresh(item).owner, Presence.objects.get(user=anna).missed)
        assert ends == (("expired", "waiting", None, True) if refused else ("accepted", "claimed", anna, False))
        facts = Counter(Event.objects.filter(interaction=item.interaction).values_list("name", flat=True))
        assert facts["offer.expired"] + facts["item.claimed"] == 1
        item.delete()


def test_two_tabs_of_one_person_do_one_thing(queues_up: Queues, sits_down: SitDown, anna: User) -> None:
    sits_down(anna, written=ROUNDS)
    for n in range(ROUNDS):
        item = work_items.claim(item=queues_up(f"Giulia {n}", family="written"), actor=anna)
        one, two = fresh(item), fresh(item)
        told = at_once(
            lambda tab=one: work_items.finish(item=tab, actor=anna, outcome="solved"),  # type: ignore[misc]  # as above
            lambda tab=two: work_items.release(item=tab, actor=anna),  # type: ignore[misc]
        )
        finished = told[0] == ""
        assert sorted(sentence == "" for sentence in told) == [False, True]
        assert "Take it first" in "".join(told)
        assert fresh(item).state == ("done" if finished else "waiting")
        assert Interaction.objects.get(work_items=item).status == ("closed" if finished else "open")


def test_a_stale_tab_takes_nothing_from_the_colleague_who_has_it_now(
    queues_up: Queues, sits_down: SitDown, town: Town, anna: User, bruno: User
) -> None:
    for user in (anna, bruno):
        sits_down(user, written=ROUNDS)
    item = work_items.claim(item=queues_up("Giulia", family="written"), actor=anna)
    tabs = [fresh(item) for _tab in range(3)]
    work_items.release(item=item, actor=anna)
    work_items.claim(item=fresh(item), actor=bruno)
    told = at_once(
        lambda: work_items.finish(item=tabs[0], actor=anna),
        lambda: work_items.release(item=tabs[1], actor=anna),
        lambda: transfers.to_queue(item=tabs[2], queue=town.taxes_queue, actor=anna, closed_too=True),
        lambda: presence.heartbeat(bruno),
    )
    assert [("Bruno Conti" in sentence) for sentence in told] == [True, True, True, False]
    assert (fresh(item).owner, fresh(item).queue) == (bruno, town.front_queue)


def test_whoever_leaves_while_they_are_moved_and_offered_leaves_once(
    queues_up: Queues, sits_down: SitDown, town: Town, anna: User, diego: User
) -> None:
    for n in range(ROUNDS):
        sits_down(anna, written=ROUNDS)
        item = queues_up(f"Giulia {n}", family="written")
        match.run(timezone.now())
        offer = Offer.objects.get(item=item, state="pending")
        told = at_once(
            lambda item=item: leave(item),  # type: ignore[misc]  # a default binds it
            lambda item=item: transfers.move(  # type: ignore[misc]
                items=[fresh(item)], queue=town.taxes_queue, actor=diego, closed_too=True
            ),
            lambda offer=offer: offers.decline(offer=offer, actor=anna),  # type: ignore[misc]
        )
        assert told[:2] == ["", ""]
        assert fresh(item).state == "abandoned"
        assert not Offer.objects.filter(item=item, state="pending").exists()
        assert Presence.objects.get(user=anna).routing == "free"
        assert Event.objects.filter(name="item.abandoned", interaction=item.interaction).count() == 1


def test_what_somebody_is_being_asked_goes_to_the_colleague_it_is_handed_to(
    queues_up: Queues, sits_down: SitDown, anna: User, bruno: User, diego: User
) -> None:
    sits_down(anna, written=3)
    item = queues_up("Giulia", family="written")
    match.run(timezone.now())
    assert [offer.item for offer in offers.pending_of(anna)] == [item]
    sits_down(bruno, written=3)
    transfers.to_person(item=fresh(item), person=bruno, actor=diego)
    assert (offers.pending_of(anna), [offer.item for offer in offers.pending_of(bruno)]) == ([], [item])
    assert Presence.objects.get(user=anna).routing == "free"


def test_no_state_ends_before_it_began_though_a_clock_was_read_before_the_wait(
    queues_up: Queues, sits_down: SitDown, anna: User, now: dt.datetime
) -> None:
    sits_down(anna, written=3)
    item = queues_up("Giulia", family="written")
    assert offers.make(item_id=item.pk, user_id=anna.pk, at=now + dt.timedelta(seconds=3), why="longest-idle")
    offers.accept(offer=offers.pending_of(anna)[0], actor=anna)  # read the clock first, and waited for the matcher
    told = Event.objects.filter(name="agent.state_changed", actor=anna).order_by("id")
    assert [fact.data["to"] for fact in told] == ["free", "offered", "busy"]
    assert [fact.at - now for fact in told] == [dt.timedelta(0), dt.timedelta(seconds=3), dt.timedelta(seconds=3)]
