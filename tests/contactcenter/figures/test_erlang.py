"""Erlang B, C and A against known tables, against each other, and as the properties that must always hold."""

import math
from itertools import pairwise

import pytest
from hypothesis import assume, example, given, strategies as st

from contactcenter.figures.erlang import ErlangA, ErlangC, erlang, erlang_b, required

RATE, HANDLING = 100 / 1800, 180.0  # a hundred calls in half an hour of three minutes each: ten Erlangs


@pytest.mark.parametrize(
    "agents, b, c, level, wait, occupancy",
    [
        (11, 0.163232, 0.682118, 0.389614, 122.78, 0.909),
        (12, 0.119739, 0.449388, 0.640158, 40.445, 0.833),
        (13, 0.084339, 0.285270, 0.795595, 17.116, 0.769),
        (14, 0.056819, 0.174132, 0.888350, 7.836, 0.714),
    ],
)
def test_ten_erlangs_with_so_many_agents(
    agents: int, b: float, c: float, level: float, wait: float, occupancy: float
) -> None:
    model = ErlangC(RATE, HANDLING, agents)
    assert erlang_b(10, agents) == pytest.approx(b, abs=5e-7)
    assert model.waits == pytest.approx(c, abs=5e-7)
    assert model.service_level(20) == pytest.approx(level, abs=5e-7)
    assert model.mean_wait == pytest.approx(wait, abs=5e-3)
    assert model.occupancy == pytest.approx(occupancy, abs=5e-4)


def test_a_hundred_erlangs_with_a_hundred_and_ten_agents() -> None:
    model = ErlangC(10 * RATE, HANDLING, 110)
    assert model.waits == pytest.approx(0.237008, abs=5e-7)
    assert model.service_level(20) == pytest.approx(0.921979, abs=5e-7)
    assert model.mean_wait == pytest.approx(4.266, abs=5e-4)
    assert model.occupancy == pytest.approx(0.909, abs=5e-4)


@pytest.mark.parametrize(
    "agents, waits, abandons, wait, level, occupancy",
    [
        (9, 0.613307, 0.192156, 23.059, 0.524066, 0.8976),
        (10, 0.496853, 0.137464, 16.496, 0.639941, 0.8625),
        (12, 0.279807, 0.061597, 7.392, 0.825583, 0.7820),
    ],
)
def test_ten_erlangs_of_callers_who_give_up_after_two_minutes(
    agents: int, waits: float, abandons: float, wait: float, level: float, occupancy: float
) -> None:
    model = ErlangA(RATE, HANDLING, agents, 120)
    assert model.waits == pytest.approx(waits, abs=5e-7)
    assert model.abandons == pytest.approx(abandons, abs=5e-7)
    assert model.mean_wait == pytest.approx(wait, abs=5e-4)
    assert model.service_level(20) == pytest.approx(level, abs=5e-7)
    assert model.occupancy == pytest.approx(occupancy, abs=5e-5)


def test_eighty_percent_in_twenty_seconds_wants_fourteen_people_and_twenty_on_the_rota() -> None:
    staff = required(rate=RATE, handling=HANDLING, within=20, share=0.8, max_occupancy=0.85, shrinkage=0.3)
    assert (staff.present, staff.scheduled) == (14, 20)
    assert staff.model.waits == pytest.approx(0.174132, abs=5e-7)


def test_impatient_callers_want_fewer_people_than_patient_ones() -> None:
    patient = required(rate=RATE, handling=HANDLING, within=20, share=0.8)
    assert required(rate=RATE, handling=HANDLING, within=20, share=0.8, patience=120).present < patient.present


def test_a_target_of_all_is_refused() -> None:
    with pytest.raises(ValueError, match="100 %"):
        required(rate=RATE, handling=HANDLING, within=20, share=1.0)


@pytest.mark.parametrize("agents", [0, 9, 10])
def test_a_line_with_no_more_agents_than_load_grows_for_ever(agents: int) -> None:
    model = ErlangC(RATE, HANDLING, agents)
    assert not model.stable
    assert (model.waits, model.service_level(3600), model.mean_wait, model.occupancy) == (1, 0, math.inf, 1)


def test_nobody_waits_where_nobody_comes() -> None:
    for model in (ErlangC(0, HANDLING, 3), ErlangA(0, HANDLING, 3, 60)):
        assert (model.waits, model.mean_wait, model.abandons, model.occupancy) == (0, 0, 0, 0)
        assert model.service_level(0) == 1


@pytest.mark.parametrize("agents", [1, 400, 20_000])
def test_thousands_of_agents_overflow_nothing(agents: int) -> None:
    for load in (0.01, 390.0, 25_000.0):
        model = ErlangA(load / HANDLING, HANDLING, agents, 120)
        assert 0 <= model.waits <= 1
        assert 0 <= model.abandons <= 1
        assert model.load * (1 - model.abandons) <= agents + 1e-5 * load


@pytest.mark.parametrize("number", [-1.0, math.inf, math.nan])
def test_what_is_no_rate_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="rate"):
        ErlangC(number, HANDLING, 3)


def counted(rate: float, handling: float, agents: int, patience: float) -> tuple[float, float]:
    """Erlang A the long way: P(wait) and E[W] by the probability of every state, in logarithms."""
    logs, k = [0.0], 0
    while k < agents or logs[-1] > max(logs) - 50:
        k += 1
        leaves = min(k, agents) / handling + max(0, k - agents) / patience
        logs.append(logs[-1] + math.log(rate / leaves))
    weights = [math.exp(log - max(logs)) for log in logs]
    everything = math.fsum(weights)
    waiting = math.fsum(weights[agents:]) / everything
    length = math.fsum((k - agents) * weight for k, weight in enumerate(weights) if k > agents) / everything
    return waiting, length / rate


rates = st.floats(0.001, 1)
handlings = st.floats(5, 900)
numbers = st.integers(1, 60)
patiences = st.floats(5, 3600)


@given(rates, handlings, numbers, patiences)
def test_the_closed_form_agrees_with_counting_every_state(
    rate: float, handling: float, agents: int, patience: float
) -> None:
    model = ErlangA(rate, handling, agents, patience)
    waits, wait = counted(rate, handling, agents, patience)
    assert model.waits == pytest.approx(waits, rel=1e-6, abs=1e-12)
    assert model.mean_wait == pytest.approx(wait, rel=1e-6, abs=1e-12)


@given(rates, handlings, numbers, patiences, st.floats(0, 300))
def test_the_service_level_rises_with_every_agent(
    rate: float, handling: float, agents: int, patience: float, within: float
) -> None:
    for patient in (math.inf, patience):
        fewer, more = (erlang(rate, handling, n, patient).service_level(within) for n in (agents, agents + 1))
        assert 0 <= fewer <= more + 1e-7 <= 1 + 1e-7


@given(rates, handlings, numbers, patiences, st.floats(0, 300), st.floats(1.01, 3))
@example(RATE, HANDLING, 12, 120.0, 5e-324, 2.0)
def test_the_service_level_falls_as_contacts_take_longer(
    rate: float, handling: float, agents: int, patience: float, within: float, slower: float
) -> None:
    for patient in (math.inf, patience):
        quick, slow = (erlang(rate, seconds, agents, patient) for seconds in (handling, handling * slower))
        assert slow.service_level(within) <= quick.service_level(within) + 1e-7


@given(rates, handlings, st.integers(1, 10), st.floats(0, 300))
@example(RATE, HANDLING, 1, 20)
def test_with_endless_patience_a_becomes_c(rate: float, handling: float, spare: int, within: float) -> None:
    agents = math.floor(rate * handling) + spare
    assume(rate * handling < 0.97 * agents)
    c = ErlangC(rate, handling, agents)
    gaps = [abs(ErlangA(rate, handling, agents, patience).waits - c.waits) for patience in (1e3, 1e5, 1e8)]
    assert all(nearer <= farther + 1e-7 for farther, nearer in pairwise(gaps))
    endless = ErlangA(rate, handling, agents, 1e8)
    assert endless.mean_wait == pytest.approx(c.mean_wait, rel=1e-3, abs=1e-9)
    assert endless.service_level(within) == pytest.approx(c.service_level(within), abs=1e-4)


@given(rates, handlings, numbers, patiences)
def test_what_is_answered_is_what_keeps_the_agents_busy(
    rate: float, handling: float, agents: int, patience: float
) -> None:
    model = ErlangA(rate, handling, agents, patience)
    assert model.service_level(1e7) == pytest.approx(1 - model.abandons, abs=1e-6)
    assert model.occupancy * agents == pytest.approx(rate * handling * (1 - model.abandons), abs=1e-9)
