"""What a run of a plan comes to, as a table for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _, ngettext

from contactcenter.management.staffing.theory import Theory, theory
from contactcenter.routing.simulation import results
from contactcenter.routing.simulation.engine import Run
from contactcenter.routing.simulation.plan import Plan
from contactcenter.routing.simulation.results import GroupFigures, Interval, QueueFigures

NOTHING = "–"


@dataclass(frozen=True)
class Outcome:
    """Several runs of one plan, each reduced to its figures."""

    plan: Plan
    queues: list[results.Queues]
    groups: list[results.Groups]

    @classmethod
    def of(cls, plan: Plan, runs: Iterator[Run]) -> Outcome:
        both = [(results.of_queues(run), results.of_groups(run)) for run in runs]
        return cls(plan, [queues for queues, _groups in both], [groups for _queues, groups in both])

    def queue(self, key: tuple[str, str], figure: Callable[[QueueFigures], float | None]) -> Interval | None:
        return results.interval(figure(run[key]) for run in self.queues if key in run)

    def group(self, name: str, figure: Callable[[GroupFigures], float | None]) -> Interval | None:
        return results.interval(figure(run[name]) for run in self.groups if name in run)


def table(outcome: Outcome) -> Iterator[str]:
    """Line by line."""
    plan, runs = outcome.plan, len(outcome.queues)
    yield plan.name
    yield ngettext(
        "%(days).1f days on a virtual clock, %(runs)d run.", "%(days).1f days on a virtual clock, %(runs)d runs.", runs
    ) % {"days": plan.seconds / 86_400, "runs": runs}
    if runs > 1:
        yield _("± is half of the interval in which the mean lies 19 times in 20.")
    keys = sorted({key for run in outcome.queues for key in run})
    theories = {key: _theory(plan, key) for key in keys}
    yield ""
    yield from _aligned([_queue_head(), *(row for key in keys for row in _queue_rows(outcome, key, theories[key]))])
    yield ""
    yield from _aligned([_group_head(), *(_group_row(outcome, name) for name in _groups(outcome))])
    yield from _words(theories)


def _theory(plan: Plan, key: tuple[str, str]) -> Theory:
    queue = next(queue for queue in plan.queues if queue.slug == key[0])
    return theory(plan, queue, key[1])


def _groups(outcome: Outcome) -> list[str]:
    return list(dict.fromkeys(seat.group for seat in outcome.plan.seats))


# --- queues -----------------------------------------------------------------------------------------------------------


def _queue_head() -> list[str]:
    return [
        _("queue"), _("turned away"), _("flowed on"), _("offered"),
        _("answered"), _("abandoned"), _("still waiting"), _("mean wait"),
        _("median"), _("9 in 10 within"), _("longest"), _("in time"), _("target"), _("occupancy"),
    ]  # fmt: skip


def _queue_rows(outcome: Outcome, key: tuple[str, str], theory: Theory) -> Iterator[list[str]]:
    def cell(figure: Callable[[QueueFigures], float | None], units: Units) -> str:
        return _cell(outcome.queue(key, figure), units)

    yield [
        f"{key[0]} · {_family(key[1])}",
        cell(lambda one: one.turned_away, in_pieces),
        cell(lambda one: one.flowed_on, in_pieces),
        cell(lambda one: one.offered, in_pieces),
        cell(lambda one: one.answered, in_pieces),
        cell(lambda one: one.abandonment, in_percent),
        cell(lambda one: one.waiting, in_pieces),
        cell(lambda one: one.wait, in_time),
        cell(lambda one: one.median, in_time),
        cell(lambda one: one.p90, in_time),
        cell(lambda one: one.longest, in_time),
        cell(lambda one: one.in_time, in_percent),
        _target(outcome.plan, key),
        "",
    ]
    if theory.name:
        yield _theory_row(theory)


def _theory_row(theory: Theory) -> list[str]:
    def cell(number: float | None, units: Units) -> str:
        about = "≈ " if theory.about else ""
        return "" if number is None else about + units(number)(number)

    row = [f"  Erlang {theory.name}", *[""] * (len(_queue_head()) - 1)]
    row[5], row[7] = cell(theory.abandonment, in_percent), cell(theory.wait, in_time)
    row[11], row[13] = cell(theory.in_time, in_percent), cell(theory.occupancy, in_percent)
    return row


def _target(plan: Plan, key: tuple[str, str]) -> str:
    targets = next(queue.targets for queue in plan.queues if queue.slug == key[0])
    if key[1] not in targets:
        return ""
    wanted, within = targets[key[1]]
    return _("%(share)s in %(time)s") % {
        "share": f"{100 * wanted:g} %",
        "time": in_time(within).form % f"{within / in_time(within).divisor:g}",
    }


def _family(family: str) -> str:
    return {"call": _("calls"), "chat": _("chats"), "written": _("messages")}[family]


# --- people -----------------------------------------------------------------------------------------------------------


def _group_head() -> list[str]:
    return [_("people"), _("how many"), _("occupancy"), _("contacts at once"), _("hours present")]


def _group_row(outcome: Outcome, name: str) -> list[str]:
    return [
        name,
        str(sum(seat.group == name for seat in outcome.plan.seats)),
        _cell(outcome.group(name, lambda one: one.occupancy), in_percent),
        _cell(outcome.group(name, lambda one: one.concurrency), in_numbers),
        _cell(outcome.group(name, lambda one: one.hours), in_pieces),
    ]


# --- words ------------------------------------------------------------------------------------------------------------


def _words(theories: dict[tuple[str, str], Theory]) -> Iterator[str]:
    """Why there is no formula, or only about; queues of which the same is true together."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for (slug, family), found in theories.items():
        if sentences := tuple(found.why_not or found.about):
            alike.setdefault((found.name, *sentences), []).append(f"{slug} · {_family(family)}")
    for (name, *words), places in alike.items():
        told = _("%(queues)s: the formula holds about only (≈).") if name else _("%(queues)s: no formula fits.")
        yield ""
        yield told % {"queues": ", ".join(places)}
        yield from (f"  {sentence}" for sentence in words)


# --- cells ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unit:
    """How a figure is written: divided, and put into a form with one %s for the number, its interval included."""

    divisor: float
    form: str
    digits: int = 1

    def __call__(self, number: float, half: float | None = None) -> str:
        text = f"{number / self.divisor:.{self.digits}f}"
        return self.form % (f"{text} ± {half / self.divisor:.{self.digits}f}" if half else text)


PLAIN = Unit(1, "%s", 2)
SHARE = Unit(0.01, "%s %%")
Units = Callable[[float], Unit]  # the unit a number of this size is read best in


def in_pieces(number: float) -> Unit:
    return Unit(1, "%s", 0 if number >= 100 or number == int(number) else 1)


def in_percent(_number: float) -> Unit:
    return SHARE


def in_numbers(_number: float) -> Unit:
    return PLAIN


def in_time(seconds: float) -> Unit:
    if seconds < 100:
        return Unit(1, _("%s s"))
    return Unit(60, _("%s min")) if seconds < 6_000 else Unit(3600, _("%s h"))


def _cell(found: Interval | None, units: Units) -> str:
    return NOTHING if found is None else units(found.mean)(found.mean, found.half)


def _aligned(rows: Sequence[list[str]]) -> Iterator[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.ljust(width) if not i else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
