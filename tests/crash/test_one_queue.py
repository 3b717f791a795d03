"""One queue for everybody: many processes take, are offered, freeze and die, and each contact has one owner."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from itertools import groupby, pairwise
from pathlib import Path

import psycopg
import pytest

from tests.crash.crowd import Crowd
from tests.crash.house import House
from tests.crash.own_database import OwnDatabase
from tests.crash.waiting import until

pytestmark = pytest.mark.services

CLAIMERS, CONTACTS, SLOTS = 16, 1000, 5
QUARRELLERS, QUARRELS = 6, 340
SERVED_WITHIN = 60.0  # seconds, on a machine that is busy with other tests

# In one statement, so that all is seen at the same moment.
BROKEN = f"""
SELECT 'person ' || person || ' has ' || sum(n) FROM (
    SELECT owner_id AS person, count(*) AS n FROM contactcenter_workitem
    WHERE state IN ('claimed', 'wrapping') GROUP BY owner_id
    UNION ALL
    SELECT agent_id, count(*) FROM contactcenter_offer WHERE state = 'pending' GROUP BY agent_id
) AS load GROUP BY person HAVING sum(n) > {SLOTS}
UNION ALL
SELECT 'item ' || item.id || ' is ' || item.state || ' and offered to ' || count(offer.id)
FROM contactcenter_workitem AS item
LEFT JOIN contactcenter_offer AS offer ON offer.item_id = item.id AND offer.state = 'pending'
GROUP BY item.id HAVING count(offer.id) <> (item.state = 'offered')::int
"""
STATES = "SELECT state, count(*) FROM contactcenter_workitem GROUP BY state"
CLAIMS = "SELECT interaction_id, actor_id FROM crm_event WHERE name = 'item.claimed'"


@pytest.fixture(scope="module")
def house(servers: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Furnished, on a database of its own; nothing of it is started."""
    with OwnDatabase(servers[0]) as database_url:
        made = House(tmp_path_factory.mktemp("queue"), database_url=database_url)
        made.furnish("town")
        yield made


@pytest.fixture
def crowd(house: House, tmp_path: Path) -> Iterator[Crowd]:
    with Crowd(house, tmp_path) as gathered:
        yield gathered


def test_a_thousand_contacts_have_one_owner_each_and_nobody_is_overloaded(house: House, crowd: Crowd) -> None:
    people = crowd.do("line_up_for", CLAIMERS, CONTACTS, SLOTS)
    for number, user in enumerate(people):
        crowd.start("takes" if number % 2 else "accepts", user)
    for _matcher in range(2):
        crowd.start("matches")
    crowd.expect_no_more()

    looks = 0
    with psycopg.connect(house.database_url, autocommit=True) as monitor:
        while crowd.at_work:
            assert monitor.execute(BROKEN.encode()).fetchall() == []
            looks += 1
    crowd.go_home()
    crowd.assert_all_well()
    assert looks > 10, "nobody looked while they worked"

    assert dict(house.rows(STATES)) == {"done": CONTACTS}
    claims = house.rows(CLAIMS)
    assert len({interaction for interaction, _owner in claims}) == len(claims) == CONTACTS
    owners = house.rows("SELECT interaction_id, owner_id FROM contactcenter_workitem")
    assert sorted(owners) == sorted(claims), "whoever took it has it at the end"
    assert {owner for _interaction, owner in owners} <= set(people)
    assert house.number("SELECT count(*) FROM crm_event WHERE name = 'item.done'") == CONTACTS
    assert_days_have_no_gap(house)


def test_a_matcher_frozen_in_the_middle_keeps_nobody_waiting(house: House, crowd: Crowd) -> None:
    """The others pass by whom it holds, what it holds, and what is due with either."""
    contacts = 120
    people = crowd.do("line_up_for", 4, contacts, SLOTS)
    frozen = crowd.start("freezes", 3)
    until(lambda: is_stopped(frozen), SERVED_WITHIN, f"it froze\n{crowd.last_words()}")
    (asked,) = locked(house, "presence", "user_id")
    (held,) = locked(house, "workitem", "id")
    queued_at = house.rows(f"SELECT queued_at FROM contactcenter_workitem WHERE id = {held}")
    house.let_offers_run_out()  # which the frozen one had made before: the sweep has business with that very person
    crowd.do("overflows")  # and with that very contact
    unreachable = 1 + house.number(f"SELECT count(*) FROM contactcenter_offer WHERE agent_id = {asked}")

    crowd.start("matches")
    for number, user in enumerate(people):  # one of them is the one it holds, and waits for it
        crowd.start("takes" if number % 2 else "accepts", user)
    left = "SELECT count(*) FROM contactcenter_workitem WHERE state IN ('waiting', 'offered')"
    others_took = f"the others took the rest\n{crowd.last_words()}"
    until(lambda: house.number(left) == unreachable, SERVED_WITHIN, others_took)
    assert is_stopped(frozen)
    assert held in locked(house, "workitem", "id"), "it was let go of too early to show anything"

    os.kill(frozen, signal.SIGKILL)
    crowd.expect_no_more()
    crowd.go_home()
    crowd.assert_all_well(but={frozen: -signal.SIGKILL})
    assert dict(house.rows(STATES)) == {"done": contacts}
    assert len(house.rows(CLAIMS)) == contacts
    assert house.rows(f"SELECT queued_at FROM contactcenter_workitem WHERE id = {held}") == queued_at
    assert_days_have_no_gap(house)


def test_whoever_dies_with_an_offer_leaves_the_contact_to_the_next_at_its_old_place(house: House, crowd: Crowd) -> None:
    anna, bruno = crowd.do("line_up_for", 2, 1, SLOTS)
    queued_at = house.rows("SELECT queued_at FROM contactcenter_workitem")
    dead = crowd.start("is_asked_and_dies", anna)
    crowd.expect_no_more()
    crowd.go_home()
    crowd.assert_all_well(but={dead: -signal.SIGKILL})
    assert house.rows("SELECT agent_id, state FROM contactcenter_offer") == [(anna, "pending")]

    house.let_offers_run_out()
    crowd.start("matches")
    crowd.start("accepts", bruno)
    crowd.expect_no_more()
    crowd.go_home()
    crowd.assert_all_well()
    told = house.rows(
        "SELECT name, actor_id FROM crm_event WHERE name LIKE 'offer.%' OR name LIKE 'item.%' ORDER BY id"
    )
    assert told == [
        ("offer.made", anna), ("offer.expired", anna), ("offer.made", bruno), ("item.claimed", bruno), ("item.done", bruno),
    ]  # fmt: skip
    assert house.rows("SELECT queued_at FROM contactcenter_workitem") == queued_at
    assert house.rows(f"SELECT routing FROM contactcenter_presence WHERE user_id = {anna}") == [("not-responding",)]


def test_whoever_quarrels_over_a_few_contacts_never_waits_for_each_other_in_a_circle(
    house: House, crowd: Crowd
) -> None:
    people, boss = crowd.do("line_up_for", 4, 8, 3), crowd.do("boss")
    for seed in range(QUARRELLERS):
        crowd.start("quarrels", seed, QUARRELS, people, boss)
    crowd.expect_no_more()
    crowd.go_home()
    crowd.assert_all_well()
    assert house.rows(BROKEN) == []

    for user in people:
        crowd.start("takes", user)
    crowd.start("matches")
    crowd.expect_no_more()
    crowd.go_home()
    crowd.assert_all_well()
    # Its own database's count: PostgreSQL ends deadlocks by failing one of those in it.
    assert house.number("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == 0
    states = dict(house.rows(STATES))
    assert set(states) == {"done", "abandoned"}
    came = house.number("SELECT count(*) FROM crm_event WHERE name = 'interaction.queued'")
    assert sum(states.values()) == 8 + came
    assert house.number("SELECT count(*) FROM crm_event WHERE name = 'item.abandoned'") == states["abandoned"]
    assert house.number("SELECT count(*) FROM crm_event WHERE name = 'item.done'") == states["done"]
    accepted = house.number("SELECT count(*) FROM contactcenter_offer WHERE state = 'accepted'")
    assert house.number("SELECT count(*) FROM crm_event WHERE name = 'item.claimed' AND data ? 'offer'") == accepted
    assert_days_have_no_gap(house)


# --- what can be seen from outside ---


def is_stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def locked(house: House, table: str, column: str) -> list[int]:
    """Of rows that somebody holds just now."""
    free = {key for (key,) in house.rows(f"SELECT {column} FROM contactcenter_{table} FOR UPDATE SKIP LOCKED")}
    return [key for (key,) in house.rows(f"SELECT {column} FROM contactcenter_{table}") if key not in free]


def assert_days_have_no_gap(house: House) -> None:
    """Everybody's states follow one another: each begins where, and not before, the last one ended."""
    told = house.rows(
        "SELECT actor_id, data ->> 'from', data ->> 'to', at FROM crm_event WHERE name = 'agent.state_changed' "
        "ORDER BY actor_id, id"
    )
    assert told
    for person, facts in groupby(told, key=lambda fact: fact[0]):
        day = list(facts)
        assert day[0][1] == "offline"
        broken = [(one, two) for one, two in pairwise(day) if one[2] != two[1] or one[3] > two[3]]
        assert broken == [], f"person {person}"
