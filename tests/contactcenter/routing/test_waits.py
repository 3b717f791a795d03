import random

import pytest
from hypothesis import given, strategies as st

from contactcenter.routing.waits import (
    Range,
    announce,
    by_place,
    by_recent,
    estimate,
    position_times_pace,
    share,
    staff,
    with_abandonment,
)

TALKS = [180.0] * 10
WAITS = [30.0, 60.0, 90.0, 120.0, 150.0, 180.0, 240.0, 300.0, 600.0, 900.0]


def test_the_check_values_of_the_formulas() -> None:
    assert position_times_pace(5, 180, 10) == 90
    assert with_abandonment(4, 180, 10, 120) == pytest.approx(71.2, abs=0.05)
    assert with_abandonment(4, 180, 10, 10**12) == pytest.approx(90)


def test_an_agent_of_several_queues_is_shared_by_what_waits_there() -> None:
    assert share("tributi", ["tributi"], {}) == 1
    assert share("tributi", ["tributi", "anagrafe"], {}) == 0.5
    assert share("tributi", ["tributi", "anagrafe"], {"tributi": 3, "anagrafe": 1, "urp": 9}) == 0.75
    assert share("tributi", ["anagrafe"], {"tributi": 3}) == 0
    assert staff("tributi", [(["tributi"], 1), (["tributi", "anagrafe"], 3), (["anagrafe"], 1)], {}) == 2.5


@given(
    st.lists(st.sets(st.sampled_from("abc"), min_size=1), max_size=6),
    st.dictionaries(st.sampled_from("abc"), st.floats(0, 1e6)),
)
def test_nobody_is_counted_for_more_than_one_person(agents: list[set[str]], loads: dict[str, float]) -> None:
    total = sum(staff(queue, [(served, 1) for served in agents], loads) for queue in "abc")
    assert total == pytest.approx(len(agents))


def test_nothing_is_said_when_nobody_is_staffed() -> None:
    assert estimate(position=1, family="chat", handling_times=TALKS, staff=0, recent_waits=WAITS) is None


def test_nothing_is_said_when_too_little_is_known() -> None:
    assert estimate(position=1, family="chat", handling_times=TALKS[:4], staff=2, recent_waits=WAITS[:4]) is None


def test_place_and_pace_speak_where_both_are_known() -> None:
    found = estimate(position=5, family="call", handling_times=TALKS, staff=10, recent_waits=WAITS)
    assert found is not None
    assert found.low == pytest.approx(90)
    assert found.high == pytest.approx(143.9, abs=0.2)  # ninth decile of an Erlang distribution of 5 × 18 s
    patient = estimate(position=5, family="call", handling_times=TALKS, staff=10, recent_waits=WAITS, patience=120)
    assert patient is not None
    assert patient.low == pytest.approx(71.2, abs=0.05)


@pytest.mark.parametrize("family, handling", [("written", TALKS), ("chat", TALKS[:4])])
def test_otherwise_what_others_waited_lately_does(family: str, handling: list[float]) -> None:
    found = estimate(position=9, family=family, handling_times=handling, staff=1, recent_waits=WAITS, waited=100)
    assert found == Range(50, 500)


def test_who_has_waited_longer_than_nearly_all_is_told_nothing() -> None:
    assert by_recent(WAITS, waited=599) == Range(0, 1)
    assert by_recent(WAITS, waited=600) is None


@pytest.mark.parametrize(
    "low, high, promised, told",
    [
        (1, 59, None, Range(60, 60)),
        (0, 0, None, Range(60, 60)),
        (60, 61, None, Range(60, 120)),
        (90, 144, None, Range(120, 180)),
        (300, 600, Range(120, 180), Range(120, 180)),
        (10, 600, Range(120, 180), Range(60, 180)),
    ],
)
def test_whole_minutes_are_told_and_never_more_than_was_promised(
    low: float, high: float, promised: Range | None, told: Range
) -> None:
    assert announce(low, high, promised) == told


@given(st.lists(st.tuples(st.floats(0, 1e5), st.floats(0, 1e5)), min_size=1))
def test_within_one_wait_what_is_told_never_grows(estimates: list[tuple[float, float]]) -> None:
    promised: Range | None = None
    for low, high in estimates:
        told = announce(min(low, high), max(low, high), promised)
        assert told.low % 60 == told.high % 60 == 0
        assert 60 <= told.low <= told.high
        assert promised is None or (told.low <= promised.low and told.high <= promised.high)
        promised = told


@given(st.integers(1, 50), st.floats(1, 3600), st.floats(0.1, 100), st.none() | st.floats(10, 3600))
def test_further_back_takes_longer_and_more_people_make_it_shorter(
    position: int, handling: float, people: float, patience: float | None
) -> None:
    here = by_place(position, handling, people, patience)
    behind, helped = (
        by_place(position + 1, handling, people, patience),
        by_place(position, handling, people * 2, patience),
    )
    assert 0 < here.low < here.high
    assert behind.low > here.low
    assert behind.high > here.high
    assert helped.high < here.high


@pytest.mark.parametrize("patience", [None, 120.0])
@pytest.mark.parametrize("position, people", [(1, 10), (5, 10), (20, 4)])
def test_in_a_simulated_line_nine_of_ten_are_served_within_the_range(
    position: int, people: int, patience: float | None
) -> None:
    dice = random.Random(7)
    found = by_place(position, 180, people, patience)
    waits = [simulated_wait(dice, position - 1, people, patience) for _ in range(4_000)]
    assert sum(waits) / len(waits) == pytest.approx(found.low, rel=0.05)
    assert sum(wait <= found.high for wait in waits) / len(waits) == pytest.approx(0.9, abs=0.02)


def simulated_wait(dice: random.Random, ahead: int, people: int, patience: float | None) -> float:
    """All are busy; everybody ahead is served in turn or gives up."""
    free_at = sorted(dice.expovariate(1 / 180) for _ in range(people))
    for _ in range(ahead):
        gives_up = dice.expovariate(1 / patience) if patience else float("inf")
        if free_at[0] <= gives_up:
            free_at[0] += dice.expovariate(1 / 180)
            free_at.sort()
    return free_at[0]
