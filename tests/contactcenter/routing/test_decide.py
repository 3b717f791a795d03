import pytest

from contactcenter.routing.decide import Decision, Facts, decide

QUEUES = {"tari": "tributi"}
PRIORITIES = {"accoglienza": 0, "tributi": 3}


@pytest.mark.parametrize(
    "topic, automatic, decision",
    [
        ("", False, Decision("accoglienza", 0, "account")),
        ("tari", False, Decision("tributi", 3, "topic")),
        ("unknown", False, Decision("accoglienza", 0, "account")),
        ("tari", True, Decision("tributi", -7, "topic")),
    ],
)
def test_a_topic_leads_to_its_queue_and_machines_wait_behind_people(
    topic: str, automatic: bool, decision: Decision
) -> None:
    facts = Facts("accoglienza", topic=topic, topic_queues=QUEUES, priorities=PRIORITIES, automatic=automatic)
    assert decide(facts) == decision
