"""`manage.py simulate PLAN.toml` or `--from-history DAYS`: try a staffing plan on a virtual clock, beside Erlang."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _, gettext_lazy

from contactcenter.management.staffing import printed
from contactcenter.management.staffing.history import recent
from contactcenter.management.staffing.plan_file import read_plan
from contactcenter.management.staffing.toml_table import WrongPlan
from contactcenter.routing.simulation.engine import Run, run
from contactcenter.routing.simulation.plan import Plan

MOST_RUNS = 1_000
MOST_DAYS = 730


class Command(BaseCommand):
    help = str(gettext_lazy("Try a staffing plan on a virtual clock. docs/simulation.md explains plans and figures."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("plan", nargs="?", type=Path, help=_("a plan in TOML"))
        parser.add_argument(
            "--from-history", type=int, metavar=_("DAYS"),
            help=_("instead of a plan: this installation's last week, with the contacts of the last so many days"),
        )  # fmt: skip
        parser.add_argument(
            "--agents", action="append", default=[], metavar="[GROUP=]N",
            help=_("so many people instead; with several groups, name one"),
        )  # fmt: skip
        parser.add_argument("--replications", type=int, default=20, help=_("how many runs (20)"))
        parser.add_argument("--seed", type=int, default=1, help=_("the first run's seed; the same gives the same (1)"))

    def handle(self, *args: Any, **options: Any) -> None:
        runs = options["replications"]
        if not 1 <= runs <= MOST_RUNS:
            raise CommandError(_("Between 1 and %(n)d replications are possible.") % {"n": MOST_RUNS})
        try:
            plan, notes = _plan(options)
        except WrongPlan as wrong:
            raise CommandError(str(wrong)) from None
        outcome = printed.Outcome.of(plan, _runs(plan, options["seed"], runs))
        for line in (*printed.table(outcome), *(("", *notes) if notes else ())):
            self.stdout.write(line)


def _runs(plan: Plan, seed: int, number: int) -> Iterator[Run]:
    return (run(plan, seed + n) for n in range(number))


def _plan(options: dict[str, Any]) -> tuple[Plan, list[str]]:
    """With notes on it. Raises `WrongPlan`."""
    agents, past_days = _agents(options["agents"]), options["from_history"]
    if (options["plan"] is None) == (past_days is None):
        raise WrongPlan("", _("Name a plan, or say --from-history DAYS: one of the two."))
    if past_days is None:
        return read_plan(options["plan"], agents), []
    if not 1 <= past_days <= MOST_DAYS:
        raise WrongPlan(
            "--from-history",
            _("Write a whole number from %(least)d to %(most)d here.") % {"least": 1, "most": MOST_DAYS},
        )
    if set(agents) - {""}:
        raise WrongPlan("--agents", _("This installation is one group: write --agents 5."))
    found = recent(past_days, agents.get(""))
    return found.plan, found.notes


def _agents(told: list[str]) -> dict[str, int]:
    """["front=6"] or ["6"]."""
    found = {}
    for text in told:
        group, _equals, number = text.rpartition("=")
        if not number.isascii() or not number.isdecimal() or len(number) > 4:
            raise WrongPlan(
                "--agents", _("“%(text)s” isn't a number of people. Write 6, or group=6.") % {"text": text[:60]}
            )
        found[group] = int(number)
    return found
