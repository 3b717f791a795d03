"""An administrator tries staffing plans: from files, from what lately happened, and with mistakes in them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from contactcenter.management.staffing.history import recent
from contactcenter.management.staffing.plan_file import read_plan
from contactcenter.management.staffing.theory import theory
from contactcenter.management.staffing.toml_table import WrongPlan
from contactcenter.queues import lines
from contactcenter.queues.models import WorkItem
from contactcenter.routing.overflowing import Way
from contactcenter.routing.simulation.plan import Plan
from crm import events
from crm.models import User
from tests.conftest import ROME
from tests.people import Town

SHIPPED = Path(__file__).resolve().parents[3] / "docs" / "simulation"
SMALL = """
name = "A morning"
begins = 2026-11-23
days = 1

[[queues]]
slug = "urp"
hours = { "mon-fri" = ["08:00-12:00"] }
targets = { call = [80, 20] }

[[arrivals]]
queue = "urp"
family = "call"
per_hour = 30
handling = 240
patience = 120

[[staff]]
group = "front office"
agents = 3
shifts = [{ days = ["mon-fri"], from = "08:00", to = "12:00" }]
"""


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with override("en"):
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def written(folder: Path, text: str = SMALL) -> Path:
    path = folder / "plan.toml"
    path.write_text(text)
    return path


def simulate(*words: object) -> str:
    out = StringIO()
    call_command("simulate", *map(str, words), stdout=out)
    return out.getvalue()


def line(printed: str, begins: str) -> list[str]:
    """The cells of a row."""
    found = next(one for one in printed.splitlines() if one.strip().startswith(begins))
    return re.split(r"\s{2,}", found.strip())


# --- plans ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["three-days", "a-month", "a-week"])
def test_every_plan_that_is_shipped_can_be_read(name: str) -> None:
    plan = read_plan(SHIPPED / f"{name}.toml")
    assert plan.seats
    assert plan.seconds == {"three-days": 3, "a-month": 30, "a-week": 7}[name] * 86_400


def test_three_days_of_calls_are_printed_beside_erlang_a() -> None:
    printed = simulate(SHIPPED / "three-days.toml", "--replications", 3)
    ours, erlang = line(printed, "centralino · calls"), line(printed, "Erlang A")
    assert ours[3] == "1866"
    assert "80 % in 20 s" in ours
    assert erlang == ["Erlang A", "14.4 %", "26.0 s", "66.1 %", "73.9 %"]
    assert "no formula" not in printed


def test_a_week_of_everything_says_why_no_formula_fits() -> None:
    printed = simulate(SHIPPED / "a-week.toml", "--replications", 1)
    assert "Erlang" not in printed
    assert "Its people also serve other contacts." in printed
    assert "Its people have several contacts at once." in printed
    assert "languages, skills or requirements differ" in printed
    assert line(printed, "with languages")[1] == "2"


def test_one_more_agent_shortens_the_wait(folder: Path) -> None:
    plan = written(folder)
    waits = [line(simulate(plan, "--agents", n, "--replications", 4), "urp · calls")[7] for n in (2, 6)]
    assert float(waits[0].split()[0]) > 20
    assert float(waits[1].split()[0]) < 2


def test_the_same_seed_prints_the_same_and_one_run_gives_no_interval(folder: Path) -> None:
    plan = written(folder)
    once = simulate(plan, "--replications", 1, "--seed", 5)
    assert once == simulate(plan, "--replications", 1, "--seed", 5)
    assert "±" not in once
    assert "±" in simulate(plan, "--replications", 2, "--seed", 5)


TWO = """
name = "A morning"
begins = 2026-11-23
days = 1

[[queues]]
slug = "urp"
max_wait = 60
max_length = 2
overflow = "queue"
overflow_to = "back"

[[queues]]
slug = "back"

[[arrivals]]
queue = "urp"
family = "written"
replay = "letters.csv"

[[staff]]
group = "front"
queues = ["urp"]
agents = 1
capacity = { written = 1 }

[[staff]]
group = "behind"
queues = ["back"]
agents = 1
"""


def test_what_flowed_on_has_a_column_and_is_counted_where_it_ended(folder: Path) -> None:
    begin = "2026-11-23T08:00:00,3600,"
    (folder / "letters.csv").write_text("at,handling,patience\n" + f"{begin}\n" * 5)
    printed = simulate(written(folder, TWO), "--replications", 1)
    assert "flowed on" in printed
    # One is answered at once, two wait for a minute, two find the line full.
    assert line(printed, "urp · messages")[2:5] == ["4", "1", "1"]
    assert line(printed, "back · messages")[2:5] == ["0", "4", "4"]


def test_no_formula_knows_of_what_flows_on(folder: Path) -> None:
    (folder / "letters.csv").write_text("at,handling\n2026-11-23T08:00:00,60\n")
    steady = (
        'per_hour = 2\nhandling = 60\n\n[[arrivals]]\nqueue = "back"\nfamily = "written"\nper_hour = 2\nhandling = 60'
    )
    plan = read_plan(written(folder, TWO.replace('replay = "letters.csv"', steady)))
    assert theory(plan, plan.queues[0], "written").why_not == ["Whoever would wait too long goes on elsewhere."]
    assert "Others come from a queue where they waited too long." in theory(plan, plan.queues[1], "written").why_not


def test_a_break_is_taken_by_everybody_one_after_another(folder: Path) -> None:
    plan = read_plan(written(folder, SMALL + '\nbreaks = [{ from = "09:00", to = "10:00", minutes = 20 }]'))
    assert [list(seat.present) for seat in plan.seats] == [
        [(8 * 3600, 9 * 3600), (9 * 3600 + 1200, 12 * 3600)],
        [(8 * 3600, 9 * 3600 + 1200), (9 * 3600 + 2400, 12 * 3600)],
        [(8 * 3600, 9 * 3600 + 2400), (10 * 3600, 12 * 3600)],
    ]


def test_on_a_public_holiday_nobody_works_and_nothing_opens(folder: Path) -> None:
    text = SMALL.replace("begins = 2026-11-23\ndays = 1", 'begins = 2026-12-07\ndays = 2\nholidays = "IT"')
    plan = read_plan(written(folder, text))
    assert plan.queues[0].openings == ((8 * 3600, 12 * 3600),)  # the 8th is the Immaculate Conception
    assert plan.seats[0].present == ((8 * 3600, 12 * 3600),)


def test_the_night_the_clocks_go_back_has_an_hour_more(folder: Path) -> None:
    plan = read_plan(written(folder, SMALL.replace("2026-11-23\ndays = 1", "2026-10-25\ndays = 2")))
    assert plan.seconds == 49 * 3600
    assert plan.queues[0].openings == ((33 * 3600, 37 * 3600),)


def test_calls_are_replayed_from_a_file(folder: Path) -> None:
    (folder / "calls.csv").write_text(
        "at,handling,patience,language\n2026-11-23T08:00:00,300,,it\n2026-11-23T07:01:00Z,60,30,\n2026-11-30T08:00:00,1,,\n"
    )
    text = SMALL.replace("per_hour = 30\nhandling = 240\npatience = 120", 'replay = "calls.csv"')
    plan = read_plan(written(folder, text))
    assert [(one.at, one.handling, one.patience, one.language) for one in plan.replayed] == [
        (8 * 3600, 300, float("inf"), "it"),
        (8 * 3600 + 60, 60, 30, ""),
    ]
    printed = simulate(written(folder, text), "--agents", 1, "--replications", 1)
    assert line(printed, "urp · calls")[3:6] == ["2", "1", "50.0 %"]
    assert "they follow no rate" in printed


# --- theory -----------------------------------------------------------------------------------------------------------


def formula(folder: Path, text: str) -> tuple[str, str]:
    """The model, and what is said about it."""
    plan: Plan = read_plan(written(folder, text))
    found = theory(plan, plan.queues[0], plan.streams[0].family)
    return found.name, " ".join(found.why_not or found.about)


def test_where_load_changes_each_hour_is_computed_by_itself(folder: Path) -> None:
    rows = '[{ from = "08:00", to = "10:00", rate = 40 }, { from = "10:00", to = "12:00", rate = 10 }]'
    name, words = formula(folder, SMALL.replace("per_hour = 30", f"per_hour = {rows}"))
    assert name == "A"
    assert "change in the course of time" in words


@pytest.mark.parametrize(
    "before, after, words",
    [
        ("patience = 120", "", ""),
        ("handling = 240\npatience = 120", "handling = 3600", "the line only grows"),
        ("handling = 240", 'handling = { mean = 240, shape = "fixed" }', "Handling times aren't exponential"),
        ("patience = 120", "patience = { mean = 120, shape = 'fixed' }", "Patience isn't exponential"),
        ("agents = 3", 'agents = 3\nlanguages = { uk = 3 }', ""),
        ("patience = 120", "patience = 120\nlanguages = { uk = 1 }", "Not everybody may take every contact"),
        ("agents = 3", "agents = 0", "Nobody serves this queue"),
        ('to = "12:00" }]\n', 'to = "11:00" }]\n', "Some come when nobody is there"),
        ('family = "call"', 'family = "chat"', "several contacts at once"),
        ("days = 1\n", "days = 1\nanswering = { call = 5 }\n", "take time to accept"),
    ],
)  # fmt: skip
def test_what_a_formula_cannot_know_is_said(folder: Path, before: str, after: str, words: str) -> None:
    assert before in SMALL
    _name, said = formula(folder, SMALL.replace(before, after))
    assert words in said
    assert bool(words) == bool(said)


# --- mistakes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before, after, complaint",
    [
        ('name = "A morning"', "name = ", "plan.toml: This isn't TOML: "),
        ("days = 1\n", "days = 1\ncolour = 1\n", "colour: Nothing is called so here. Known: "),
        ("days = 1\n", "", "days: This is missing. Add it."),
        ("days = 1\n", "days = 9999\n", "days: Write a whole number from 1 to 366 here."),
        ("days = 1\n", "days = true\n", "days: Write a whole number"),
        ("2026-11-23", '"today"', "begins: Write a day such as 2026-11-23"),
        ("days = 1\n", 'days = 1\nzone = "Mars"\n', "zone: This is not a time zone"),
        ("days = 1\n", 'days = 1\nholidays = "XX"\n', "holidays: We know no public holidays of “XX”"),
        ('"mon-fri" =', '"mon-someday" =', "queues 1 urp · hours · mon-someday: “someday” is not a day of the week"),
        ("08:00-12:00", "08:00-25:00", "queues 1 urp · hours: “25:00” is not a time of the day"),
        ("targets", "offers_last = { call = 2 }\ntargets", "queues 1 urp · offers_last · call: Write a number from 5"),
        ("[80, 20]", "[80]", "queues 1 urp · targets · call: Write [80, 20]"),
        ("[80, 20]", "[180, 20]", "More than 100 % can't be answered"),
        ("targets", 'requirements = "level >"\ntargets', "queues 1 urp · requirements: Expected a whole number"),
        ('queue = "urp"', 'queue = "urb"', "arrivals 1 urb · queue: There is no queue called “urb”. Known: urp."),
        ('family = "call"', 'family = "fax"', "family: “fax” is not known here. Write one of: call, chat, written."),
        ("per_hour = 30\n", "", "per_hour: Say how many come"),
        ("per_hour = 30\n", "per_hour = 1e6\n", "arrivals: More than two million contacts would come"),
        ("per_hour = 30\n", "per_hour = nan\n", "per_hour: Write a number here"),
        ("handling = 240", "handling = -1", "handling: Write a number from 0.001 to"),
        ("agents = 3", "agents = 3\ncapacity = { call = 2 }", "Nobody takes two calls at once"),
        ("agents = 3", 'agents = 3\nbreaks = [{ from = "09:00", to = "09:10", minutes = 20 }]', "The break is longer"),
        ("per_hour = 30\nhandling = 240\npatience = 120", 'replay = "none.csv"', "none.csv: The file can't be read"),
        ("per_hour = 30", "count = 5\nper_hour = 0", "count: They have no hour to come in"),
        ("[[staff]]", "[[staff]]\nlevel = 9", "staff 1 front office · level: Write a whole number from 1 to 5"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_plan_is_a_sentence_with_its_place(
    folder: Path, before: str, after: str, complaint: str
) -> None:
    assert before in SMALL
    path = written(folder, SMALL.replace(before, after))
    with pytest.raises(WrongPlan) as wrong:
        read_plan(path)
    assert complaint in str(wrong.value)


@pytest.mark.parametrize(
    "before, after, complaint",
    [
        (
            'overflow_to = "back"',
            'overflow_to = "moon"',
            "queues 1 urp · overflow_to: Name another queue of the plan here",
        ),
        (
            'overflow = "queue"',
            'overflow = "message"',
            "queues 1 urp · overflow_to: Name another queue of the plan here",
        ),
        ('overflow_to = "back"', "", "queues 1 urp · overflow_to: This is missing."),
        ('slug = "back"', 'slug = "back"\noverflow = "queue"\noverflow_to = "urp"', "This would go in circles."),
        ("max_length = 2", "max_length = 0", "queues 1 urp · max_length: Write a whole number from 1"),
    ],
)
def test_a_way_on_that_leads_nowhere_is_a_sentence(folder: Path, before: str, after: str, complaint: str) -> None:
    (folder / "letters.csv").write_text("at,handling\n2026-11-23T08:00:00,60\n")
    with pytest.raises(WrongPlan, match=re.escape(complaint)):
        read_plan(written(folder, TWO.replace(before, after)))


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("when\n1\n", "calls.csv: The first line names the columns"),
        ("at,colour\n", "The first line names the columns"),
        ("at\nyesterday\n", "calls.csv:2: “yesterday” is not a moment"),
        ("at,patience\n2026-11-23T08:00,soon\n", "calls.csv:2 · patience: “soon” is not a number. Write digits"),
        ("at,handling\n2026-11-23T08:00,-4\n", "A time can't be less than nothing"),
        ("at,queue\n2026-11-23T08:00,mars\n", "calls.csv:2 · queue: “mars” is not known here"),
        ('at,requirements\n2026-11-23T08:00,level\n', "calls.csv:2 · requirements: Expected"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_replayed_file_names_the_line(folder: Path, text: str, complaint: str) -> None:
    (folder / "calls.csv").write_text(text)
    path = written(folder, SMALL.replace("per_hour = 30", 'replay = "calls.csv"').replace("patience = 120\n", ""))
    with pytest.raises(WrongPlan) as wrong:
        read_plan(path)
    assert complaint in str(wrong.value)


@pytest.mark.parametrize(
    "words, complaint",
    [
        ([], "Name a plan, or say --from-history DAYS"),
        (["missing.toml"], "missing.toml: The file can't be read"),
        (["PLAN", "--agents", "many"], "“many” isn't a number of people"),
        (["PLAN", "--agents", "night=2"], "There is no group called “night”. Known: front office."),
        (["PLAN", "--replications", "0"], "Between 1 and 1000 replications"),
        (["--from-history", "0"], "Write a whole number from 1 to 730"),
    ],
)
def test_a_mistake_on_the_command_line_is_a_sentence(folder: Path, words: list[str], complaint: str) -> None:
    plan = str(written(folder))
    with pytest.raises(CommandError) as wrong:
        simulate(*(plan if word == "PLAN" else word for word in words))
    assert complaint in str(wrong.value)


# --- from what happened -----------------------------------------------------------------------------------------------


@pytest.fixture
def last_weeks(now: dt.datetime, town: Town, anna: User, letters: object) -> None:
    """On each of the last fourteen days ten chats between nine and eleven, one of five given up; Anna from nine to one."""
    from crm.models import Citizen, ContactPoint, Interaction

    citizen = Citizen.objects.create(name="Giulia Ferri", created_at=now)
    point = ContactPoint.objects.create(citizen=citizen, scheme="mailto", value="giulia@example.org", created_at=now)
    for day in range(1, 15):
        nine = dt.datetime.combine(now.date() - dt.timedelta(days=day), dt.time(9), ROME)
        for number in range(10):
            came = nine + dt.timedelta(minutes=12 * number)
            left = came + dt.timedelta(seconds=60)
            chat = Interaction.objects.create(
                account="carta", family="chat", contact_point=point, citizen=citizen, office=town.front,
                queue=town.front_queue.slug, opened_at=came, last_message_at=came,
            )  # fmt: skip
            item = WorkItem(interaction=chat, queue=town.front_queue, family="chat", language="it")
            item.queued_at, item.rank_at = came, came
            if number % 5:
                item.state, item.owner, item.claimed_at = "done", anna, left
                item.ended_at = left + dt.timedelta(minutes=8)
            else:
                item.state, item.ended_at = "abandoned", left
            item.save()
        for hour, before, after in ((0, "offline", "free"), (4, "free", "offline")):
            data = {"from": before, "to": after}
            at = nine + dt.timedelta(hours=hour)
            events.record(events.fact("agent.state_changed", actor=anna, at=at, data=data))


@pytest.mark.usefixtures("last_weeks")
def test_the_last_week_runs_once_more_with_its_people_and_its_contacts() -> None:
    printed = simulate("--from-history", 14, "--replications", 5)
    assert "This installation, 2026-11-16 to 2026-11-22" in printed
    row = line(printed, "accoglienza · chats")
    assert float(row[3].split()[0]) == pytest.approx(70, rel=0.2)
    team = line(printed, "team")
    assert team[1] == "1"
    assert float(team[4].split()[0]) == pytest.approx(28, abs=2)  # seven mornings of four hours


@pytest.mark.usefixtures("last_weeks")
def test_what_overflowed_comes_again_to_the_queue_where_it_began(town: Town) -> None:
    lines.change(
        queue=town.front_queue, actor=None, overflow="queue", overflow_to=town.taxes_queue, max_wait_seconds=120
    )
    WorkItem.objects.update(queue=town.taxes_queue, visited=["accoglienza"], family="written", priority=5)
    plan = recent(14).plan
    assert {(stream.queue, stream.family, stream.priority) for stream in plan.streams} == {
        (town.front_queue.pk, "chat", 0)
    }
    front = next(queue for queue in plan.queues if queue.line.id == town.front_queue.pk)
    assert front.way == Way(max_wait=dt.timedelta(seconds=120), overflow="queue", to=town.taxes_queue.pk)


@pytest.mark.usefixtures("last_weeks")
def test_with_another_number_of_people_everybody_is_there_while_it_is_open() -> None:
    printed = simulate("--from-history", 14, "--agents", 3, "--replications", 1)
    assert line(printed, "team")[1] == "3"
    assert "Everybody is taken to be there whenever a queue of theirs is open." in printed


def test_an_installation_where_nothing_happened_yet_says_so(town: Town, anna: User) -> None:
    with pytest.raises(CommandError, match="Too little was finished in the last 30 days"):
        simulate("--from-history", 30)
