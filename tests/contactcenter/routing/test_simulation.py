"""A contact centre on a virtual clock: single stories, the laws that hold in every run, and theory."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from heapq import heappop, heappush
from random import Random

import pytest
from hypothesis import given, settings, strategies as st

from contactcenter.figures.erlang import ErlangA
from contactcenter.routing import matching, overflowing
from contactcenter.routing.expression import Attributes, read
from contactcenter.routing.overflowing import Way
from contactcenter.routing.simulation import results
from contactcenter.routing.simulation.arrivals import arrivals
from contactcenter.routing.simulation.engine import Engine, Run, run
from contactcenter.routing.simulation.plan import (
    FIXED,
    LOGNORMAL,
    NEVER,
    Answering,
    Arrival,
    Chance,
    Plan,
    PlannedQueue,
    Seat,
    Stream,
)
from contactcenter.routing.simulation.waiting import Waiter

MONDAY = dt.datetime(2026, 11, 23, 7, 0, tzinfo=dt.UTC)
HOUR, DAY = 3600.0, 86_400.0
ANNA, BRUNO = 1, 2
FRONT, TAXES = 1, 2


def queue(number: int = FRONT, **given: object) -> PlannedQueue:
    line = {
        name: given.pop(name)
        for name in ("strategy", "sticky", "requirements", "steps", "offers_last")
        if name in given
    }
    return PlannedQueue(matching.Line(number, **line), slug=f"queue-{number}", **given)  # type: ignore[arg-type]


def seat(who: int, *present: tuple[float, float], queues: Iterable[int] = (FRONT,), **given: object) -> Seat:
    capacity = given.pop("capacity", matching.CAPACITY)
    attributes = Attributes(**{"languages": {"it": 5}, **given})  # type: ignore[arg-type]
    agent = matching.Agent(who, frozenset(queues), attributes, capacity=capacity)  # type: ignore[arg-type]
    return Seat(agent, "front office", present or ((0.0, DAY),))


def call(at: float, handling: float = 180.0, **given: object) -> Arrival:
    return Arrival(at, **{"queue": FRONT, "family": "call", "handling": handling, **given})  # type: ignore[arg-type]


def plan(*seats: Seat, comes: Iterable[Arrival] = (), queues: Iterable[PlannedQueue] = (), **given: object) -> Plan:
    told = {"name": "a day", "begins": MONDAY, "seconds": DAY, "replayed": tuple(comes), **given}
    return Plan(queues=tuple(queues) or (queue(),), seats=seats, **told)  # type: ignore[arg-type]


def answers(done: Run) -> list[tuple[int | None, float | None]]:
    """Who answered each contact, and after how many seconds."""
    return [
        (waiter.answered_by, None if waiter.answered_at is None else round(waiter.answered_at - waiter.arrival.at, 1))
        for waiter in done.waiters
    ]


# --- stories ----------------------------------------------------------------------------------------------------------


def test_the_second_call_waits_until_the_only_agent_has_hung_up() -> None:
    assert answers(run(plan(seat(ANNA), comes=[call(0), call(60)]))) == [(ANNA, 0), (ANNA, 120)]


def test_wrapping_up_keeps_the_next_call_waiting() -> None:
    day = plan(seat(ANNA), comes=[call(0), call(60)], queues=[queue(wrap_up=30)])
    assert answers(run(day)) == [(ANNA, 0), (ANNA, 150)]


def test_a_caller_whose_patience_ends_is_not_answered() -> None:
    done = run(plan(seat(ANNA), comes=[call(0), call(60, patience=90)]))
    figures = results.of_queues(done)[("queue-1", "call")]
    assert (figures.offered, figures.answered, figures.abandoned, figures.waiting) == (2, 1, 1, 0)
    assert (figures.abandonment, figures.longest, figures.speed) == (0.5, 90, 0)


def test_three_chats_at_once_and_the_fourth_waits() -> None:
    comes = [call(minute * 60, handling=600, family="chat") for minute in range(4)]
    assert [wait for _who, wait in answers(run(plan(seat(ANNA), comes=comes)))] == [0, 0, 0, 420]


def test_a_call_is_given_to_nobody_in_a_chat_but_to_somebody_with_mail() -> None:
    comes = [
        call(0, handling=600, family="chat"),
        call(1, handling=600, family="written", queue=TAXES),
        call(2, language="it"),
    ]
    day = plan(seat(ANNA), seat(BRUNO, (0.5, DAY), queues=(FRONT, TAXES)), comes=comes, queues=[queue(), queue(TAXES)])
    assert answers(run(day)) == [(ANNA, 0), (BRUNO, 0), (BRUNO, 0)]


def test_whoever_has_been_free_longest_is_asked_first() -> None:
    comes = [call(0, handling=300), call(10, handling=100), call(400)]
    assert [who for who, _wait in answers(run(plan(seat(ANNA), seat(BRUNO, (5, DAY)), comes=comes)))] == [
        ANNA,
        BRUNO,
        BRUNO,
    ]


def test_the_urgent_go_first_until_others_have_waited_for_what_a_point_is_worth() -> None:
    patient, urgent = call(60), call(600, priority=1)
    assert [wait for _who, wait in answers(run(plan(seat(ANNA), comes=[call(0, 900), patient, urgent])))] == [
        0,
        1020,
        300,
    ]
    soon = call(700, priority=1)  # 640 s after the other: more than the 600 that a point is worth
    assert [wait for _who, wait in answers(run(plan(seat(ANNA), comes=[call(0, 900), patient, soon])))] == [0, 840, 380]


def test_at_a_closed_door_calls_are_turned_away_and_letters_wait() -> None:
    opens = queue(openings=((HOUR, 9 * HOUR),))
    comes = [call(60), call(120, family="written"), call(2 * HOUR)]
    done = run(plan(seat(ANNA, (HOUR, 9 * HOUR)), comes=comes, queues=[opens]))
    assert answers(done) == [(None, None), (ANNA, HOUR - 120), (ANNA, 0)]
    figures = results.of_queues(done)
    assert (figures["queue-1", "call"].turned_away, figures["queue-1", "call"].offered) == (1, 1)
    assert figures["queue-1", "written"].turned_away == 0


def test_after_a_minute_somebody_with_less_skill_may_have_it_and_language_is_never_given_up() -> None:
    line = queue(
        requirements=read("skills.tari >= 4"),
        steps=(matching.Step(dt.timedelta(seconds=60), read("skills.tari >= 2")),),
    )
    comes = [call(0, language="it"), call(1000, language="uk")]
    done = run(plan(seat(ANNA, skills={"tari": 2}), comes=comes, queues=[line]))
    assert answers(done) == [(ANNA, 60), (None, None)]
    assert results.of_queues(done)["queue-1", "call"].waiting == 1


def test_an_offer_that_passes_unanswered_goes_to_somebody_else_and_keeps_its_place() -> None:
    slow = Answering(delays={"call": Chance(25.0, FIXED)}, back_after=HOUR)
    day = plan(seat(ANNA), seat(BRUNO), comes=[call(0)], answering=slow)
    done = run(day)
    assert answers(done) == [(None, None)]
    assert done.waiters[0].offer > 2
    assert done.waiters[0].rank == 0
    quick = replace(day, answering=Answering(delays={"call": Chance(8.0, FIXED)}))
    assert answers(run(quick)) == [(ANNA, 8)]


def test_a_queue_says_how_long_it_asks_one_person() -> None:
    slow = Answering(delays={"call": Chance(25.0, FIXED)})
    patient = queue(offers_last={"call": dt.timedelta(seconds=40)})
    assert answers(run(plan(seat(ANNA), comes=[call(0)], queues=[patient], answering=slow))) == [(ANNA, 25)]


def test_whoever_declined_is_not_asked_again_for_two_minutes() -> None:
    contrary = Answering(declined=1.0)
    done = run(plan(seat(ANNA), comes=[call(0)], answering=contrary, seconds=370.0))
    assert done.waiters[0].offer == 4  # at 0, 120, 240 and 360 seconds


def test_whoever_waits_too_long_goes_to_the_other_queue_with_the_original_time() -> None:
    front = queue(way=Way(max_wait=dt.timedelta(seconds=60), overflow="queue", to=TAXES))
    day = plan(
        seat(ANNA), seat(BRUNO, queues=[TAXES]), comes=[call(0, 600), call(10, 600)], queues=[front, queue(TAXES)]
    )
    done = run(day)
    assert answers(done) == [(ANNA, 0), (BRUNO, 60)]
    assert done.waiters[1].flowed == [(FRONT, "call")]
    figures = results.of_queues(done)
    assert (figures["queue-1", "call"].flowed_on, figures["queue-1", "call"].offered) == (1, 1)
    assert (figures["queue-2", "call"].flowed_on, figures["queue-2", "call"].offered) == (0, 1)


def test_a_newcomer_to_a_full_line_begins_in_the_other_queue_without_a_language_nobody_speaks_there() -> None:
    front = queue(way=Way(max_length=1, overflow="queue", to=TAXES))
    day = plan(
        seat(ANNA, languages={"uk": 5}), seat(BRUNO, queues=[TAXES]), queues=[front, queue(TAXES)],
        comes=[call(0, 600, language="uk"), call(1, 600, language="uk"), call(2, 600, language="uk")],
    )  # fmt: skip
    assert answers(run(day)) == [(ANNA, 0), (ANNA, 599), (BRUNO, 0)]


def test_a_chat_that_becomes_a_message_is_answered_in_writing_and_nobody_gives_up_any_more() -> None:
    front = queue(way=Way(max_wait=dt.timedelta(seconds=60), overflow="message"))
    chats = [call(0, 600, family="chat", patience=300.0) for _n in range(4)]
    done = run(plan(seat(ANNA), comes=chats, queues=[front]))
    assert [waiter.kind.family for waiter in done.waiters] == ["chat", "chat", "chat", "written"]
    assert answers(done)[3] == (ANNA, 60)
    assert not any(waiter.left_at for waiter in done.waiters)


def test_what_came_back_unanswered_after_the_longest_wait_goes_on_then() -> None:
    front = queue(way=Way(max_wait=dt.timedelta(seconds=10), overflow="queue", to=TAXES))
    slow = Answering(delays={"call": Chance(25.0, FIXED)}, back_after=HOUR)
    done = run(plan(seat(ANNA), comes=[call(0)], queues=[front, queue(TAXES)], answering=slow, seconds=100.0))
    assert done.waiters[0].flowed == [(FRONT, "call")]
    assert done.waiters[0].entered_at == 20


def test_in_a_break_nothing_new_comes_and_the_call_is_finished() -> None:
    day = plan(seat(ANNA, (0, 100), (600, DAY)), comes=[call(50, handling=200), call(120)])
    done = run(day)
    assert answers(done) == [(ANNA, 0), (ANNA, 480)]
    assert done.desks[0].spent["busy"] == 380
    assert done.desks[0].spent["away"] == 350


@pytest.mark.parametrize("handling, answered", [(60, (ANNA, 50)), (600, (BRUNO, 90))])
def test_a_familiar_citizen_waits_a_little_for_the_same_person(handling: float, answered: tuple[int, float]) -> None:
    giulia = (
        call(0, handling=100, citizen="giulia"),
        call(200, handling=100, citizen="giulia"),
        call(510, citizen="giulia"),
    )
    others = call(400, handling=60), call(500, handling=handling)
    sticks = queue(sticky=dt.timedelta(seconds=90))
    done = run(plan(seat(ANNA), seat(BRUNO, (1, DAY)), comes=[*giulia, *others], queues=[sticks]))
    assert answers(done) == [(ANNA, 0), (ANNA, 0), (BRUNO, 0), (ANNA, 0), answered]


def test_when_the_person_of_last_time_goes_home_the_citizen_goes_to_others_at_once() -> None:
    giulia = call(0, handling=100, citizen="giulia"), call(510, citizen="giulia")
    others = call(400, handling=60), call(500, handling=600)
    sticks = queue(sticky=dt.timedelta(seconds=90))
    done = run(plan(seat(ANNA, (0, 540)), seat(BRUNO, (1, DAY)), comes=[*giulia, *others], queues=[sticks]))
    assert answers(done)[3] == (BRUNO, 30)


def test_whoever_is_asked_while_the_caller_hangs_up_gets_the_next_one() -> None:
    slow = Answering(delays={"call": Chance(15.0, FIXED)})
    done = run(plan(seat(ANNA), comes=[call(0, patience=10), call(5)], answering=slow))
    assert answers(done) == [(None, None), (ANNA, 20)]


def test_the_same_seed_gives_the_same_run_and_another_one_another() -> None:
    stream = Stream(FRONT, "call", (((0.0, DAY), 0.01),), Chance(180), patience=Chance(120))
    day = plan(seat(ANNA), seat(BRUNO), streams=(stream,))
    assert answers(run(day, seed=7)) == answers(run(day, seed=7)) != answers(run(day, seed=8))


def test_more_people_meet_the_same_citizens() -> None:
    """So that two staffing plans differ by the staff alone."""
    stream = Stream(FRONT, "call", (((0.0, DAY), 0.01),), Chance(180), patience=Chance(120))
    one, two = (plan(*seats, streams=(stream,)) for seats in ([seat(ANNA)], [seat(ANNA), seat(BRUNO)]))
    assert [w.arrival for w in run(one, seed=3).waiters] == [w.arrival for w in run(two, seed=3).waiters]


def test_exactly_so_many_come_where_their_number_is_known_and_only_when_it_is_open() -> None:
    rates = (((0.0, HOUR), 1.0), ((2 * HOUR, 3 * HOUR), 3.0))
    stream = Stream(FRONT, "call", rates, Chance(180), count=1000, languages={"it": 0.9, "uk": 0.1})
    came = arrivals(plan(streams=(stream,)), Random(1))
    assert len(came) == 1000
    assert 700 < sum(one.at > 2 * HOUR for one in came) < 800
    assert not any(HOUR < one.at < 2 * HOUR for one in came)
    assert 60 < sum(one.language == "uk" for one in came) < 140


def test_a_lognormal_time_has_the_mean_that_was_asked_for() -> None:
    random = Random(4)
    drawn = [Chance(300, LOGNORMAL, 0.7).draw(random) for _ in range(20_000)]
    assert sum(drawn) / len(drawn) == pytest.approx(300, rel=0.03)


def test_one_run_alone_gives_no_interval_and_many_give_a_narrow_one() -> None:
    assert results.interval([None]) is None
    assert results.interval([3.0]) == results.Interval(3.0, None, 1)
    many = results.interval([3.0, 3.1, 2.9] * 12)
    assert many is not None
    assert many.is_narrow


# --- theory -----------------------------------------------------------------------------------------------------------


def test_callers_who_give_up_are_as_many_as_theory_says() -> None:
    stream = Stream(FRONT, "call", (((0.0, 3 * DAY), 1 / 75),), Chance(300), patience=Chance(180))
    day = plan(*(seat(number, (0.0, 3 * DAY)) for number in range(1, 6)), streams=(stream,), seconds=3 * DAY)
    figures = [results.of_queues(run(day, seed))["queue-1", "call"] for seed in range(8)]
    theory = ErlangA(1 / 75, 300, 5, 180)
    wait, gone = (results.interval(values) for values in ([f.wait for f in figures], [f.abandonment for f in figures]))
    assert wait.mean == pytest.approx(theory.mean_wait, rel=0.1)
    assert gone.mean == pytest.approx(theory.abandons, rel=0.1)


@given(st.integers(0, 1000), st.integers(1, 4))
@settings(max_examples=20)
def test_patient_callers_wait_to_the_second_as_a_line_for_equal_servers_must(seed: int, agents: int) -> None:
    stream = Stream(FRONT, "call", (((0.0, HOUR), 1 / 60),), Chance(150))
    day = plan(*(seat(number) for number in range(1, agents + 1)), streams=(stream,))
    free = [0.0] * agents  # Kiefer and Wolfowitz: whoever comes next is served by the server that is free first
    for waiter in run(day, seed).waiters:
        begins = max(heappop(free), waiter.arrival.at)
        assert waiter.answered_at == pytest.approx(begins)
        heappush(free, begins + waiter.arrival.handling)


# --- laws -------------------------------------------------------------------------------------------------------------


class Law:
    """Looks over the engine's shoulder after every event."""

    def __init__(self) -> None:
        self.offers: Counter[int] = Counter()
        self.circles: dict[tuple[int, int], set[int]] = {}  # by contact and queue

    def __call__(self, engine: Engine) -> None:
        waiting = [waiter for waiter in engine.waiters if waiter.is_open and waiter.offered_to is None]
        self.nobody_has_more_than_fits(engine)
        self.nobody_was_overtaken_by_their_like(engine, waiting)
        self.circles_only_widen(engine, waiting)
        self.nobody_waits_for_whom_there_is_room(engine, waiting)
        self.nobody_waits_longer_than_a_queue_lets_them_while_there_is_a_way_on(engine, waiting)

    def nobody_has_more_than_fits(self, engine: Engine) -> None:
        has = {number: Counter[str]() for number in engine.floor.desks}
        for waiter in engine.waiters:
            queue = engine.queues[waiter.kind.queue]
            if waiter.offered_to is not None and waiter.is_open:
                has[waiter.offered_to][waiter.kind.family] += 1
            elif waiter.answered_by is not None and waiter.answered_at is not None:
                ends = waiter.answered_at + waiter.arrival.handling + queue.wrap_up
                has[waiter.answered_by][waiter.kind.family] += ends > engine.now
        for number, desk in engine.floor.desks.items():
            assert all(has[number][family] <= desk.agent.capacity[family] for family in has[number])
            assert has[number]["call"] + (has[number]["call"] and has[number]["chat"]) <= 1

    def nobody_was_overtaken_by_their_like(self, engine: Engine, waiting: list[Waiter]) -> None:
        fresh = [waiter for waiter in engine.waiters if waiter.offer > self.offers[waiter.id]]
        for waiter in fresh:
            self.offers[waiter.id] = waiter.offer
            overtaken = [
                other
                for other in waiting
                if other.kind == waiter.kind
                and other.place < waiter.place
                and not other.not_to
                and other.contact.last_agent is None
            ]
            assert overtaken == []

    def nobody_waits_longer_than_a_queue_lets_them_while_there_is_a_way_on(
        self, engine: Engine, waiting: list[Waiter]
    ) -> None:
        ways = {queue.line.id: queue.way for queue in engine.plan.queues}
        for waiter in waiting:
            queue, most = waiter.kind.queue, ways[waiter.kind.queue].max_wait
            if most is not None and engine.now - waiter.entered_at > most.total_seconds() + 0.002:
                assert overflowing.onward(queue, waiter.kind.family, waiter.visited, ways) is None

    def circles_only_widen(self, engine: Engine, waiting: list[Waiter]) -> None:
        now = engine.moment(engine.now)
        for waiter in waiting:
            circle = {agent.id for agent in engine.floor.staff if matching.qualifies(agent, waiter.contact, now)}
            here = (waiter.id, waiter.kind.queue)
            assert circle >= self.circles.get(here, set())
            self.circles[here] = circle

    def nobody_waits_for_whom_there_is_room(self, engine: Engine, waiting: list[Waiter]) -> None:
        here = [desk.agent for desk in engine.floor.desks.values() if desk.available]
        now = engine.moment(engine.now)
        for waiter in waiting:
            waited = engine.now - waiter.arrival.at
            # What is reached in this very moment is looked at by an event that comes right after.
            line = waiter.contact.line
            reached = [line.sticky, *(step.after for step in line.steps)]
            due = [1 for after in reached if after and 0 <= waited - after.total_seconds() < 0.002]
            assert due or matching.best(here, waiter.contact, now) is None


spans = st.tuples(st.integers(0, 1800), st.integers(1, 1800)).map(lambda s: (float(s[0]), float(s[0] + s[1])))
levels = st.integers(1, 5)
expressions = st.sampled_from(["TRUE", "level >= 3", "skills.tari >= 2", 'languages HAS "uk"', "NOT level >= 5"])
steps = st.lists(
    st.builds(
        lambda after, text: matching.Step(dt.timedelta(seconds=after), read(text)), st.integers(1, 600), expressions
    ),
    max_size=2,
)


limits = {
    "max_wait": st.none() | st.integers(1, 600).map(lambda n: dt.timedelta(seconds=n)),
    "max_length": st.none() | st.integers(1, 3),
}
in_writing = st.builds(Way, overflow=st.sampled_from(["", "message"]), to=st.none(), **limits)
ways_on = {  # never in circles
    FRONT: st.just(Way()) | in_writing | st.builds(Way, overflow=st.just("queue"), to=st.just(TAXES), **limits),
    TAXES: st.just(Way()) | in_writing,
}


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    queues = [
        queue(
            number,
            strategy=draw(st.sampled_from(sorted(matching.STRATEGIES))),
            requirements=draw(st.sampled_from([None, None, read("skills.tari >= 2"), read("level >= 3")])),
            steps=tuple(draw(steps)),
            sticky=dt.timedelta(seconds=draw(st.sampled_from([0, 120]))),
            priority=draw(st.integers(-1, 1)),
            ageing=draw(st.sampled_from([0.0, 60.0, 600.0])),
            wrap_up=draw(st.sampled_from([0.0, 20.0])),
            openings=draw(st.sampled_from([None, None, ((300.0, 1500.0),)])),
            way=draw(ways_on[number]),
        )
        for number in (FRONT, TAXES)
    ]
    seats = [
        seat(
            number,
            draw(st.sampled_from([(0.0, HOUR), (0.0, HOUR), None])) or draw(spans),
            queues=draw(st.sets(st.sampled_from([FRONT, TAXES]), min_size=1)),
            languages=draw(st.sampled_from([{"it": 5}, {"it": 3, "uk": 4}])),
            skills=draw(st.sampled_from([{}, {"tari": 1}, {"tari": 4}])),
            level=draw(levels),
            capacity=draw(st.sampled_from([matching.CAPACITY, {"call": 1, "chat": 1, "written": 1}])),
        )
        for number in range(1, draw(st.integers(1, 4)) + 1)
    ]
    comes = draw(
        st.lists(
            st.builds(
                Arrival,
                at=st.integers(0, 1200).map(float),
                queue=st.sampled_from([FRONT, TAXES]),
                family=st.sampled_from(matching.FAMILIES),
                handling=st.integers(60, 600).map(float),
                patience=st.just(NEVER) | st.integers(1, 900).map(float),
                language=st.sampled_from(["", "", "it", "uk", "es"]),
                requirements=st.sampled_from(["", "level >= 2"]),
                priority=st.integers(-1, 1),
                citizen=st.sampled_from(["", "", "giulia"]),
            ),
            min_size=12,
            max_size=30,
        )
    )
    answering = Answering(
        delays={"call": Chance(12.0)},
        missed=draw(st.sampled_from([0.0, 0.3])),
        declined=draw(st.sampled_from([0.0, 0.3])),
        back_after=draw(st.sampled_from([0.0, 90.0])),
    )
    return plan(
        *seats, comes=comes, queues=queues, seconds=HOUR, answering=draw(st.sampled_from([Answering(), answering]))
    )


@settings(max_examples=200)
@given(plans(), st.integers(0, 1000))
def test_the_laws_of_the_house_hold_after_every_event_of_every_run(day: Plan, seed: int) -> None:
    done = run(day, seed, watch=Law())
    for figures in results.of_queues(done).values():
        assert figures.offered == figures.answered + figures.abandoned + figures.waiting
    assert sum(f.offered + f.turned_away for f in results.of_queues(done).values()) == len(day.replayed)
    for waiter in done.waiters:
        assert len(set(waiter.visited)) == len(waiter.visited)
        assert (waiter.answered_at is not None) + (waiter.left_at is not None) + waiter.turned_away <= 1
    for desk in done.desks:
        assert sum(desk.spent.values()) == pytest.approx(day.seconds)
