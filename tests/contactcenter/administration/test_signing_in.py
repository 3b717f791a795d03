"""Nobody's sign-ins are kept for ever, and nobody is locked out for somebody else's guesses."""

import datetime as dt

import pytest
import time_machine
from axes.models import AccessLog
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from config.celery import app
from contactcenter import background
from crm.models import User

pytestmark = pytest.mark.django_db


def sign_in(client: Client, password: str, address: str) -> int:
    data = {"username": "anna", "password": password}
    forwarded = {"X-Forwarded-For": address}
    return client.post("/login/", data, headers=forwarded, REMOTE_ADDR="10.0.0.1").status_code


def test_sessions_and_sign_ins_of_long_ago_are_forgotten(client: Client, anna: User) -> None:
    assert sign_in(client, "demo", "198.51.100.7") == 302
    background.forget_sign_ins()
    assert (Session.objects.count(), AccessLog.objects.count()) == (1, 1)
    with time_machine.travel(timezone.now() + dt.timedelta(days=91), tick=False):
        background.forget_sign_ins()
    assert (Session.objects.count(), AccessLog.objects.count()) == (0, 0)


def test_a_stranger_who_guesses_behind_the_same_proxy_locks_nobody_else_out(
    client: Client, anna: User, settings: object
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # type: ignore[attr-defined]  # pytest-django's settings
    for _guess in range(9):
        refused = sign_in(Client(), "sbagliata", "203.0.113.9")
    assert refused == 429
    assert sign_in(client, "demo", "198.51.100.7") == 302


def test_everything_that_is_scheduled_is_a_task_and_what_forgets_is_scheduled(settings: object) -> None:
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}  # type: ignore[attr-defined]  # as above
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    assert scheduled <= ours
    assert {name for name in ours if name.endswith((".sweep", ".forget", ".seal"))} <= scheduled
