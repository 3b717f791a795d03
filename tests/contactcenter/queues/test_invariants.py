"""Whatever happens in whatever order, the promises of the queue hold: hypothesis plays the office, the clock is virtual."""

import datetime as dt
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from contactcenter.queues import match, offers, parking, presence, roster, states, sweep, transfers, work_items
from contactcenter.queues.models import Agent, AgentLanguage, Offer, Presence, Queue, WorkItem
from contactcenter.queues.presence import OpenWork
from contactcenter.routing import expression, matching
from crm import events
from crm.models import Event, Interaction, Office, User
from tests.conftest import MONDAY_MORNING
from tests.people import person

REFUSALS = (
    work_items.AlreadyTaken, work_items.NotYours, work_items.NoRoom, offers.OfferGone, OpenWork, transfers.NotThere,
    parking.CannotPark,
)  # fmt: skip
PEOPLE = {
    "anna": ({"it": 5, "uk": 3}, (1, 2, 2)),
    "bruno": ({"it": 5}, (1, 1, 3)),
    "chiara": ({"it": 4, "en": 4}, (0, 3, 1)),
}
WHO = st.sampled_from(sorted(PEOPLE))
ENDINGS = {"done", "abandoned"}


class Office_(RuleBasedStateMachine):
    """Three agents, two queues, citizens who come and go, browsers that fall asleep."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.clock = time_machine.travel(MONDAY_MORNING, tick=False)
        self.traveller = self.clock.start()
        self.came = 0
        roster.forget()

    def teardown(self) -> None:
        self.clock.stop()
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)
        roster.forget()

    @initialize()
    def opens(self) -> None:
        office = Office.objects.create(slug="sportello", name="Sportello")
        steps = [{"after": 60, "requirements": "level >= 3"}, {"after": 120, "requirements": "TRUE"}]
        self.queues = [
            Queue.objects.create(slug="uno", name="Uno", office=office, wrap_up_seconds=20),
            Queue.objects.create(slug="due", name="Due", office=office, requirements="level >= 5", steps=steps),
        ]
        self.people = {}
        for username, (languages, slots) in PEOPLE.items():
            user = self.people[username] = person(username, username.title(), "R", "agent", office)
            call, chat, written = slots
            agent = Agent.objects.create(
                user=user, call_slots=call, chat_slots=chat, written_slots=written, level=len(languages) + 1
            )
            AgentLanguage.objects.bulk_create(
                [AgentLanguage(agent=agent, language=code, level=level) for code, level in languages.items()]
            )

    # --- what may happen ---

    @rule(
        family=st.sampled_from(matching.FAMILIES), language=st.sampled_from(["", "it", "uk", "en", "sq"]),
        queue=st.integers(0, 1), priority=st.integers(-1, 2),
    )  # fmt: skip
    def somebody_comes(self, family: str, language: str, queue: int, priority: int) -> None:
        line, now = self.queues[queue], timezone.now()
        interaction = Interaction.objects.create(
            account="", family=family, queue=line.slug, office=line.office, opened_at=now
        )
        _item, fact = work_items.enqueue(
            interaction=interaction, queue=line, priority=priority, at=now, language=language
        )
        events.record(fact)
        self.came += 1

    @rule(seconds=st.sampled_from([1, 10, 25, 40, 61, 130]))
    def time_passes(self, seconds: int) -> None:
        self.traveller.shift(seconds)

    @rule(who=WHO)
    def gives_a_heartbeat(self, who: str) -> None:
        presence.heartbeat(self.people[who])

    @rule(
        who=WHO,
        status=st.sampled_from(["available", "available", "away", "offline"]),
        handover=st.sampled_from(["", "keep", "release"]),
    )
    def changes(self, who: str, status: str, handover: str) -> None:
        self._try(presence.change, user=self.people[who], status=status, handover=handover)

    @rule(who=WHO)
    def wants_a_break_after_this(self, who: str) -> None:
        presence.break_after_this(user=self.people[who])

    @rule()
    def the_clock_sweeps(self) -> None:
        sweep.sweep(timezone.now())

    @rule(who=WHO)
    def accepts(self, who: str) -> None:
        for offer in offers.pending_of(self.people[who])[:1]:
            self._try(offers.accept, offer=offer, actor=self.people[who])

    @rule(who=WHO)
    def declines(self, who: str) -> None:
        for offer in offers.pending_of(self.people[who])[:1]:
            self._try(offers.decline, offer=offer, actor=self.people[who])

    @rule(who=WHO)
    def takes_the_next(self, who: str) -> None:
        self._try(work_items.take_next, actor=self.people[who])

    @rule(who=WHO, n=st.integers(0, 20))
    def picks_one(self, who: str, n: int) -> None:
        if item := self._nth(WorkItem.objects.order_by("id"), n):
            self._try(work_items.claim, item=item, actor=self.people[who])

    @rule(who=WHO, n=st.integers(0, 5), verb=st.sampled_from(["finish", "release", "close_for_wrap_up"]))
    def ends_one(self, who: str, n: int, verb: str) -> None:
        if item := self._nth(WorkItem.objects.filter(owner=self.people[who]).order_by("id"), n):
            self._try(getattr(work_items, verb), item=item, actor=self.people[who])

    @rule(who=WHO, n=st.integers(0, 5), minutes=st.sampled_from([0, 1]))
    def parks_one(self, who: str, n: int, minutes: int) -> None:
        if item := self._nth(WorkItem.objects.filter(owner=self.people[who]).order_by("id"), n):
            until = timezone.now() + dt.timedelta(minutes=minutes) if minutes else None
            self._try(parking.park, item=item, actor=self.people[who], until=until)

    @rule(who=WHO, to=WHO, n=st.integers(0, 5))
    def hands_one_on(self, who: str, to: str, n: int) -> None:
        if item := self._nth(WorkItem.objects.filter(owner=self.people[who]).order_by("id"), n):
            self._try(transfers.to_person, item=item, person=self.people[to], actor=self.people[who])

    @rule(n=st.integers(0, 20))
    def somebody_leaves(self, n: int) -> None:
        if item := self._nth(WorkItem.objects.filter(state__in=["waiting", "offered"]).order_by("id"), n):
            assert item.interaction is not None
            work_items.abandon(interaction=item.interaction, at=timezone.now())

    def _try(self, verb: Any, **arguments: Any) -> None:
        try:
            with transaction.atomic():
                verb(**arguments)
        except REFUSALS:
            pass  # refusing is fine; what must hold holds all the same

    @staticmethod
    def _nth(rows: Any, n: int) -> WorkItem | None:
        found = list(rows.select_related("queue", "interaction"))
        return found[n % len(found)] if found else None

    # --- what must hold at every moment ---

    @invariant()
    def an_item_is_offered_to_one_or_to_none(self) -> None:
        pending = Counter(Offer.objects.filter(state="pending").values_list("item", flat=True))
        assert set(pending.values()) <= {1}
        assert set(pending) == set(WorkItem.objects.filter(state="offered").values_list("pk", flat=True))

    @invariant()
    def nobody_has_more_than_they_can_carry(self) -> None:
        for username, (_languages, slots) in PEOPLE.items():
            if user := User.objects.filter(username=username).first():
                used = states.load(user).used
                assert all(used.get(family, 0) <= n for family, n in zip(matching.FAMILIES, slots, strict=True)), used
                assert not (used.get("call") and used.get("chat")), used

    @invariant()
    def who_came_waits_or_is_served_or_has_ended(self) -> None:
        by_state = Counter(WorkItem.objects.values_list("state", flat=True))
        assert sum(by_state.values()) == self.came
        ended = Interaction.objects.filter(work_items__state__in=ENDINGS).count()
        assert ended == sum(by_state[state] for state in ENDINGS)

    @invariant()
    def the_routing_state_is_what_follows(self) -> None:
        for row in Presence.objects.select_related("user"):
            assert row.routing == states.routing_of(row, states.load(row.user))

    @invariant()
    def no_moment_of_anybody_is_lost_or_counted_twice(self) -> None:
        told = Event.objects.filter(name="agent.state_changed").order_by("id")
        for actor in {fact.actor_id for fact in told}:
            own = [fact for fact in told if fact.actor_id == actor]
            assert own[0].data["from"] == "offline"
            assert all(one.data["to"] == two.data["from"] and one.at <= two.at for one, two in pairwise(own))

    @precondition(lambda self: self.came)
    @rule()
    def after_matching_nobody_waits_while_a_qualified_agent_has_room(self) -> None:
        now = timezone.now()
        match.run(now)
        lines, people = roster.known().lines, roster.present()
        declined = Offer.objects.filter(state__in=["declined", "expired"], ended_at__gt=now - matching.PASSED_OVER)
        not_to = set(declined.values_list("item", "agent"))
        for item in WorkItem.objects.filter(state="waiting"):
            contact = matching.Contact(item.pk, lines[item.queue_id], item.family, item.queued_at, item.language)
            idle = [
                user
                for user, agent in people.items()
                if matching.fits(agent, contact, now) and (item.pk, user) not in not_to
            ]
            assert not idle, f"item {item.pk} waits while {idle} could take it"


@pytest.mark.django_db
def test_the_promises_hold_whatever_happens() -> None:
    how = settings(max_examples=20, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Office_, settings=how)


LEVELS = st.integers(1, 5)
SKILLS = st.dictionaries(st.sampled_from(["tributi", "anagrafe", "stranieri"]), LEVELS)
TEXTS = st.sampled_from(['skills HAS "tributi"', "level >= 4", 'languages HAS "uk"', "skills.anagrafe >= 3", "TRUE"])


@given(
    people=st.lists(st.tuples(SKILLS, LEVELS, st.booleans()), min_size=1, max_size=6), wanted=TEXTS,
    steps=st.lists(st.tuples(st.integers(1, 300), TEXTS), max_size=4), waits=st.lists(st.integers(0, 400), min_size=2),
)  # fmt: skip
def test_waiting_only_ever_widens_the_circle(
    people: list[tuple[dict[str, int], int, bool]], wanted: str, steps: list[tuple[int, str]], waits: list[int]
) -> None:
    line = matching.Line(
        1, requirements=expression.read(wanted),
        steps=tuple(matching.Step(dt.timedelta(seconds=after), expression.read(text)) for after, text in steps),
    )  # fmt: skip
    contact = matching.Contact(1, line, "chat", MONDAY_MORNING, language="it")
    able = [
        matching.Agent(
            n,
            frozenset({1}),
            expression.Attributes({"it" if speaks else "en": 5}, skills, frozenset(), frozenset(), level),
        )
        for n, (skills, level, speaks) in enumerate(people)
    ]
    circles = [
        {agent.id for agent in able if matching.qualifies(agent, contact, MONDAY_MORNING + dt.timedelta(seconds=wait))}
        for wait in sorted(waits)
    ]
    assert all(earlier <= later for earlier, later in pairwise(circles))
    assert all("it" in able[n].attributes.languages for n in circles[-1])
