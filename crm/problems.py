"""One cause behind many cases."""

from django.db import transaction
from django.utils import timezone

from crm import audit, events
from crm.access import require
from crm.models import Case, Office, Problem, User


def open(*, title: str, office: Office, actor: User) -> Problem:
    """Raises `Forbidden`."""
    require(actor, "problem.open", office_id=office.pk)
    with transaction.atomic():
        problem = Problem.objects.create(title=title[:200], office=office, opened_at=timezone.now())
        audit.record("problem.opened", subject=f"problem:{problem.public_id}", actor=actor)
    return problem


def gather(*, problem: Problem, case: Case, actor: User) -> None:
    """Say that a case comes from this cause."""
    require(actor, "case.change", office_id=case.office_id)
    with transaction.atomic():
        case.problem = problem
        case.version += 1
        case.save(update_fields=["problem", "version"])
        events.record(events.fact("problem.gathered", case=case, actor=actor, data={"problem": str(problem.public_id)}))
        audit.record("problem.gathered", subject=f"case:{case.public_id}", actor=actor)


def solve(*, problem: Problem, actor: User) -> None:
    require(actor, "problem.open", office_id=problem.office_id)
    with transaction.atomic():
        problem.solved_at = timezone.now()
        problem.save(update_fields=["solved_at"])
        audit.record("problem.solved", subject=f"problem:{problem.public_id}", actor=actor)
