"""Background work. The broker is a hint: everything it carries is also found by a sweeper in the database."""

import os
from typing import Any

import structlog
from celery import Celery, Task
from celery.signals import task_failure

log = structlog.get_logger(__name__)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("sportello")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["contactcenter"], related_name="background")


@task_failure.connect
def tell_of_failure(sender: Task, exception: BaseException, **kwargs: Any) -> None:
    """Name and place, without the exception's words."""
    log.error("task.failed", task=sender.name, exc_info=exception)
