"""The virtual clock: events in order of time, and after each the offers that can be made.

Deciding is left to `routing.matching`, the very functions of the house. What is different is only how they are called: a
change asks for those kinds of contacts that it can help, and of each kind the first speaks for all behind it. So after
every event nobody waits while somebody who may take them has room, exactly as after a run of the house's own matcher.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from itertools import count
from random import Random

from contactcenter.routing import expression, matching, overflowing
from contactcenter.routing.overflowing import Place
from contactcenter.routing.simulation import flow
from contactcenter.routing.simulation.arrivals import arrivals
from contactcenter.routing.simulation.desks import Desk, Floor
from contactcenter.routing.simulation.plan import Arrival, Chance, Plan
from contactcenter.routing.simulation.waiting import Kind, Lane, Waiter

AT_ONCE = Chance(0.0, "fixed")
A_MOMENT = 0.001  # seconds, so that a step is reached for certain when it is looked at
PASSED_OVER = matching.PASSED_OVER.total_seconds()


@dataclass(frozen=True)
class Run:
    """What came of one run: everybody who came, and everybody who worked."""

    plan: Plan
    waiters: list[Waiter]
    desks: list[Desk]


def run(plan: Plan, seed: int = 0, watch: Callable[[Engine], None] | None = None) -> Run:
    """One run of a plan; the same seed gives the same run. `watch` is shown the engine after every event."""
    engine = Engine(plan, seed)
    engine.go(watch)
    return Run(plan, engine.waiters, list(engine.floor.desks.values()))


class Engine:
    def __init__(self, plan: Plan, seed: int = 0) -> None:
        self.plan, self.now = plan, 0.0
        self.queues = {queue.line.id: queue for queue in plan.queues}
        self.floor = Floor(plan.seats)
        self.waiters: list[Waiter] = []
        self.lanes: dict[Kind, Lane] = {}
        self._random = Random(f"answers {seed}")  # nosec B311 - a game of chance, no secret
        self._number = count()
        self._last: dict[str, int] = {}  # citizen → id of the agent they talked with last
        self._events: list[tuple[float, int, Callable[..., None], tuple[object, ...]]] = []
        self._ways, self._languages = flow.ways(plan), flow.languages(plan)
        self._in_line: Counter[int] = Counter()  # waiting or being offered, by queue
        self._sticky = any(queue.line.sticky for queue in plan.queues)
        self._fill(arrivals(plan, Random(f"arrivals {seed}")))  # nosec B311

    def _fill(self, everybody: list[Arrival]) -> None:
        for desk in self.floor.desks.values():
            for begin, end in desk.seat.present:
                self._events.append((begin, next(self._number), self._sits_down, (desk,)))
                self._events.append((end, next(self._number), self._gets_up, (desk,)))
        self._events += [(arrival.at, next(self._number), self._arrives, (arrival,)) for arrival in everybody]
        heapify(self._events)

    def go(self, watch: Callable[[Engine], None] | None = None) -> None:
        while self._events and self._events[0][0] < self.plan.seconds:
            self.now, _number, happens, what = heappop(self._events)
            happens(*what)
            if watch is not None:
                watch(self)
        self.now = self.plan.seconds
        for desk in self.floor.desks.values():
            desk.account(self.now)

    def moment(self, at: float) -> datetime:
        return self.plan.begins + timedelta(seconds=at)

    def _later(self, seconds: float, happens: Callable[..., None], *what: object) -> None:
        heappush(self._events, (self.now + seconds, next(self._number), happens, what))

    # --- contacts ---

    def _arrives(self, arrival: Arrival) -> None:
        led_to = self.queues[arrival.queue]
        if arrival.family in led_to.turns_away and not led_to.is_open(self.now):
            waiter = self._waiter(arrival, Place(arrival.queue, arrival.family))
            waiter.turned_away = True
            self.waiters.append(waiter)
            return
        entry = overflowing.at_entry(arrival.queue, arrival.family, self._ways, self._is_full)
        waiter = self._waiter(arrival, entry)
        self.waiters.append(waiter)
        if arrival.patience < self.plan.seconds:
            self._later(arrival.patience, self._gives_up, waiter)
        self._enters(waiter)

    def _enters(self, waiter: Waiter) -> None:
        """The line of a queue; moments at which something may change for it there are noted."""
        self._in_line[waiter.kind.queue] += 1
        line, way, waited = waiter.contact.line, self._ways[waiter.kind.queue], self.now - waiter.arrival.at
        moments = [step.after.total_seconds() for step in line.steps]
        if line.sticky and waiter.contact.last_agent is not None:
            moments.append(line.sticky.total_seconds())
        for after in moments:
            if after + A_MOMENT > waited:
                self._later(after + A_MOMENT - waited, self._looks_again, waiter)
        if way.max_wait is not None:
            self._later(way.max_wait.total_seconds() + A_MOMENT, self._has_waited, waiter)
        self._waits(waiter)
        self._match([self._lane(waiter)])

    def _is_full(self, queue: int) -> bool:
        most = self._ways[queue].max_length
        return most is not None and self._in_line[queue] >= most

    def _waits(self, waiter: Waiter) -> None:
        """At its place, or further on, where it has been in this line for too long, or the line is too long."""
        queue = waiter.kind.queue
        self._lane(waiter).add(waiter)
        self._has_waited(waiter)
        for other in flow.too_many(queue, self._ways[queue], self.lanes.values(), self.waiters):
            self._flows_on(other)

    def _has_waited(self, waiter: Waiter) -> None:
        is_in_line = waiter.is_open and waiter.offered_to is None
        if is_in_line and flow.is_due(waiter, self._ways[waiter.kind.queue], self.now):
            self._flows_on(waiter)

    def _flows_on(self, waiter: Waiter) -> None:
        kind = waiter.kind
        place = overflowing.onward(kind.queue, kind.family, waiter.visited, self._ways)
        if place is None:
            return
        self._lane(waiter).remove(waiter)
        self._in_line[kind.queue] -= 1
        waiter.flowed.append((kind.queue, kind.family))
        queue, language = self.queues[place.queue], kind.language
        if place.queue != kind.queue:
            waiter.entered_at = self.now
            language = language if language in self._languages[place.queue] else ""  # else it waits in vain
            kind = kind._replace(queue=place.queue, priority=queue.priority)
        waiter.kind = kind._replace(family=place.family, language=language)
        waiter.rank = queue.rank(waiter.kind.priority, waiter.arrival.at)
        waiter.contact = replace(waiter.contact, line=queue.line, family=place.family, language=language)
        self._enters(waiter)

    def _waiter(self, arrival: Arrival, entry: Place) -> Waiter:
        queue = self.queues[entry.queue]
        priority = queue.priority + arrival.priority
        elsewhere = entry.queue != arrival.queue and arrival.language not in self._languages[entry.queue]
        language = "" if elsewhere else arrival.language
        contact = matching.Contact(
            id=len(self.waiters),
            line=queue.line,
            family=entry.family,
            queued_at=self.moment(self.now),
            language=language,
            requirements=expression.read(arrival.requirements) if arrival.requirements else None,
            last_agent=self._last.get(arrival.citizen) if arrival.citizen else None,
        )
        kind = Kind(entry.queue, entry.family, language, arrival.requirements, priority)
        flowed = [(visited, arrival.family) for visited in entry.visited]
        return Waiter(contact.id, arrival, kind, queue.rank(priority, self.now), contact, self.now, flowed)

    def _lane(self, waiter: Waiter) -> Lane:
        lane = self.lanes.get(waiter.kind)
        if lane is None:
            lane = self.lanes[waiter.kind] = Lane(waiter.kind)
        return lane

    def _looks_again(self, waiter: Waiter) -> None:
        """Time has widened the circle of those who may have it."""
        if waiter.is_open and waiter.offered_to is None:
            self._match([self._lane(waiter)])

    def _gives_up(self, waiter: Waiter) -> None:
        is_answered_in_writing = (
            waiter.kind.family != waiter.arrival.family
        )  # they were told so, and don't wait any more
        if not waiter.is_open or is_answered_in_writing:
            return
        waiter.left_at = self.now
        self._in_line[waiter.kind.queue] -= 1
        if waiter.offered_to is None:
            self._lane(waiter).remove(waiter)
        else:
            self._freed(self._take_back(waiter))

    # --- people ---

    def _sits_down(self, desk: Desk) -> None:
        desk.account(self.now)
        desk.here, desk.missing, desk.idle_since = True, False, self.moment(self.now)
        self._freed(desk)

    def _gets_up(self, desk: Desk) -> None:
        """For a break or for the day: nothing new, and what was being offered goes back to its place."""
        desk.account(self.now)
        desk.here = False
        self.floor.update(desk)
        asked = list(self._asked(desk)) if any(desk.offered.values()) else []
        for waiter in asked:
            self._take_back(waiter)
            self._waits(waiter)
        if asked or self._sticky:
            self._match(self.lanes.values())

    def _asked(self, desk: Desk) -> Iterable[Waiter]:
        return (waiter for waiter in self.waiters if waiter.is_open and waiter.offered_to == desk.agent.id)

    def _is_back(self, desk: Desk) -> None:
        if desk.missing:
            desk.account(self.now)
            desk.missing = False
            self._freed(desk)

    def _freed(self, desk: Desk) -> None:
        """There may be room at this desk."""
        self.floor.update(desk)
        if desk.available:
            self._match(lane for kind, lane in self.lanes.items() if kind.queue in desk.agent.queues)

    # --- offers ---

    def _offer(self, waiter: Waiter, agent: matching.Agent) -> None:
        desk, family = self.floor.desks[agent.id], waiter.kind.family
        self._lane(waiter).remove(waiter)
        desk.account(self.now)
        desk.offered[family] += 1
        self.floor.update(desk)
        waiter.offer, waiter.offered_to = waiter.offer + 1, agent.id
        happens, after = self._accepts, 0.0
        answering, lasts = self.plan.answering, waiter.contact.line.lasts(family).total_seconds()
        if not answering.is_instant:
            after = answering.delays.get(family, AT_ONCE).draw(self._random)
            if self._random.random() < answering.missed or after >= lasts:
                happens, after = self._expires, lasts
            elif self._random.random() < answering.declined:
                happens = self._declines
        self._later(after, happens, waiter, waiter.offer)

    def _take_back(self, waiter: Waiter) -> Desk:
        """The offer is over; nobody is blamed."""
        if waiter.offered_to is None:
            raise RuntimeError("Only an offer that was made is taken back.")
        desk = self.floor.desks[waiter.offered_to]
        desk.account(self.now)
        desk.offered[waiter.kind.family] -= 1
        waiter.offered_to = None
        self.floor.update(desk)
        return desk

    def _is_over(self, waiter: Waiter, offer: int) -> bool:
        return waiter.offer != offer or waiter.offered_to is None

    def _accepts(self, waiter: Waiter, offer: int) -> None:
        if self._is_over(waiter, offer):
            return
        desk, queue = self._take_back(waiter), self.queues[waiter.kind.queue]
        self._in_line[waiter.kind.queue] -= 1
        desk.own[waiter.kind.family] += 1
        self.floor.update(desk)
        waiter.answered_at, waiter.answered_by = self.now, desk.agent.id
        if waiter.arrival.citizen:
            self._last[waiter.arrival.citizen] = desk.agent.id
        self._later(waiter.arrival.handling + queue.wrap_up, self._finishes, waiter, desk)

    def _finishes(self, waiter: Waiter, desk: Desk) -> None:
        desk.account(self.now)
        desk.own[waiter.kind.family] -= 1
        desk.idle_since = self.moment(self.now)
        self._freed(desk)

    def _declines(self, waiter: Waiter, offer: int) -> None:
        if not self._is_over(waiter, offer):
            self._passes_over(waiter, self._take_back(waiter))

    def _expires(self, waiter: Waiter, offer: int) -> None:
        if self._is_over(waiter, offer):
            return
        desk = self._take_back(waiter)
        desk.missing = True
        self.floor.update(desk)
        self._later(self.plan.answering.back_after, self._is_back, desk)
        self._passes_over(waiter, desk)

    def _passes_over(self, waiter: Waiter, desk: Desk) -> None:
        """Back to its place, and for a while to others only."""
        waiter.not_to[desk.agent.id] = self.now + PASSED_OVER
        waiter.contact = replace(waiter.contact, not_to=frozenset(waiter.not_to))
        self._later(PASSED_OVER, self._asks_anew, waiter)
        self._waits(waiter)
        self._match(self.lanes.values())

    def _asks_anew(self, waiter: Waiter) -> None:
        waiter.not_to = {agent: until for agent, until in waiter.not_to.items() if until > self.now}
        waiter.contact = replace(waiter.contact, not_to=frozenset(waiter.not_to))
        self._looks_again(waiter)

    # --- matching ---

    def _match(self, lanes: Iterable[Lane]) -> None:
        """Along these lanes at once, in the order of the line, until nobody in them fits anybody."""
        ahead = [(*head, 0, lane) for lane in lanes if (head := lane.head()) and self._may_help(lane)]
        heapify(ahead)
        now = self.moment(self.now)
        while ahead:
            _rank, who, skip, lane = heappop(ahead)
            waiter = self.waiters[who]
            agent = self._best(waiter, lane, now)
            if agent is not None:
                self._offer(waiter, agent)
            elif not self._has_reasons_of_its_own(waiter, now):
                continue  # and so do all behind it
            else:
                skip += 1
            if (head := lane.head(skip)) and self._may_help(lane):
                heappush(ahead, (*head, skip, lane))

    def _may_help(self, lane: Lane) -> bool:
        return self.floor.has_room(lane.kind.family)

    def _best(self, waiter: Waiter, lane: Lane, now: datetime) -> matching.Agent | None:
        contact, able = waiter.contact, lane.able(waiter, self.floor.staff, now)
        here = self.floor.free(lane.kind.family, able)
        familiar = self.floor.available(contact.last_agent)
        if familiar is not None and all(agent.id != familiar.id for agent in here):
            here.append(familiar)  # without room, but perhaps worth waiting for
        return matching.best(here, contact, now) if here else None

    @staticmethod
    def _has_reasons_of_its_own(waiter: Waiter, now: datetime) -> bool:
        contact = waiter.contact
        sticks = contact.last_agent is not None and now - contact.queued_at < contact.line.sticky
        return bool(contact.not_to) or sticks
