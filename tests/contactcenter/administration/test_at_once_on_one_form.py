"""Two administrators press the button in the same moment, as threads with their own connections: one of them is told."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from django.test import Client

from contactcenter.queues import skills
from contactcenter.queues.models import Queue, Skill
from crm.models import User
from tests.people import Town, person

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 5


def at_once(address: str, *presses: tuple[Client, dict[str, object]]) -> list[int]:
    """The status of each answer. They begin together."""
    start = Barrier(len(presses))

    def press(desk: Client, form: dict[str, object]) -> int:
        start.wait(timeout=20)
        try:
            return desk.post(address, form).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(presses)) as pool:
        return list(pool.map(press, *zip(*presses, strict=True)))


@pytest.fixture
def desks(ada: User, town: Town) -> tuple[Client, Client]:
    both = Client(), Client()
    both[0].force_login(ada)
    both[1].force_login(person("marta", "Marta", "Neri", "administrator", None))
    return both


def test_one_of_two_queues_forms_is_kept_and_the_other_told(desks: tuple[Client, Client], town: Town) -> None:
    address = "/settings/queues/accoglienza/"
    plain = {
        "office": town.front.pk, "active": "on", "strategy": "longest-idle", "mode": "both", "priority": 0,
        "ageing_seconds": "10 min", "overflow": "",
    }  # fmt: skip
    for n in range(ROUNDS):
        seen = desks[0].get(address).context["opened"].carried
        forms = [{**plain, "name": f"{who} {n}", "opened": seen} for who in ("Ada", "Marta")]
        answers = at_once(address, (desks[0], forms[0]), (desks[1], forms[1]))
        assert sorted(answers) == [302, 409]
        assert Queue.objects.get(slug="accoglienza").name == forms[answers.index(302)]["name"]


def test_one_of_two_skill_forms_is_kept_and_the_other_told(desks: tuple[Client, Client], ada: User) -> None:
    skills.create(slug="tari", name="TARI", topic=None, actor=ada)
    for n in range(ROUNDS):
        seen = desks[0].get("/settings/skills/tari/").context["opened"].carried
        forms = [{"active": "on", "name": f"{who} {n}", "opened": seen} for who in ("Ada", "Marta")]
        answers = at_once("/settings/skills/tari/", (desks[0], forms[0]), (desks[1], forms[1]))
        assert sorted(answers) == [302, 409]
        assert Skill.objects.get().name == forms[answers.index(302)]["name"]
