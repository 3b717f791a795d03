"""Cases: numbers of the year, legal terms, pauses; and rules that the database itself keeps."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from crm import cases, citizens, problems, tasks
from crm.access import Forbidden
from crm.models import (
    AuditEntry,
    Case,
    CaseNumber,
    Citizen,
    ContactPoint,
    Event,
    Grant,
    Interaction,
    Message,
    Representation,
    Task,
    User,
)  # fmt: skip
from tests.people import Town


@pytest.mark.django_db
def test_numbers_are_yearly_and_human(town: Town) -> None:
    with time_machine.travel(dt.datetime(2026, 12, 31, 22, 59, tzinfo=dt.UTC), tick=False):
        assert [cases.open(subject="x", office=town.front).number for _ in range(2)] == ["2026-000001", "2026-000002"]
    with time_machine.travel(dt.datetime(2026, 12, 31, 23, 1, tzinfo=dt.UTC), tick=False):  # New Year in Rome
        assert cases.open(subject="x", office=town.front).number == "2027-000001"


@pytest.mark.django_db(transaction=True)
def test_forty_cases_at_once_have_forty_numbers(town: Town) -> None:
    def open_one(_number: int) -> str:
        try:
            return cases.open(subject="x", office=town.front).number
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        numbers = sorted(pool.map(open_one, range(40)))
    assert numbers == [f"{timezone.localtime().year}-{n:06d}" for n in range(1, 41)]
    assert CaseNumber.objects.get().last == 40


@pytest.mark.django_db
def test_the_legal_term_ends_with_the_sixtieth_day(town: Town) -> None:
    opened = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)
    case = cases.open(subject="Rimborso", office=town.taxes, topic=town.refund, at=opened)
    assert case.legal_due_at is not None
    assert timezone.localtime(case.legal_due_at).strftime("%d %b %Y %H:%M") == "20 Jan 2027 23:59"


@pytest.mark.django_db
def test_a_pause_moves_the_due_dates_by_its_length(town: Town, carla: User) -> None:
    case = cases.open(subject="Rimborso", office=town.taxes, topic=town.refund)
    before = case.legal_due_at
    assert before is not None
    cases.pause(case=case, reason="Si attende la ricevuta.", actor=carla)
    with pytest.raises(IntegrityError), transaction.atomic():
        cases.pause(case=case, reason="Ancora.", actor=carla)
    with time_machine.travel(timezone.now() + dt.timedelta(days=3), tick=False):
        cases.resume(case=case, actor=carla)
        cases.resume(case=case, actor=carla)  # nothing is paused any more
    case.refresh_from_db()
    assert case.legal_due_at is not None
    assert abs((case.legal_due_at - before) - dt.timedelta(days=3)) < dt.timedelta(seconds=5)


@pytest.mark.django_db
def test_closing_says_when_and_by_whom(town: Town, carla: User, anna: User) -> None:
    case = cases.open(subject="Rimborso", office=town.taxes)
    with pytest.raises(Forbidden):
        cases.close(case=case, actor=anna)
    cases.close(case=case, actor=carla, reason="Rimborsato.")
    assert (case.status, case.closed_at is not None) == ("closed", True)
    assert AuditEntry.objects.get(action="case.closed").purpose == "Rimborsato."
    cases.change_status(case=case, status="open", actor=carla)
    assert case.closed_at is None
    with pytest.raises(ValueError, match="lost"):
        cases.change_status(case=case, status="lost", actor=carla)


@pytest.mark.django_db
def test_a_task_is_done_once(town: Town, carla: User) -> None:
    case = cases.open(subject="Rimborso", office=town.taxes)
    task = tasks.create(case=case, title="Verifica pagamento", office=town.taxes, actor=carla)
    tasks.finish(task=task, actor=carla)
    tasks.drop(task=task, actor=carla)
    assert (Task.objects.get().status, Event.objects.filter(name__startswith="task.").count()) == ("done", 2)


@pytest.mark.django_db
def test_one_problem_gathers_many_cases(town: Town, carla: User, anna: User) -> None:
    with pytest.raises(Forbidden):
        problems.open(title="Doppi addebiti", office=town.taxes, actor=anna)
    problem = problems.open(title="Doppi addebiti", office=town.taxes, actor=carla)
    for subject in ("Uno", "Due"):
        problems.gather(problem=problem, case=cases.open(subject=subject, office=town.taxes), actor=carla)
    problems.solve(problem=problem, actor=carla)
    assert problem.cases.count() == 2
    assert problem.solved_at is not None


@pytest.mark.django_db
def test_an_address_is_a_claim_until_somebody_verified_it(anna: User) -> None:
    point = citizens.identify(scheme="mailto", value="giulia@posta.example", name="Giulia", at=timezone.now())
    assert not point.is_verified
    citizens.verify(point=point, how="identity card at the counter", at=timezone.now(), actor=anna)
    assert ContactPoint.objects.get().is_verified


@pytest.mark.django_db
def test_a_help_line_remembers_nobody() -> None:
    point = citizens.identify(scheme="tel", value="+39000", name="Marta", at=timezone.now(), remember=False)
    assert (point.citizen, point.name, Citizen.objects.count()) == (None, "", 0)


NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)


def _point(**fields: object) -> object:
    return ContactPoint.objects.create(**{"scheme": "tel", "value": "+39", "created_at": NOW, **fields})


def _interaction(**fields: object) -> Interaction:
    from crm.models import Office

    office = Office.objects.get(slug="accoglienza")
    made: Interaction = Interaction.objects.create(
        **{"account": "a", "family": "chat", "office": office, "opened_at": NOW, **fields}
    )
    return made


def _message(**fields: object) -> object:
    base = {
        "interaction": _interaction(),
        "seq": 1,
        "direction": "in",
        "account": "a",
        "state": "received",
        "created_at": NOW,
    }
    return Message.objects.create(**{**base, **fields})


def _twice(make: Callable[..., object], **fields: object) -> None:
    make(**fields)
    make(**fields)


def _represents_oneself() -> None:
    someone = Citizen.objects.create(created_at=NOW)
    Representation.objects.create(representative=someone, represented=someone, mandate="x", valid_from=NOW.date())


def _case(**fields: object) -> None:
    from crm.models import Office

    office = Office.objects.get(slug="accoglienza")
    Case.objects.create(**{"number": "2026-000001", "subject": "x", "office": office, "opened_at": NOW, **fields})


BROKEN: dict[str, Callable[[], object]] = {
    "contact_point_verified_says_when_and_how": lambda: _point(status="verified"),
    "contact_point_has_an_address": lambda: _point(value=""),
    "contact_point_status_is_known": lambda: _point(status="guessed"),
    "interaction_closed_says_when": lambda: _interaction(status="closed"),
    "interaction_family_is_known": lambda: _interaction(family="pigeon"),
    "message_state_fits_direction": lambda: _message(state="sent"),
    "message_note_has_an_author": lambda: _message(direction="note"),
    "representation_is_of_somebody_else": _represents_oneself,
    "case_number_is_yearly": lambda: _case(number="26-1"),
    "case_closed_says_when": lambda: _case(status="closed"),
    "case_level_is_1_to_3": lambda: _case(level=4),
    "case_priority_is_1_to_5": lambda: _case(priority=0),
    "grant_role_is_known": lambda: Grant.objects.create(user=User.objects.create_user("x"), role="king"),
}


def _grant(**fields: object) -> object:
    user, _made = User.objects.get_or_create(username="anna")
    return Grant.objects.create(**{"user": user, "role": "agent", **fields})


def _grant_in_an_office() -> None:
    from crm.models import Office

    _twice(_grant, office=Office.objects.get(slug="accoglienza"))


UNIQUE: dict[str, Callable[[], object]] = {
    "grant_is_given_once": _grant_in_an_office,
    "grant_for_all_offices_is_given_once": lambda: _twice(_grant),
    "contact_point_is_unique": lambda: _twice(_point),
    "interaction_thread_is_open_once": lambda: _twice(_interaction, thread="t"),
    "message_external_id_is_unique": lambda: _twice(_message, external_id="e"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("constraint", BROKEN)
def test_the_database_refuses_by_name(constraint: str, town: Town) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        BROKEN[constraint]()


@pytest.mark.django_db
@pytest.mark.parametrize("constraint", UNIQUE)
def test_the_database_refuses_a_second_one(constraint: str, town: Town) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        UNIQUE[constraint]()
