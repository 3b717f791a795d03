"""Every reply is sent, once, whoever dies in the middle and whatever the broker forgets (trust, promise 2)."""

import redis

from tests.crash.catcher import MailServer
from tests.crash.house import House
from tests.crash.waiting import until

LETTERS = 200
BEFORE_THE_PLUG = 60  # mails out when it is pulled
SENT = "SELECT count(*) FROM crm_message WHERE direction = 'out' AND state = 'sent'"


def test_all_replies_leave_although_worker_and_broker_died_among_them(house: House, mail_server: MailServer) -> None:
    house.furnish("letters", str(LETTERS))
    house.start()
    caught = mail_server.catcher.counted
    until(lambda: len(caught()) >= BEFORE_THE_PLUG, 60, f"{BEFORE_THE_PLUG} left\n{house.last_words()}")

    kill_whoever_sends(house)
    in_flight = ids(house, "leased")
    assert len(caught()) < LETTERS, "the plug came too late to show anything"

    house.let_deadlines_pass()  # the leases of the dead
    house.start()
    until(lambda: len(caught()) == LETTERS, 60, f"all {LETTERS} left\n{house.last_words()}")
    until(lambda: house.number(SENT) == LETTERS, 30, f"all count as sent\n{house.last_words()}")

    twice = {name for name, times in caught().items() if times > 1}
    assert twice <= in_flight, "only what was on its way at that very moment may come twice, under the same id"
    assert set(caught()) == ids(house, "done")


def kill_whoever_sends(house: House) -> None:
    """In service mode the broker loses everything besides."""
    house.kill("worker" if house.redis_url else "web")
    if house.redis_url:
        with redis.Redis.from_url(house.redis_url) as broker:
            broker.flushdb()


def ids(house: House, state: str) -> set[str]:
    """Message-IDs, fixed before the first attempt, of what is in that state of the outbox."""
    question = (
        "SELECT m.external_id FROM contactcenter_outboxitem AS o JOIN crm_message AS m ON m.id = o.message_id "
        f"WHERE o.state = '{state}'"
    )
    return {name for (name,) in house.rows(question)}
