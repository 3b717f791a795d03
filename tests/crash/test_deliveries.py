"""What was acknowledged is stored, whenever the plug is pulled (trust, promise 1)."""

import random

from tests.crash.house import House
from tests.crash.program import Poster
from tests.crash.waiting import pause, until

DELIVERIES = 160
PLUGS = 3  # times that it is pulled


def test_every_acknowledged_delivery_is_there_once_and_becomes_one_message(house: House) -> None:
    seed = random.Random(2026)
    house.start()
    with Poster(f"http://127.0.0.1:{house.port}/hooks/program/", DELIVERIES) as poster:
        for _plug in range(PLUGS):
            wanted = len(poster.acknowledged) + seed.randint(15, 35)
            until(poster.has(wanted), 60, f"{wanted} deliveries were acknowledged\n{house.last_words()}")
            pause(seed.uniform(0, 0.05))
            house.kill("web")
            assert_nothing_acknowledged_is_missing(house, poster.acknowledged.copy())
            house.start()
        until(lambda: poster.is_done, 60, f"all were acknowledged\n{house.last_words()}")
    assert poster.odd == []

    house.let_deadlines_pass()  # of what a dying process had stored and not understood yet
    until(lambda: messages(house) == wanted_messages(), 30, f"each became one message\n{house.last_words()}")
    assert house.number("SELECT count(*) FROM contactcenter_rawdelivery") == DELIVERIES
    assert house.number("SELECT count(*) FROM contactcenter_rawdelivery WHERE state <> 'processed'") == 0


def assert_nothing_acknowledged_is_missing(house: House, acknowledged: list[str]) -> None:
    """Looked up while nobody serves: in the books as the dead process left them."""
    kept = b"".join(bytes(body) for (body,) in house.rows("SELECT body FROM contactcenter_rawdelivery"))
    assert [name for name in acknowledged if f'"{name}"'.encode() not in kept] == []


def messages(house: House) -> list[str]:
    return sorted(name for (name,) in house.rows("SELECT external_id FROM crm_message WHERE direction = 'in'"))


def wanted_messages() -> list[str]:
    return sorted(f"m-{number}" for number in range(DELIVERIES))
