from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.utils import translation
from hypothesis import given, strategies as st

from contactcenter.routing.decide import WORDS, Decision, Facts, Line, Rule, Step, decide, in_words
from contactcenter.routing.expression import read
from contactcenter.routing.rules import Conditions, While

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
QUEUES = {
    "accoglienza": Line("Accoglienza", languages=frozenset({"it", "en"})),
    "tributi": Line("Tributi", priority=3, languages=frozenset({"it"})),
    "ucraino": Line("Sportello ucraino", priority=1, languages=frozenset({"uk", "it"})),
    "chiuso": Line("Chiuso", active=False),
    "notte": Line("Notte", open=False),
}
FACTS = Facts("accoglienza", MONDAY, account="chat", queues=QUEUES)
UKRAINIAN = Rule(1, "Ukrainian", conditions=Conditions(languages=("uk",)), queue="ucraino")
URGENT = Rule(2, "Urgent words", conditions=Conditions(words=("urgent*",)), priority=5, requirements="level >= 3")


def kinds(decision: Decision) -> list[str]:
    return [step.what for step in decision.steps]


@pytest.mark.parametrize(
    "topic_queue, automatic, queue, priority, why",
    [
        ("", False, "accoglienza", 0, "account"),
        ("tributi", False, "tributi", 3, "topic"),
        ("unknown", False, "accoglienza", 0, "account"),
        ("chiuso", False, "accoglienza", 0, "account"),
        ("tributi", True, "tributi", -7, "topic"),
    ],
)
def test_a_topic_leads_to_its_queue_and_machines_wait_behind_people(
    topic_queue: str, automatic: bool, queue: str, priority: int, why: str
) -> None:
    decision = decide(replace(FACTS, topic_queue=topic_queue, automatic=automatic))
    assert (decision.queue, decision.priority, decision.why.what) == (queue, priority, why)


def test_the_first_rule_that_names_a_queue_decides_and_later_ones_are_not_read() -> None:
    later = Rule(9, "Later", queue="tributi", requirements="level == 5", priority=50)
    decision = decide(replace(FACTS, language="uk", topic_queue="tributi"), [UKRAINIAN, later])
    assert (decision.queue, decision.priority, decision.requirements, decision.rule) == ("ucraino", 1, "", 1)
    assert kinds(decision) == ["rule", "language"]


def test_rules_without_a_queue_add_what_they_ask_until_one_decides() -> None:
    facts = replace(FACTS, language="uk", text="È URGENTE!")
    skilled = replace(UKRAINIAN, requirements='skills HAS "a" OR level > 4', priority=2)
    decision = decide(facts, [URGENT, skilled])
    assert decision.queue == "ucraino"
    assert decision.priority == 1 + 5 + 2
    assert read(decision.requirements) == read('level >= 3 AND (skills HAS "a" OR level > 4)')
    assert kinds(decision) == ["requirements", "priority", "requirements", "priority", "rule", "language"]


def test_rules_without_a_queue_leave_the_topic_to_choose() -> None:
    decision = decide(replace(FACTS, text="urgente", topic_queue="tributi"), [URGENT])
    assert (decision.queue, decision.priority, decision.requirements) == ("tributi", 8, "level >= 3")
    assert (decision.why.what, decision.rule) == ("topic", None)


def test_a_rule_of_another_account_is_left_aside() -> None:
    decision = decide(replace(FACTS, language="uk"), [replace(UKRAINIAN, account="mail")])
    assert kinds(decision) == ["account", "language-unspoken"]


@pytest.mark.parametrize(
    "queue, step", [("chiuso", "queue-inactive"), ("notte", "queue-closed"), ("gone", "queue-unknown")]
)
def test_a_rule_whose_queue_takes_nobody_is_passed_over_whole(queue: str, step: str) -> None:
    rule = Rule(1, "Night", queue=queue, priority=9, requirements="level == 5")
    decision = decide(replace(FACTS, family="chat"), [rule])
    assert (decision.queue, decision.priority, decision.requirements) == ("accoglienza", 0, "")
    assert kinds(decision) == [step, "account"]


def test_written_words_may_wait_for_the_morning_where_they_belong() -> None:
    assert decide(FACTS, [Rule(1, "Night", queue="notte")]).queue == "notte"
    assert decide(replace(FACTS, topic_queue="notte")).queue == "notte"
    assert decide(replace(FACTS, topic_queue="notte", family="call")).queue == "accoglienza"


def test_a_language_that_somebody_there_speaks_is_required() -> None:
    decision = decide(replace(FACTS, language="en-GB"))
    assert (decision.language, decision.steps[-1].what) == ("en", "language")


def test_a_language_nobody_there_speaks_is_not_waited_for_in_vain() -> None:
    decision = decide(replace(FACTS, language="uk", topic_queue="tributi"))
    assert (decision.queue, decision.language) == ("tributi", "")
    with translation.override("en"):
        assert in_words(decision.steps[-1]) == (
            "Nobody in the queue Tributi speaks this language, so it isn't required: Ukrainian."
        )


def test_broken_requirements_are_told_of_and_stop_nobody() -> None:
    decision = decide(FACTS, [Rule(1, "Broken", queue="tributi", requirements="langauges HAS")])
    assert (decision.queue, decision.requirements) == ("tributi", "")
    assert kinds(decision) == ["requirements-unreadable", "rule"]


def test_requirements_that_grow_too_long_together_stay_readable() -> None:
    long = [
        Rule(number, "Long", requirements=" AND ".join(f'skills HAS "{number}-{one}-{"x" * 40}"' for one in range(20)))
        for number in range(5)
    ]
    decision = decide(FACTS, long)
    assert str(read(decision.requirements)) == decision.requirements
    assert kinds(decision).count("requirements-unreadable") == 4


def test_the_try_it_box_explains_every_step() -> None:
    closed = Rule(3, "Evening", conditions=Conditions(hours=(While("town-hall", open=False),)), queue="tributi")
    facts = replace(FACTS, text="Serve aiuto urgente", calendars={"town-hall": True}, automatic=True)
    with translation.override("en"):
        told = [in_words(step) for step in decide(facts, [UKRAINIAN, closed, URGENT]).steps]
    assert told == [
        "The rule “Ukrainian” doesn't apply: it is about another language.",
        "The rule “Evening” doesn't apply at this hour.",
        "The rule “Urgent words” asks for somebody with: level >= 3.",
        "The rule “Urgent words” changes the priority by +5.",
        "This channel leads to the queue Accoglienza.",
        "A program wrote this: it waits behind what people wrote (priority −10).",
    ]


@pytest.mark.parametrize("kind", WORDS)
@pytest.mark.parametrize("language", ["en", "it", "es", "uk"])
def test_every_step_has_words_in_every_language(kind: str, language: str) -> None:
    with translation.override(language):
        sentence = in_words(Step(kind, rule="100 % %(x)s", queue="q", text="xx", number=-3))  # type: ignore[arg-type]
    assert sentence.endswith((".", ")."))
    assert "%(rule)" not in sentence


RULES = st.lists(
    st.builds(
        Rule, st.integers(), st.text(max_size=5), st.sampled_from(["", "chat", "mail"]),
        st.builds(Conditions, languages=st.sampled_from([(), ("uk",), ("it",)]), words=st.sampled_from([(), ("a*",)])),
        st.sampled_from(["", "gone", *QUEUES]), st.sampled_from(["", "level >= 3", "oops ("]), st.integers(-100, 100),
    ),
    max_size=6,
)  # fmt: skip


@given(
    RULES, st.sampled_from(["", "uk", "it", "zh"]), st.sampled_from(["", "tributi", "notte", "chiuso"]), st.booleans()
)
def test_whatever_the_rules_somebody_gets_it_and_the_last_word_can_be_met(
    rules: list[Rule], language: str, topic_queue: str, live: bool
) -> None:
    facts = replace(FACTS, language=language, topic_queue=topic_queue, family="chat" if live else "written", text="abc")
    decision = decide(facts, rules)
    line = QUEUES[decision.queue]
    assert line.active
    assert line.open or not live
    assert decision.language in {"", *line.languages}
    assert decision.why in decision.steps
    read(decision.requirements)
