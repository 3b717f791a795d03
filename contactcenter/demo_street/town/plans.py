"""Who wrote what when, and who answered: decided before any row is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from contactcenter.accounts.models import ChannelAccount
from contactcenter.demo_street.town import scripts
from contactcenter.demo_street.town.scripts import Exchange, Person
from contactcenter.demo_street.town.timetable import WAKING_HOURS, Hours, spread
from contactcenter.queues.models import Queue
from contactcenter.sla import office_calendars
from contactcenter.sla.calendars import Calendar
from contactcenter.sla.models import OfficeCalendar
from crm.models import Grant, Topic, User

WEEK = timedelta(days=7)
RECENT = 7  # chats of the last two hours: from these the wait of a newcomer is reckoned
CASE_MARK = "{numero}"


@dataclass(frozen=True)
class Plan:
    """One exchange, with its people and the instant of every turn."""

    key: str  # unguessable enough for a demo, and always the same
    exchange: Exchange
    person: Person
    account: ChannelAccount
    queue: Queue
    topic: Topic | None
    agent: User | None  # None while nobody has it
    times: tuple[datetime, ...]  # of the turns
    claimed_at: datetime | None
    ended_at: datetime | None

    @property
    def opened_at(self) -> datetime:
        return self.times[0]

    @property
    def case_at(self) -> datetime | None:
        """When its case was opened: with the first word, or when an agent first named a number."""
        if self.account.opens_case:
            return self.opened_at
        if not self.exchange.case:
            return None
        named = (at for at, turn in zip(self.times, self.exchange.turns, strict=True) if CASE_MARK in turn.text)
        return next(named, self.ended_at)


class Planner:
    """Lays the exchanges of the data files out over the week before `now`."""

    def __init__(self, now: datetime, zone: str) -> None:
        self.now = now
        self.zone = zone
        first, last = now - WEEK - timedelta(days=4), now + timedelta(days=4)
        self.office = Hours(self._calendar(), first, last)
        self.accounts = {row.slug: row for row in ChannelAccount.objects.select_related("queue__office")}
        self.queues = {row.slug: row for row in Queue.objects.select_related("office").prefetch_related("topics")}
        self.topics = {row.slug: row for row in Topic.objects.all()}
        self.agents = list(
            User.objects.filter(grants__role=Grant.Role.AGENT).distinct().order_by("id").prefetch_related("grants")
        )
        self.offices = {agent.pk: {grant.office_id for grant in agent.grants.all()} for agent in self.agents}

    def plans(self) -> list[Plan]:
        """Every conversation, oldest first."""
        told = [*self._past(), *self._open()]
        return sorted(told, key=lambda plan: plan.opened_at)

    def _past(self) -> Iterator[Plan]:
        told = [
            (exchange, n) for exchange in scripts.exchanges() if not exchange.is_open for n in range(exchange.times)
        ]
        told.sort(key=lambda pair: spread(f"{pair[0].slug} {pair[1]}", 0, 1))
        live = [pair for pair in told if self._is_live(pair[0])]
        recent = [pair for pair in live if self._queue(pair[0]) == self.accounts[pair[0].account].queue][:RECENT]
        people = iter(self._people(len(told)))
        for number, (exchange, n) in enumerate(recent):
            yield self._chat(exchange, n, next(people), self.now - timedelta(minutes=112 - 14 * number))
        live = [pair for pair in live if pair not in recent]
        last = self.now - timedelta(hours=2)
        busy = Hours(self._calendar(), self.now - WEEK, last)
        for number, (exchange, n) in enumerate(live):
            yield self._chat(exchange, n, next(people), busy.place(number, len(live), exchange.slug))
        written = [pair for pair in told if not self._is_live(pair[0])]
        awake = Hours(Calendar(zone=self.zone, week=WAKING_HOURS), self.now - WEEK, last)
        for number, (exchange, n) in enumerate(written):
            yield self._letter(exchange, n, next(people), awake.place(number, len(written), exchange.slug))

    def _calendar(self) -> Calendar:
        """Of the offices; every queue that has one keeps to it."""
        return office_calendars.calendar_of(OfficeCalendar.objects.get())

    def _open(self) -> Iterator[Plan]:
        told = [exchange for exchange in scripts.exchanges() if exchange.is_open]
        known: set[Person] = set()
        for number, exchange in enumerate(told):
            offers = (self._speaker(exchange, number * 5 + n) for n in range(len(scripts.people())))
            person = next(offer for offer in offers if offer not in known)  # nobody stands in two lines at once
            known.add(person)
            agent = next((agent for agent in self.agents if agent.username == exchange.owner), None)
            times = _in_a_row(self.now - timedelta(minutes=exchange.age), exchange)
            claimed = times[0] + timedelta(seconds=20) if agent else None
            yield self._plan(exchange, 0, person, agent, times, claimed, None)

    def _people(self, count: int) -> list[int]:
        return [number * 7 for number in range(count)]

    def _speaker(self, exchange: Exchange, number: int) -> Person:
        """Somebody who speaks the language of the exchange, another one for each number."""
        able = [
            person
            for person in scripts.people()
            if person.language == exchange.language and exchange.writer in ("", person.gender)
        ]
        return able[number % len(able)]

    def _is_live(self, exchange: Exchange) -> bool:
        return self.accounts[exchange.account].adapter_class.abilities.live

    def _queue(self, exchange: Exchange) -> Queue:
        of_topic = (queue for queue in self.queues.values() if exchange.topic in {t.slug for t in queue.topics.all()})
        return next(of_topic, self.queues[self.accounts[exchange.account].queue.slug])

    def _agent(self, exchange: Exchange, key: str) -> User:
        office = self._queue(exchange).office_id
        able = [agent for agent in self.agents if office in self.offices[agent.pk]]
        return able[int(spread(f"{key} agent", 0, len(able)))]

    def _chat(self, exchange: Exchange, n: int, person: int, start: datetime) -> Plan:
        key = f"{exchange.slug} {n}"
        claimed = start + timedelta(seconds=spread(f"{key} wait", 12, 190))
        times = [start]
        for turn in exchange.turns[1:]:
            at = times[-1] + timedelta(minutes=turn.pause * spread(f"{key} {len(times)}", 0.8, 1.3))
            times.append(at if turn.who == "in" else max(at, claimed + timedelta(seconds=25)))
        ended = times[-1] + timedelta(seconds=spread(f"{key} end", 15, 90))
        speaker = self._speaker(exchange, person)
        return self._plan(exchange, n, speaker, self._agent(exchange, key), tuple(times), claimed, ended)

    def _letter(self, exchange: Exchange, n: int, person: int, start: datetime) -> Plan:
        """A mail or a program's message; what would end in the future happened some days earlier."""
        key = f"{exchange.slug} {n}"
        times, claimed = self._pace(exchange, key, start)
        while times[-1] > self.now - timedelta(minutes=10):
            start -= timedelta(days=1)
            times, claimed = self._pace(exchange, key, start)
        ended = times[-1] + timedelta(seconds=spread(f"{key} end", 40, 300))
        speaker = self._speaker(exchange, person)
        return self._plan(exchange, n, speaker, self._agent(exchange, key), tuple(times), claimed, ended)

    def _pace(self, exchange: Exchange, key: str, start: datetime) -> tuple[list[datetime], datetime]:
        claimed = self.office.later(start, spread(f"{key} wait", 12, 190))
        times = [start]
        for turn in exchange.turns[1:]:
            pause = turn.pause * spread(f"{key} {len(times)}", 0.8, 1.3)
            after = max(times[-1], claimed) if turn.who != "in" else times[-1]
            times.append(after + timedelta(minutes=pause) if turn.who == "in" else self.office.later(after, pause))
        return times, claimed

    def _plan(
        self, exchange: Exchange, n: int, person: Person, agent: User | None, times: tuple[datetime, ...],
        claimed: datetime | None, ended: datetime | None,
    ) -> Plan:  # fmt: skip
        account, queue = self.accounts[exchange.account], self._queue(exchange)
        return Plan(
            key=f"{exchange.slug} {n}", exchange=exchange, person=person, account=account, queue=queue,
            topic=self.topics.get(exchange.topic), agent=agent, times=times, claimed_at=claimed, ended_at=ended,
        )  # fmt: skip


def _in_a_row(start: datetime, exchange: Exchange) -> tuple[datetime, ...]:
    times = [start]
    for turn in exchange.turns[1:]:
        times.append(times[-1] + timedelta(minutes=turn.pause))
    return tuple(times)
