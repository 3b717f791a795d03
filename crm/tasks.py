"""What the back office must do inside a case."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from crm import audit, events
from crm.access import require
from crm.models import Case, Office, Task, User


def create(
    *, case: Case, title: str, office: Office, actor: User, note: str = "", due_at: datetime | None = None
) -> Task:
    """Raises `Forbidden`."""
    require(actor, "task.change", office_id=case.office_id)
    with transaction.atomic():
        task = Task.objects.create(
            case=case, title=title[:200], note=note, office=office, due_at=due_at, created_at=timezone.now()
        )
        _record("task.created", task, actor)
    return task


def finish(*, task: Task, actor: User) -> None:
    _end(task, Task.Status.DONE, "task.done", actor)


def drop(*, task: Task, actor: User) -> None:
    _end(task, Task.Status.DROPPED, "task.dropped", actor)


def _end(task: Task, status: str, name: str, actor: User) -> None:
    require(actor, "task.change", office_id=task.office_id)
    with transaction.atomic():
        ended = Task.objects.filter(pk=task.pk, status=Task.Status.OPEN).update(status=status, done_at=timezone.now())
        if ended:
            task.refresh_from_db()
            _record(name, task, actor)


def _record(name: str, task: Task, actor: User) -> None:
    events.record(events.fact(name, case=task.case, actor=actor, data={"task": str(task.public_id)}))
    audit.record(name, subject=f"task:{task.public_id}", actor=actor)
