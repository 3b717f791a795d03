"""Before something is handed on, the dialog says which queue, office or person doesn't speak the citizen's language."""

import re

import pytest
from django.test import Client

from contactcenter.queues import roster, transfers
from contactcenter.queues.models import Agent, AgentLanguage, Queue, WorkItem
from crm.models import Interaction, User
from tests.contactcenter.desk.conftest import PART, at
from tests.people import Town

WARNING = "nobody there speaks ukrainian"


@pytest.mark.django_db
def test_a_queue_where_nobody_speaks_the_language_says_so_before(
    giulia: Interaction, carla: User, desk: Client
) -> None:
    item = WorkItem.objects.get(interaction=giulia)
    english = {**PART, "Accept-Language": "en"}

    def dialog() -> str:
        roster.forget()
        return desk.get(at(giulia, "transferring/"), headers=english).content.decode()

    WorkItem.objects.filter(pk=item.pk).update(language="")
    assert "nobody there speaks" not in dialog()
    WorkItem.objects.filter(pk=item.pk).update(language="uk")
    assert f'value="tributi" >Tributi · {WARNING}' in part(dialog(), "to-queue")
    assert f'value="tributi" >Tributi · {WARNING}' in part(dialog(), "to-office")
    agent = Agent.objects.create(user=carla)
    AgentLanguage.objects.create(agent=agent, language="uk", level=4)
    assert WARNING not in part(dialog(), "to-queue")
    offices = part(dialog(), "to-office")
    assert f"Accoglienza · {WARNING}" in offices  # its own office, where nobody does either
    assert f"Tributi · {WARNING}" not in offices


def part(html: str, of: str) -> str:
    """One select of the dialog."""
    found = re.search(rf'<select id="{of}".*?</select>', html, re.DOTALL)
    assert found
    return found[0]


@pytest.mark.django_db
def test_an_office_takes_it_into_the_queue_for_its_topic_and_that_one_is_judged(
    with_anna: Interaction, carla: User, desk: Client, town: Town
) -> None:
    fines = Queue.objects.create(slug="aaa", name="Avvisi", office=town.taxes)
    Interaction.objects.filter(pk=with_anna.pk).update(topic=town.refund)
    item = WorkItem.objects.select_related("interaction").get(interaction=with_anna)
    assert transfers.queues_of_offices(item)[town.taxes.pk] == town.taxes_queue
    Interaction.objects.filter(pk=with_anna.pk).update(topic=None)
    item.refresh_from_db()
    assert transfers.queues_of_offices(item)[town.taxes.pk] == fines


@pytest.mark.django_db
def test_a_person_who_does_not_speak_it_is_marked_even_where_the_work_asks_for_nothing_any_more(
    with_anna: Interaction, bruno: User, desk: Client
) -> None:
    WorkItem.objects.filter(interaction=with_anna).update(language="")
    Interaction.objects.filter(pk=with_anna.pk).update(language="uk")
    html = desk.get(at(with_anna, "transferring/"), headers={**PART, "Accept-Language": "en"}).content.decode()
    assert "doesn&#x27;t speak ukrainian" in html


@pytest.mark.django_db
def test_whoever_was_switched_off_meanwhile_is_named(with_anna: Interaction, bruno: User, desk: Client) -> None:
    User.objects.filter(pk=bruno.pk).update(is_active=False)
    answer = desk.post(at(with_anna, "transfer/"), {"way": "person", "person": bruno.public_id}, headers=PART)
    assert answer.status_code == 422
    assert "Bruno Conti doesn’t work here any more. Choose somebody else." in answer.content.decode()
    assert WorkItem.objects.get().owner is not None


@pytest.mark.django_db
def test_the_language_goes_along_to_the_other_queue(with_anna: Interaction, carla: User, desk: Client) -> None:
    WorkItem.objects.filter(interaction=with_anna).update(language="uk")
    form = {"way": "queue", "queue": "tributi", "version": with_anna.version}
    assert desk.post(at(with_anna, "transfer/"), form, headers=PART).status_code == 200
    item = WorkItem.objects.get(interaction=with_anna)
    assert (item.queue.slug, item.language) == ("tributi", "uk")
