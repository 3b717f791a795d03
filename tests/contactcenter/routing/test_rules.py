import time
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from contactcenter.routing.rules import (
    CITIZENS,
    DAYS,
    FAMILIES,
    LONGEST_HEARD,
    Conditions,
    Facts,
    Line,
    NotUnderstood,
    Span,
    Weekly,
    While,
    conditions_from,
    failing,
    to_json,
)

MONDAY = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)  # 09:30 in Rome
FACTS = Facts(
    "accoglienza", MONDAY, queues={"accoglienza": Line("Accoglienza", priority=2)}, topic="tari", language="uk",
    family="chat", subject="Rimborso TARI", text="Vorrei sapere perché la Città non mi paga.", citizen="known",
    zone="Europe/Rome", calendars={"town-hall": True},
)  # fmt: skip


@pytest.mark.parametrize(
    "conditions, fails",
    [
        (Conditions(), ""),
        (Conditions(topics=("imu", "tari")), ""),
        (Conditions(topics=("imu",)), "topics"),
        (Conditions(languages=("uk-UA",)), ""),
        (Conditions(languages=("it",)), "languages"),
        (Conditions(families=("call", "chat")), ""),
        (Conditions(families=("written",)), "families"),
        (Conditions(citizen=("known", "verified")), ""),
        (Conditions(citizen=("verified",)), "citizen"),
        (Conditions(priorities=(Span(1, 2),)), ""),
        (Conditions(priorities=(Span(3), Span(None, 1))), "priorities"),
        (Conditions(hours=(While("town-hall"),)), ""),
        (Conditions(hours=(While("town-hall", open=False),)), "hours"),
        (Conditions(hours=(While("unknown"), While("unknown", open=False))), "hours"),
        (Conditions(topics=("tari",), languages=("uk",), words=("paga",)), ""),
        (Conditions(topics=("tari",), languages=("uk",), words=("pagare",)), "words"),
    ],
)
def test_all_conditions_must_hold_and_one_entry_of_each_is_enough(conditions: Conditions, fails: str) -> None:
    assert failing(conditions, FACTS) == fails


@pytest.mark.parametrize(
    "pattern, text, said",
    [
        ("città", "Abito in CITTA'", True),
        ("citta", "la Città", True),
        ("TARI", "La tari.", True),
        ("tari", "salutari", False),
        ("tari", "tariffa", False),
        ("tari*", "tariffa", True),
        ("rimbors*", "Aspetto il rimborso!", True),
        ("carta d'identità", "la mia Carta d’identita è scaduta", True),
        ("carta identità", "la mia carta d'identità", False),
        ("cambio resid*", "per il cambio\n\nresidenza", True),
        ("straße", "STRASSE", True),
        ("допомога", "Потрібна ДОПОМОГА", True),
        ("п'ять", "п’ять років", True),
        ("її", "Її немає", True),
        ("税", "地方税在哪里交", True),
        ("地方税", "地方税在哪里交", True),
        ("地税", "地方税在哪里交", False),
        ("ضريبة", "ضَرِيبَة", True),
        ("a", "", False),
    ],
)
def test_words_are_found_whole_whatever_their_case_and_accents(pattern: str, text: str, said: bool) -> None:
    facts = replace(FACTS, subject="", text=text)
    assert failing(Conditions(words=(pattern,)), facts) == ("" if said else "words")


def test_words_are_found_in_the_subject_too() -> None:
    assert failing(Conditions(words=("rimborso",)), replace(FACTS, text="")) == ""


@pytest.mark.parametrize(
    "text",
    ["\u0301\u0323" * 100_000, "e\u0301\u0323" * 100_000, "\ufdfa" * 50_000, "a" * 500_000, "a " * 500_000, "ß" * 9**5],
)
def test_hostile_words_are_heard_in_bounded_time(text: str) -> None:
    begun = time.process_time()
    facts = replace(FACTS, text=text)
    for number in range(200):
        failing(Conditions(words=tuple(f"word{number}{other}*" for other in range(50))), facts)
    assert time.process_time() - begun < 2
    assert failing(Conditions(words=("needle",)), replace(FACTS, text=" " * LONGEST_HEARD + "needle")) == "words"


def rome(day: int, hour: int, minute: int = 0, month: int = 11) -> Facts:
    return replace(FACTS, at=datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo("Europe/Rome")).astimezone(UTC))


@pytest.mark.parametrize(
    "hours, facts, covered",
    [
        (Weekly(("mon",), "09:00", "13:00"), rome(23, 9), True),
        (Weekly(("mon",), "09:00", "13:00"), rome(23, 13), False),
        (Weekly(("tue",), "09:00", "13:00"), rome(23, 9), False),
        (Weekly((), "09:00", "13:00"), rome(24, 12, 59), True),
        (Weekly(("sat", "sun")), rome(22, 23, 59), True),
        (Weekly(("sat", "sun")), rome(23, 0), False),
        (Weekly(("sun",), "22:00", "06:00"), rome(22, 23), True),
        (Weekly(("sun",), "22:00", "06:00"), rome(23, 5, 59), True),
        (Weekly(("sun",), "22:00", "06:00"), rome(22, 5), False),
        (Weekly(("sun",), "22:00", "06:00"), rome(23, 22), False),
        (Weekly(("mon",), "00:00", "01:00"), replace(FACTS, at=datetime(2026, 11, 22, 23, 30, tzinfo=UTC)), True),
        (
            Weekly(("mon",), "08:00", "09:00"),
            replace(FACTS, at=datetime(2026, 7, 6, 6, 30, tzinfo=UTC)),
            True,
        ),  # summer
        (Weekly(("sun",), "02:00", "03:00"), replace(FACTS, at=datetime(2026, 10, 25, 1, 30, tzinfo=UTC)), True),  # 2nd
    ],
)
def test_hours_are_those_of_the_wall_clock_there(hours: Weekly, facts: Facts, covered: bool) -> None:
    assert failing(Conditions(hours=(hours,)), facts) == ("" if covered else "hours")


def test_the_priority_asked_for_is_the_one_without_rules() -> None:
    queues = {"accoglienza": Line("Accoglienza", priority=2), "tributi": Line("Tributi", priority=7)}
    facts = replace(FACTS, queues=queues, topic_queue="tributi")
    assert failing(Conditions(priorities=(Span(7, 7),)), facts) == ""


@pytest.mark.parametrize(
    "json, says",
    [
        ([], "Conditions are an object"),
        ("x", "Conditions are an object"),
        ({"langauges": ["it"]}, "“langauges” is unknown in conditions"),
        ({"languages": "it"}, "“languages” takes a list"),
        ({"languages": ["italiano"]}, "no code of a language"),
        ({"languages": [1]}, "Entries of “languages”"),
        ({"topics": [""]}, "not empty"),
        ({"topics": ["x" * 101]}, "100 characters"),
        ({"topics": [None]}, "Entries of “topics”"),
        ({"topics": ["a\x00"]}, "Entries of “topics”"),
        ({"topics": [str(number) for number in range(51)]}, "50 entries at most"),
        ({"families": ["fax"]}, "call, chat, written"),
        ({"citizen": [["known"]]}, "anonymous, known, verified"),
        ({"words": ["*"]}, "can't be searched for"),
        ({"words": ["a*b"]}, "can't be searched for"),
        ({"words": ["!!"]}, "can't be searched for"),
        ({"words": ["rimborso *"]}, "can't be searched for"),
        ({"hours": ["mon"]}, "have days, from and to"),
        ({"hours": [{"days": ["lun"]}]}, "Entries of “days”"),
        ({"hours": [{"days": "mon"}]}, "“days” takes a list"),
        ({"hours": [{"days": [[]]}]}, "Entries of “days”"),
        ({"hours": [{"from": "8"}]}, "written as 08:30"),
        ({"hours": [{"from": "25:00"}]}, "written as 08:30"),
        ({"hours": [{"from": "09:00", "to": "09:00"}]}, "another time"),
        ({"hours": [{"from": "24:00"}]}, "another time"),
        ({"hours": [{"until": "09:00"}]}, "“until” is unknown in hours"),
        ({"hours": [{"calendar": "x", "is": "shut"}]}, "open, closed"),
        ({"hours": [{"calendar": "x", "from": "08:00"}]}, "“from” is unknown"),
        ({"priorities": [3]}, "have from and to"),
        ({"priorities": [{}]}, "isn't lower"),
        ({"priorities": [{"from": 3, "to": 2}]}, "isn't lower"),
        ({"priorities": [{"from": "3"}]}, "whole"),
        ({"priorities": [{"from": True}]}, "whole"),
        ({"priorities": [{"from": 10**30}]}, "between -100 and 100"),
    ],
)
def test_conditions_that_cannot_be_used_are_refused_in_a_sentence(json: object, says: str) -> None:
    with pytest.raises(NotUnderstood, match=r"\.$") as caught:
        conditions_from(json)
    assert says in str(caught.value)


def test_conditions_are_stored_as_they_are_written() -> None:
    json = {
        "topics": ["tari"],
        "languages": ["uk"],
        "words": ["rimbors*", "carta d'identità"],
        "hours": [{"days": ["sat"], "from": "08:00", "to": "13:00"}, {"calendar": "town-hall", "is": "closed"}],
        "citizen": ["anonymous"],
        "priorities": [{"from": 5, "to": None}],
    }
    assert to_json(conditions_from(json)) == json
    assert to_json(Conditions()) == {}


SLUGS = st.from_regex(r"[a-z][a-z0-9-]{0,9}", fullmatch=True)
CLOCK = st.builds(lambda hour, minute: f"{hour:02}:{minute:02}", st.integers(0, 23), st.integers(0, 59))
SPANS = st.tuples(st.integers(-100, 100), st.integers(-100, 100)).map(lambda pair: Span(min(pair), max(pair)))
HOURS: st.SearchStrategy[Weekly | While] = st.one_of(
    st.builds(While, SLUGS, st.booleans()),
    st.builds(
        Weekly, st.sets(st.sampled_from(DAYS)).map(lambda days: tuple(day for day in DAYS if day in days)), CLOCK
    ),
)


def several(entries: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(entries, max_size=3, unique=True).map(tuple)


@given(
    st.builds(
        Conditions, several(SLUGS), several(st.sampled_from(["it", "uk", "de"])), several(st.sampled_from(FAMILIES)),
        several(SLUGS), st.lists(HOURS, max_size=3, unique=True).map(tuple), several(st.sampled_from(CITIZENS)),
        st.lists(SPANS, max_size=3, unique=True).map(tuple),
    )
)  # fmt: skip
def test_conditions_survive_being_stored(conditions: Conditions) -> None:
    assert conditions_from(to_json(conditions)) == conditions


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["days", "from", "calendar", "x"]), inner)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["topics", "languages", "words", "hours", "citizen", "priorities", "x"]), JSON))
def test_any_json_is_understood_or_refused_with_a_sentence(json: object) -> None:
    try:
        conditions = conditions_from(json)
    except NotUnderstood as refused:
        conditions = Conditions(words=(str(refused),))
    failing(conditions, FACTS)
