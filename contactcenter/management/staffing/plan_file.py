"""A staffing plan from a TOML file, as docs/simulation.md explains it, into what the simulation runs."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from contactcenter.management.staffing.hours import Days
from contactcenter.management.staffing.replay import replayed
from contactcenter.management.staffing.toml_table import TomlTable, WrongPlan
from contactcenter.queues.checking import OFFER_LASTS
from contactcenter.routing import expression, matching, overflowing
from contactcenter.routing.expression import Attributes, Expression
from contactcenter.routing.overflowing import Way
from contactcenter.routing.simulation.arrivals import expected
from contactcenter.routing.simulation.plan import (
    EXPONENTIAL,
    SHAPES,
    Answering,
    Arrival,
    Chance,
    Plan,
    PlannedQueue,
    Seat,
    Span,
    Stream,
)
from contactcenter.sla import checking

LARGEST = 2_000_000  # bytes
MOST_CONTACTS = 2_000_000
MOST_AGENTS = 2_000
MOST_DAYS = 366
WEEK_SECONDS = 7 * 86_400.0
OVERFLOWS = (overflowing.STAYS, overflowing.QUEUE, overflowing.MESSAGE)
TURN_AWAY, WAIT = "turn away", "wait"


def read_plan(path: Path, agents: dict[str, int] | None = None) -> Plan:
    """Raises `WrongPlan`. `agents`: other numbers of people by group ("" = of the only group there is)."""
    return Reader(TomlTable(_parsed(path)), path.parent, dict(agents or {})).plan()


def _parsed(path: Path) -> dict[str, object]:
    try:
        if path.stat().st_size > LARGEST:
            raise WrongPlan(
                str(path), _("This file is too large for a plan. Replay contacts from a CSV file beside it.")
            )
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongPlan(
            str(path),
            _("The file can't be read: %(why)s. Check its name and rights.") % {"why": error.strerror or error},
        ) from None
    except UnicodeDecodeError:
        raise WrongPlan(str(path), _("The file isn't UTF-8 text. Save it as UTF-8.")) from None
    except tomllib.TOMLDecodeError as error:
        raise WrongPlan(str(path), _("This isn't TOML: %(why)s.") % {"why": error}) from None


@dataclass
class Reader:
    top: TomlTable
    folder: Path
    agents: dict[str, int]

    def plan(self) -> Plan:
        name = self.top.text("name", "…")
        self.days = self._days()
        self._onward: list[tuple[TomlTable, str, str]] = []
        self.queues = self._queues()
        seats = self._seats()
        streams, replays = self._arrivals()
        answering = self._answering()
        self.top.done()
        if sum(map(expected, streams)) > MOST_CONTACTS:
            raise WrongPlan("arrivals", _("More than two million contacts would come. Lower the rates or the days."))
        return Plan(
            name, self.days.begins, self.days.seconds, tuple(self.queues.values()), tuple(seats), tuple(streams),
            tuple(replays), answering,
        )  # fmt: skip

    def _days(self) -> Days:
        zone = self.top.text("zone", settings.TIME_ZONE)
        if zone not in checking.zones():
            raise self.top.wrong("zone", _("This is not a time zone. Write one such as Europe/Rome."))
        days = Days(
            zone, self.top.day("begins"), self.top.whole("days", least=1, most=MOST_DAYS),
            self.top.text("holidays", ""), self.top.text("subdivision", ""),
        )  # fmt: skip
        days.check(self.top)
        return days

    # --- queues ---

    def _queues(self) -> dict[str, PlannedQueue]:
        found: dict[str, PlannedQueue] = {}
        for number, table in enumerate(self.top.tables("queues", lambda values: str(values.get("slug", ""))[:50]), 1):
            queue = self._queue(number, table)
            if queue.slug in found:
                raise table.wrong("slug", _("There are two queues of this name. Rename one."))
            found[queue.slug] = queue
        self._connect(found)
        if not found:
            raise WrongPlan("queues", _("There is no queue. Add at least one [[queues]] table."))
        return found

    def _queue(self, number: int, table: TomlTable) -> PlannedQueue:
        queue = PlannedQueue(
            line=self._line(number, table),
            slug=table.text("slug"),
            priority=table.whole("priority", 0, least=-1000, most=1000),
            ageing=table.number("ageing", 600.0, most=WEEK_SECONDS),
            wrap_up=table.number("wrap_up", 0.0, most=86_400),
            targets=self._targets(table),
            openings=self.days.openings(table, "hours") if "hours" in table else None,
            turns_away=self._turns_away(table.table("outside")),
            way=self._way(table),
        )
        table.done()
        return queue

    def _way(self, table: TomlTable) -> Way:
        """Without the other queue, which may stand further down."""
        overflow = table.choice("overflow", OVERFLOWS, overflowing.STAYS)
        if "overflow_to" in table or overflow == overflowing.QUEUE:
            self._onward.append((table, table.text("slug"), table.text("overflow_to")))
        wait = table.number("max_wait", least=1, most=WEEK_SECONDS) if "max_wait" in table else None
        length = table.whole("max_length", least=1, most=100_000) if "max_length" in table else None
        return Way(timedelta(seconds=wait) if wait is not None else None, length, overflow)

    def _connect(self, queues: dict[str, PlannedQueue]) -> None:
        """Each with the queue it overflows to. Raises `WrongPlan` for a way that would come back."""
        for table, slug, to in self._onward:
            if to not in queues or queues[slug].way.overflow != overflowing.QUEUE:
                sentence = _('Name another queue of the plan here, together with overflow = "queue".')
                raise table.wrong("overflow_to", sentence)
            queues[slug] = replace(queues[slug], way=replace(queues[slug].way, to=queues[to].line.id))
        ways = {queue.line.id: queue.way.to for queue in queues.values()}
        for table, slug, _to in self._onward:
            way, at = [], ways[queues[slug].line.id]
            while at is not None and at not in way:
                way.append(at)
                at = ways[at]
            if queues[slug].line.id in way:
                raise table.wrong("overflow_to", _("This would go in circles. Choose another queue."))

    def _line(self, number: int, table: TomlTable) -> matching.Line:
        steps = []
        for step in table.tables("steps"):
            after = timedelta(seconds=step.number("after", most=WEEK_SECONDS))
            steps.append(matching.Step(after, self._expression(step, "requirements")))
            step.done()
        return matching.Line(
            id=number,
            strategy=table.choice("strategy", tuple(matching.STRATEGIES), "longest-idle"),
            sticky=timedelta(seconds=table.number("sticky", 0.0, most=WEEK_SECONDS)),
            requirements=self._expression(table, "requirements") if "requirements" in table else None,
            steps=tuple(steps),
            offers_last=self._offers_last(table),
        )

    @staticmethod
    def _offers_last(table: TomlTable) -> dict[str, timedelta]:
        """{ call = 15 }: seconds until somebody else is asked."""
        least, most = OFFER_LASTS
        told, found = table.table("offers_last"), {}
        for family in told.values:
            _family(told, family)
            found[family] = timedelta(seconds=told.number(family, least=least, most=most))
        return found

    @staticmethod
    def _expression(table: TomlTable, name: str) -> Expression:
        try:
            return expression.read(table.text(name))
        except expression.Mistake as mistake:
            raise table.wrong(name, f"{mistake.sentence}\n{mistake.marked()}") from None

    @staticmethod
    def _targets(table: TomlTable) -> dict[str, tuple[float, float]]:
        """[80, 20]: 80 % within 20 seconds."""
        targets, found = table.table("targets"), {}
        for family in targets.values:
            _family(targets, family)
            pair = targets.raw(family)
            if not isinstance(pair, list) or len(pair) != 2 or not all(type(n) in (int, float) and n > 0 for n in pair):
                raise targets.wrong(family, _("Write [80, 20] for 80 % answered within 20 seconds."))
            if pair[0] > 100:
                raise targets.wrong(family, _("More than 100 % can't be answered. Write a number up to 100."))
            found[family] = (pair[0] / 100, float(pair[1]))
        return found

    @staticmethod
    def _turns_away(outside: TomlTable) -> frozenset[str]:
        found = set(matching.LIVE)
        for family in outside.values:
            _family(outside, family)
            if outside.choice(family, (TURN_AWAY, WAIT)) == TURN_AWAY:
                found.add(family)
            else:
                found.discard(family)
        return frozenset(found)

    # --- people ---

    def _seats(self) -> list[Seat]:
        found: list[Seat] = []
        tables = self.top.tables("staff", lambda values: str(values.get("group", ""))[:50])
        wanted = self._wanted([str(table.values.get("group", "")) for table in tables])
        for table in tables:
            found += self._group(table, len(found) + 1, wanted)
            if len(found) > MOST_AGENTS:
                raise table.wrong(
                    "agents", _("There are more than %(n)d people in all. Plan fewer.") % {"n": MOST_AGENTS}
                )
        return found

    def _wanted(self, groups: list[str]) -> dict[str, int]:
        if "" in self.agents:
            if len(set(groups)) != 1:
                sentence = _("There is more than one group: say which, as in --agents %(group)s=5.")
                raise WrongPlan("--agents", sentence % {"group": groups[0] if groups else "…"})
            return {groups[0]: self.agents[""]}
        for group in self.agents:
            if group not in groups:
                sentence = _("There is no group called “%(group)s”. Known: %(known)s.")
                raise WrongPlan("--agents", sentence % {"group": group, "known": ", ".join(groups)})
        return self.agents

    def _group(self, table: TomlTable, first: int, wanted: dict[str, int]) -> list[Seat]:
        group, number = table.text("group"), table.whole("agents", most=MOST_AGENTS)
        number = wanted.get(group, number)
        queues, capacity = frozenset(self._queue_ids(table)), self._capacity(table)
        attributes, presence = self._attributes(table), self.days.presence(table, number)
        table.done()
        return [
            Seat(matching.Agent(first + i, queues, attributes, capacity=capacity), group, presence[i])
            for i in range(number)
        ]

    def _queue_ids(self, table: TomlTable) -> list[int]:
        return [self._known(table, "queues", slug).line.id for slug in table.texts("queues", list(self.queues))]

    def _known(self, table: TomlTable, name: str, slug: str) -> PlannedQueue:
        if slug not in self.queues:
            sentence = _("There is no queue called “%(slug)s”. Known: %(known)s.")
            raise table.wrong(name, sentence % {"slug": slug[:50], "known": ", ".join(self.queues)})
        return self.queues[slug]

    @staticmethod
    def _capacity(table: TomlTable) -> dict[str, int]:
        told = table.table("capacity")
        found = {family: told.whole(family, usual, most=50) for family, usual in matching.CAPACITY.items()}
        told.done()
        if found["call"] > 1:
            raise told.wrong("call", _("Nobody takes two calls at once. Write 0 or 1."))
        return found

    @staticmethod
    def _attributes(table: TomlTable) -> Attributes:
        languages, skills = (
            {name: int(level) for name, level in table.numbers(kind, least=1, most=5).items()}
            for kind in ("languages", "skills")
        )
        return Attributes(
            languages or {settings.LANGUAGE_CODE[:2]: 5},
            skills,
            frozenset(table.texts("topics", [])),
            frozenset(table.texts("offices", [])),
            table.whole("level", 3, least=1, most=5),
        )

    def _answering(self) -> Answering:
        table = self.top.table("answering")
        delays = {family: Chance(table.number(family, 0.0, most=86_400)) for family in matching.FAMILIES}
        missed, declined = (table.number(name, 0.0, most=1) for name in ("missed", "declined"))
        back_after = table.number("back_after", 60.0, most=WEEK_SECONDS)
        table.done()
        return Answering(delays, missed, declined, back_after)

    # --- contacts ---

    def _arrivals(self) -> tuple[list[Stream], list[Arrival]]:
        streams: list[Stream] = []
        replays: list[Arrival] = []
        for table in self.top.tables("arrivals", lambda values: str(values.get("queue", ""))[:50]):
            if "replay" in table:
                replays += self._replay(table)
            else:
                streams.append(self._stream(table))
        if not streams and not replays:
            raise WrongPlan("arrivals", _("Nobody comes. Add at least one [[arrivals]] table."))
        return streams, replays

    def _replay(self, table: TomlTable) -> list[Arrival]:
        path = self.folder / table.text("replay")
        ids = {slug: queue.line.id for slug, queue in self.queues.items()}
        queue = self._known(table, "queue", table.text("queue")).slug if "queue" in table else ""
        family = table.choice("family", matching.FAMILIES) if "family" in table else ""
        handling = self._chance(table, "handling") if "handling" in table else None
        table.done()
        return replayed(path, self.days, ids, queue=queue, family=family, handling=handling)

    def _stream(self, table: TomlTable) -> Stream:
        queue = self._known(table, "queue", table.text("queue"))
        stream = Stream(
            queue=queue.line.id,
            family=table.choice("family", matching.FAMILIES),
            rates=(),
            handling=self._chance(table, "handling"),
            count=table.whole("count", most=MOST_CONTACTS) if "count" in table else None,
            patience=self._chance(table, "patience") if "patience" in table else None,
            languages=table.numbers("languages"),
            requirements=str(self._expression(table, "requirements")) if "requirements" in table else "",
            priority=table.whole("priority", 0, least=-1000, most=1000),
        )
        rates = self._rates(table, queue)
        table.done()
        if stream.languages and not sum(stream.languages.values()):
            raise table.wrong("languages", _("The shares add up to nothing. Write { it = 0.9, uk = 0.1 }."))
        if stream.count is None:
            return replace(stream, rates=rates)
        return replace(stream, rates=_to_count(table, rates, stream.count))

    def _rates(self, table: TomlTable, queue: PlannedQueue) -> tuple[tuple[Span, float], ...]:
        """Contacts a second. One number: while the queue is open. A list: by day and hour. None: spread evenly."""
        told = table.raw("per_hour")
        if isinstance(told, list):
            return self.days.rates(table, "per_hour")
        if told is None and "count" not in table:
            raise table.wrong("per_hour", _("Say how many come: per_hour = 30, or count = 1000 in all."))
        rate = 1.0 if told is None else table.number("per_hour", most=1e6) / 3600
        return tuple((span, rate) for span in queue.openings or ((0.0, self.days.seconds),))

    @staticmethod
    def _chance(table: TomlTable, name: str) -> Chance:
        """180, or { mean = 180, shape = "lognormal", spread = 0.8 }; seconds."""
        if isinstance(table.values.get(name), dict):
            told = table.table(name)
            found = Chance(
                told.number("mean", least=0.001, most=WEEK_SECONDS * 52),
                told.choice("shape", SHAPES, EXPONENTIAL),
                told.number("spread", 1.0, least=0.01, most=10),
            )
            told.done()
            return found
        return Chance(table.number(name, least=0.001, most=WEEK_SECONDS * 52))


def _family(table: TomlTable, family: str) -> None:
    if family not in matching.FAMILIES:
        sentence = _("“%(found)s” is not known here. Write one of: %(known)s.")
        raise table.wrong(family, sentence % {"found": family[:40], "known": ", ".join(matching.FAMILIES)})


def _to_count(table: TomlTable, rates: tuple[tuple[Span, float], ...], count: int) -> tuple[tuple[Span, float], ...]:
    """The same in shape, and so many in all."""
    mass = sum((end - begin) * rate for (begin, end), rate in rates)
    if not mass:
        raise table.wrong(
            "count", _("They have no hour to come in: the queue is never open in these days. Change its hours.")
        )
    return tuple((span, rate * count / mass) for span, rate in rates)
