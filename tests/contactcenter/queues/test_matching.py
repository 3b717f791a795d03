"""The right next person gets the right next contact: skills, languages, room, order, patience."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contactcenter.queues import match, offers, presence, roster, work_items
from contactcenter.queues.models import Offer, Queue, WorkItem
from crm.models import User
from tests.contactcenter.queues.conftest import Queues, SitDown
from tests.people import Town

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


def asked() -> dict[str, str]:
    """Who is being offered whom: {"Giulia": "anna"}."""
    rows = Offer.objects.filter(state="pending").values_list("item__interaction__citizen__name", "agent__username")
    return dict(rows)


def run(later: dt.timedelta = dt.timedelta()) -> int:
    return match.run(timezone.now() + later)


def rules(queue: Queue, **fields: object) -> None:
    Queue.objects.filter(pk=queue.pk).update(**fields)
    roster.forget()


def test_whoever_waits_is_offered_to_whoever_is_free(queues_up: Queues, sits_down: SitDown, anna: User) -> None:
    sits_down(anna)
    queues_up("Giulia")
    assert run() == 1
    assert asked() == {"Giulia": "anna"}


def test_nobody_is_offered_anything_on_a_break_offline_or_after_this_one(
    queues_up: Queues, sits_down: SitDown, anna: User, bruno: User, carla: User, town: Town
) -> None:
    sits_down(anna)
    sits_down(bruno)
    queues_up("Giulia")
    presence.change(user=anna, status="away", reason="lunch")
    work_items.claim(item=queues_up("Paolo"), actor=bruno)
    presence.break_after_this(user=bruno, reason="pause")
    assert run() == 0
    presence.change(user=anna, status="available")
    assert run() == 1


def test_the_language_never_relaxes_however_long_somebody_waits(
    queues_up: Queues, sits_down: SitDown, anna: User, bruno: User, town: Town
) -> None:
    rules(town.front_queue, steps=[{"after": 30, "requirements": "TRUE"}])
    sits_down(anna, languages={"it": 5})
    queues_up("Olena", language="uk")
    assert run() == 0
    presence.heartbeat(anna)
    assert run(10 * MINUTE) == 0
    sits_down(bruno, languages={"it": 5, "uk": 3})
    assert run() == 1
    assert asked() == {"Olena": "bruno"}


def test_requirements_are_met_and_widen_with_the_wait(
    queues_up: Queues, sits_down: SitDown, anna: User, bruno: User, town: Town
) -> None:
    rules(
        town.front_queue,
        requirements='skills HAS "tributi"',
        steps=[{"after": 60, "requirements": "level >= 4"}, {"after": 120, "requirements": "TRUE"}],
    )
    sits_down(anna, level=4)
    sits_down(bruno, level=2)
    begun = timezone.now()
    queues_up("Giulia", at=begun - 30 * dt.timedelta(seconds=1))
    queues_up("Paolo", at=begun - dt.timedelta(seconds=90))
    assert run() == 1
    assert asked() == {"Paolo": "anna"}
    assert Offer.objects.get().step == 1
    queues_up("Rosa", at=begun - dt.timedelta(seconds=150))
    run()
    assert asked()["Rosa"] in {"anna", "bruno"}


def test_what_nobody_can_take_does_not_hold_up_the_others(queues_up: Queues, sits_down: SitDown, anna: User) -> None:
    sits_down(anna, chat=3)
    begun = timezone.now()
    for n in range(120):
        queues_up(f"Olena {n}", language="uk", at=begun - dt.timedelta(seconds=300 - n))
    for n in range(3):
        queues_up(f"Giulia {n}", language="it", at=begun)
    assert run() == 3
    assert set(asked()) == {"Giulia 0", "Giulia 1", "Giulia 2"}


def test_a_long_line_that_nobody_can_take_costs_no_more_statements_than_a_short_one(
    queues_up: Queues, sits_down: SitDown, anna: User
) -> None:
    sits_down(anna)

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked_of_it:
            assert run() == 0
        return len(asked_of_it)

    for n in range(3):
        queues_up(f"A{n}", requirements='skills HAS "tributi"')
    few = cost()
    for n in range(200):
        queues_up(f"B{n}", requirements='skills HAS "tributi"')
    assert cost() <= few + 2


def test_nobody_gets_more_than_they_can_carry_and_a_pending_offer_counts(
    queues_up: Queues, sits_down: SitDown, anna: User
) -> None:
    sits_down(anna, chat=2, written=1)
    for n in range(4):
        queues_up(f"Chat {n}")
        queues_up(f"Mail {n}", family="written")
    assert run() == 3
    assert run() == 0
    assert sorted(name.split()[0] for name in asked()) == ["Chat", "Chat", "Mail"]


def test_a_call_wants_the_whole_person(queues_up: Queues, sits_down: SitDown, anna: User, bruno: User) -> None:
    sits_down(anna)
    sits_down(bruno)
    work_items.claim(item=queues_up("Chiara"), actor=anna)
    queues_up("Telefono", family="call", priority=50)
    run()
    assert asked() == {"Telefono": "bruno"}
    offers.accept(offer=offers.pending_of(bruno)[0], actor=bruno)
    presence.change(user=anna, status="away")
    queues_up("Mail", family="written")
    assert run() == 0


def test_the_longest_idle_is_asked_first_and_a_refusal_does_not_make_one_less_idle(
    queues_up: Queues, sits_down: SitDown, anna: User, bruno: User
) -> None:
    sits_down(anna)
    sits_down(bruno)
    queues_up("Giulia")
    run()
    assert asked() == {"Giulia": "anna"}
    offers.decline(offer=offers.pending_of(anna)[0], actor=anna)
    run()
    assert asked() == {"Giulia": "bruno"}
    queues_up("Paolo")
    run()
    assert asked()["Paolo"] == "anna"


def test_the_least_loaded_the_most_skilled_and_the_one_who_can_do_least_besides(
    queues_up: Queues, sits_down: SitDown, anna: User, bruno: User, town: Town
) -> None:
    sits_down(anna, languages={"it": 5, "uk": 4}, skills={"tributi": 2})
    sits_down(bruno, languages={"it": 5}, skills={"tributi": 5})
    work_items.claim(item=queues_up("Chiara"), actor=bruno)
    rules(town.front_queue, strategy="least-loaded")
    queues_up("Uno")
    run()
    rules(town.front_queue, strategy="most-skilled", requirements='skills HAS "tributi"')
    queues_up("Due")
    run()
    rules(town.front_queue, strategy="preserve-scarce", requirements="")
    queues_up("Tre")
    run()
    assert asked() == {"Uno": "anna", "Due": "bruno", "Tre": "bruno"}


def test_the_familiar_agent_is_asked_alone_for_a_while_then_everybody(
    queues_up: Queues, sits_down: SitDown, anna: User, bruno: User, town: Town
) -> None:
    rules(town.front_queue, sticky_seconds=60)
    sits_down(anna, chat=1)
    sits_down(bruno)
    work_items.claim(item=queues_up("Chiara"), actor=anna)
    queues_up("Giulia", last_agent=anna.pk)
    assert run() == 0
    presence.heartbeat(bruno)
    assert run(dt.timedelta(seconds=30)) == 0
    assert run(dt.timedelta(seconds=61)) == 1
    assert asked() == {"Giulia": "bruno"}


def test_the_familiar_agent_who_is_not_there_is_not_waited_for(
    queues_up: Queues, sits_down: SitDown, anna: User, bruno: User, town: Town
) -> None:
    rules(town.front_queue, sticky_seconds=600)
    sits_down(bruno)
    queues_up("Giulia", last_agent=anna.pk)
    assert run() == 1


def test_priority_goes_first_and_whoever_waits_long_enough_passes_it(
    queues_up: Queues, sits_down: SitDown, anna: User, town: Town
) -> None:
    rules(town.front_queue, ageing_seconds=60)
    town.front_queue.refresh_from_db()
    sits_down(anna, chat=1)
    now = timezone.now()
    queues_up("Urgente", priority=5, at=now)
    queues_up("Paziente", priority=0, at=now - 6 * MINUTE)
    queues_up("Nuova", priority=0, at=now - 4 * MINUTE)
    order = [item.interaction.citizen.name for item in WorkItem.objects.in_order()]
    assert order == ["Paziente", "Urgente", "Nuova"]


def test_where_waiting_never_counts_priority_always_wins(queues_up: Queues, town: Town) -> None:
    rules(town.front_queue, ageing_seconds=0)
    town.front_queue.refresh_from_db()
    now = timezone.now()
    queues_up("Paziente", at=now - dt.timedelta(days=300))
    urgent = queues_up("Urgente", priority=1, at=now)
    assert WorkItem.objects.in_order().first() == urgent


def test_a_queue_that_is_only_picked_from_offers_nothing_and_one_that_only_offers_is_not_picked_from(
    queues_up: Queues, sits_down: SitDown, anna: User, town: Town
) -> None:
    sits_down(anna)
    rules(town.front_queue, mode="pull")
    item = queues_up("Giulia")
    assert run() == 0
    assert list(match.next_for(anna, timezone.now())) == [item.pk]
    rules(town.front_queue, mode="push")
    assert list(match.next_for(anna, timezone.now())) == []
    assert run() == 1


def test_home_queues_and_rights_say_which_lines_somebody_serves(
    queues_up: Queues, sits_down: SitDown, anna: User, carla: User, town: Town
) -> None:
    sits_down(anna)
    queues_up("Giulia", queue=town.taxes_queue)
    assert run() == 0
    sits_down(carla)
    assert run() == 1
    second = Queue.objects.create(slug="cassa", name="Cassa", office=town.front)
    anna.agent.home_queues.add(second)
    roster.forget()
    queues_up("Paolo")
    assert run() == 0


def test_taking_the_next_one_takes_the_first_that_fits(
    queues_up: Queues, sits_down: SitDown, anna: User, town: Town
) -> None:
    now = timezone.now()
    queues_up("Olena", language="uk", at=now - 3 * MINUTE)
    queues_up("Giulia", language="it", at=now - 2 * MINUTE)
    queues_up("Paolo", language="it", at=now - MINUTE)
    sits_down(anna, languages={"it": 5}, there=False)
    first = work_items.take_next(actor=anna)
    assert first is not None
    assert first.interaction is not None
    assert first.interaction.citizen is not None
    assert (first.interaction.citizen.name, first.owner, first.state) == ("Giulia", anna, "claimed")
    second = work_items.take_next(actor=anna)
    assert second is not None
    assert work_items.take_next(actor=anna) is None


def test_two_matchers_at_once_make_one_offer(queues_up: Queues, sits_down: SitDown, anna: User, bruno: User) -> None:
    sits_down(anna)
    sits_down(bruno)
    item = queues_up("Giulia")
    now = timezone.now()
    assert offers.make(item_id=item.pk, user_id=anna.pk, at=now, why="longest-idle") is not None
    with pytest.raises(offers.Elsewhere):
        offers.make(item_id=item.pk, user_id=bruno.pk, at=now, why="longest-idle")
    assert match.run(now) == 0


def test_several_agents_share_what_came(
    queues_up: Queues, sits_down: SitDown, colleagues: Callable[[int], list[User]]
) -> None:
    for colleague in colleagues(6):
        sits_down(colleague, chat=2)
    for n in range(20):
        queues_up(f"N{n}")
    assert run() == 12
    per_agent = {
        user.username: len(offers.pending_of(user)) for user in User.objects.filter(username__startswith="collega")
    }
    assert set(per_agent.values()) == {2}
