"""Before something is handed to another queue, the dialog says where nobody speaks the citizen's language."""

import pytest
from django.test import Client

from contactcenter.queues import roster
from contactcenter.queues.models import Agent, AgentLanguage, WorkItem
from crm.models import Interaction, User
from tests.contactcenter.desk.conftest import PART, at

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
    assert f"Tributi · {WARNING}" in dialog()
    agent = Agent.objects.create(user=carla)
    AgentLanguage.objects.create(agent=agent, language="uk", level=4)
    assert WARNING not in dialog()


@pytest.mark.django_db
def test_the_language_goes_along_to_the_other_queue(with_anna: Interaction, carla: User, desk: Client) -> None:
    WorkItem.objects.filter(interaction=with_anna).update(language="uk")
    form = {"way": "queue", "queue": "tributi", "version": with_anna.version}
    assert desk.post(at(with_anna, "transfer/"), form, headers=PART).status_code == 200
    item = WorkItem.objects.get(interaction=with_anna)
    assert (item.queue.slug, item.language) == ("tributi", "uk")
