"""A lost answer is not a second message, over the citizen's real socket (trust, promise 3)."""

import random
from functools import partial

from tests.crash.house import House
from tests.crash.pages import Page, said
from tests.crash.waiting import pause, until

PLUGS = 2


def test_a_message_said_again_after_the_crash_is_one_message(house: House) -> None:
    seed = random.Random(7)
    house.start()
    page = Page(house)
    for number in range(PLUGS):
        with page.open() as socket:
            socket.send(said(f"c-{number}"))
            pause(seed.uniform(0, 0.03))
            house.kill("web")
        house.let_deadlines_pass()
        house.start()
        until(partial(page.is_confirmed, f"c-{number}"), 40, f"c-{number} was confirmed\n{house.last_words()}")
        assert page.is_confirmed(f"c-{number}"), "and confirmed once more, since the page may ask again"
    kept = house.rows("SELECT client_id FROM crm_message WHERE direction = 'in' ORDER BY seq")
    assert [client_id for (client_id,) in kept] == [f"c-{number}" for number in range(PLUGS)]
    assert house.number("SELECT count(*) FROM crm_interaction") == 1
