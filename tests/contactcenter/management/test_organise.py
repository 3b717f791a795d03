"""From an empty database to somebody who can log in and work, at the command line."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from contactcenter.queues.models import Queue
from crm import access, organisation
from crm.models import AuditEntry, Topic, User
from tests.people import Town


def say(*words: str) -> str:
    out = StringIO()
    call_command("organise", *words, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_an_empty_installation_gets_its_first_office_queue_and_people(client: Client) -> None:
    say("office", "urp", "URP")
    say("queue", "urp", "URP", "--office", "urp")
    say("topic", "sosta", "Permessi di sosta", "--office", "urp", "--queue", "urp", "--legal-days", "30")
    told = say("person", "marta", "--first-name", "Marta", "--role", "agent", "--office", "urp")
    password = told.rsplit(" ", 1)[1].strip()
    assert client.post("/login/", {"username": "marta", "password": password}).status_code == 302
    assert client.get("/desk/").status_code == 200
    assert Queue.objects.get().topics.get() == Topic.objects.get(legal_days=30)
    assert AuditEntry.objects.filter(action="grant.given").exists()


@pytest.mark.django_db
def test_a_known_person_gets_another_role_and_keeps_the_password(anna: User) -> None:
    assert "password" not in say("person", "anna", "--role", "manager", "--office", "accoglienza")
    say("person", "anna", "--role", "manager", "--office", "accoglienza")  # again changes nothing
    assert access.roles(User.objects.get(username="anna")) == {"agent", "manager"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "words",
    [
        ("office", "accoglienza", "Ancora"),
        ("queue", "x", "X", "--office", "nessuno"),
        ("person", "x", "--role", "agent", "--office", "nessuno"),
        ("person", "x", "--role", "agent", "--queue", "nessuna"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_done(town: Town, words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="accoglienza|already"):
        say(*words)
    assert not User.objects.filter(username="x").exists()


@pytest.mark.django_db
def test_only_an_administrator_organises(town: Town, anna: User, ada: User) -> None:
    with pytest.raises(access.Forbidden):
        organisation.open_office(slug="x", name="X", actor=anna)
    assert organisation.open_office(slug="x", name="X", actor=ada).name == "X"
