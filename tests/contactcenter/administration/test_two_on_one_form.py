"""Two administrators on one form: the second is told what the first one changed, and decides."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from contactcenter.accounts import accounts
from contactcenter.accounts.models import ChannelAccount
from contactcenter.queues import agents, lines, rules, skills
from contactcenter.queues.models import Queue, RoutingRule, Skill
from contactcenter.sla import office_calendars
from contactcenter.sla.models import OfficeCalendar
from contactcenter.writing import canned, macros
from contactcenter.writing.models import Scope
from crm.models import User
from tests.conftest import MONDAY_MORNING
from tests.people import Town, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_ten")]
ADDRESS = "/settings/queues/accoglienza/"


@pytest.fixture
def at_ten() -> Iterator[None]:
    with time_machine.travel(MONDAY_MORNING, tick=False):
        yield


@pytest.fixture
def marta(town: Town) -> User:
    return person("marta", "Marta", "Neri", "administrator", None)


@pytest.fixture
def settings_desk(ada: User) -> Client:
    made = Client(headers={"Accept-Language": "en"})
    made.force_login(ada)
    return made


def opened(desk: Client, address: str) -> str:
    found = re.search(r'name="opened" value="([^"]*)"', desk.get(address).content.decode())
    assert found
    return found[1]


def anyway(page: str) -> str:
    found = re.search(r'name="anyway" value="([^"]*)"', page)
    assert found
    return found[1]


def given(town: Town, **more: Any) -> dict[str, Any]:
    plain = {
        "name": "Accoglienza", "office": town.front.pk, "active": "on", "strategy": "longest-idle", "mode": "both",
        "priority": 0, "ageing_seconds": "10 min", "overflow": "",
    }  # fmt: skip
    return {**plain, **more}


def test_whoever_keeps_second_reads_who_changed_what_and_loses_no_word(
    town: Town, settings_desk: Client, marta: User
) -> None:
    seen = opened(settings_desk, ADDRESS)
    lines.change(queue=town.front_queue, actor=marta, priority=7, wrap_up_seconds=90)
    answer = settings_desk.post(ADDRESS, given(town, name="Sportello unico", opened=seen))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert f"{marta.display_name} changed this at Nov. 23, 2026, 10 a.m., after you opened it." in page
    assert 'value="Sportello unico"' in page
    assert re.search(r"Priority</th><td[^>]*><span[^>]*>7</span></td><td[^>]*><span[^>]*>0<", page)
    assert re.search(r"Time to wrap up</th><td[^>]*><span[^>]*>90 s</span></td><td[^>]*><span[^>]*>–<", page)
    assert Queue.objects.get(slug="accoglienza").name == "Accoglienza"
    assert settings_desk.post(ADDRESS, given(town, opened=seen)).status_code == 409  # the plain button never overwrites


def test_one_keeps_ones_own_all_the_same_once_one_has_seen_theirs(
    town: Town, settings_desk: Client, marta: User
) -> None:
    seen = opened(settings_desk, ADDRESS)
    lines.change(queue=town.front_queue, actor=marta, priority=7)
    shown = anyway(settings_desk.post(ADDRESS, given(town, priority=2, opened=seen)).content.decode())
    lines.change(queue=town.front_queue, actor=marta, priority=8)  # and once more meanwhile
    again = settings_desk.post(ADDRESS, given(town, priority=2, opened=seen, anyway=shown))
    assert again.status_code == 409
    shown = anyway(again.content.decode())
    assert settings_desk.post(ADDRESS, given(town, priority=2, opened=seen, anyway=shown)).status_code == 302
    assert Queue.objects.get(slug="accoglienza").priority == 2


def test_enter_in_a_field_overwrites_nothing(town: Town, settings_desk: Client, marta: User) -> None:
    """A browser presses the first button of a form."""
    seen = opened(settings_desk, ADDRESS)
    lines.change(queue=town.front_queue, actor=marta, priority=7)
    page = settings_desk.post(ADDRESS, given(town, opened=seen)).content.decode()
    form = page[page.index('name="opened"') :]
    assert form.index("<button disabled hidden></button>") < form.index('name="anyway"')


def test_a_form_that_nobody_else_touched_is_kept(town: Town, settings_desk: Client) -> None:
    seen = opened(settings_desk, ADDRESS)
    assert settings_desk.post(ADDRESS, given(town, priority=2, opened=seen)).status_code == 302


def test_ones_own_other_window_is_named_as_such(town: Town, settings_desk: Client, ada: User) -> None:
    seen = opened(settings_desk, ADDRESS)
    lines.change(queue=town.front_queue, actor=ada, priority=7)
    page = settings_desk.post(ADDRESS, given(town, opened=seen)).content.decode()
    assert "You changed this yourself in another window" in page


def test_an_agent_a_skill_a_rule_and_a_calendar_are_watched_too(
    town: Town, settings_desk: Client, marta: User, anna: User
) -> None:
    skill = skills.create(slug="tari", name="TARI", topic=None, actor=marta)
    rule = rules.create(name="Prima", actor=marta, queue=town.front_queue)
    calendar = office_calendars.create(slug="ore", name="Ore", zone="Europe/Rome", actor=marta)
    agent = {"level": 3, "slots_call": 1, "slots_chat": 3, "slots_written": 5, "languages_it": 5}
    as_rule = {"name": "Poi", "active": "on", "queue": town.front_queue.pk, "priority": 0}

    def by_marta() -> None:
        agents.change(user=anna, actor=marta, level=5)
        skills.change(skill=skill, actor=marta, name="T", topic=None, active=True)
        rules.change(rule=rule, actor=marta, priority=4)
        office_calendars.change(calendar=calendar, actor=marta, name="Altro")

    forms: dict[str, tuple[dict[str, Any], str]] = {
        f"/settings/agents/{anna.public_id}/": (agent, "General experience"),
        "/settings/skills/tari/": ({"name": "Tari", "active": "on"}, "Name"),
        f"/settings/rules/{rule.pk}/": (as_rule, "Changes the priority by"),
        "/settings/calendars/ore/": ({"name": "Orario", "zone": "Europe/Rome"}, "Name"),
    }
    seen = {address: opened(settings_desk, address) for address in forms}
    by_marta()
    for address, (form, label) in forms.items():
        answer = settings_desk.post(address, {**form, "opened": seen[address]})
        page = answer.content.decode()
        assert answer.status_code == 409, address
        assert f"{marta.display_name} changed this" in page, address
        assert f'<th scope="row">{label}</th>' in page, address
    assert Skill.objects.get().name == "T"
    assert RoutingRule.objects.get().name == "Prima"
    assert OfficeCalendar.objects.get().name == "Altro"


def test_canned_answers_and_macros_of_the_house_are_watched_too(town: Town, settings_desk: Client, marta: User) -> None:
    words = canned.add(shortcut="orari", title="Orari", texts={"it": "Dalle 9."}, scope=Scope.GLOBAL, actor=marta)
    macro = macros.add(title="Fine", steps={"note": "Fatto"}, scope=Scope.GLOBAL, office=None, actor=marta)
    seen = opened(settings_desk, f"/settings/canned/{words.public_id}/")
    canned.change(canned=words, shortcut="orari", title="Orari", texts={"it": "Dalle 10."}, actor=marta)
    answer = settings_desk.post(
        f"/settings/canned/{words.public_id}/",
        {"shortcut": "orari", "title": "Orari", "texts_it": "Dalle 8.", "opened": seen},
    )
    assert answer.status_code == 409
    assert "Dalle 10." in answer.content.decode()
    seen = opened(settings_desk, f"/settings/macros/{macro.public_id}/")
    macros.change(macro=macro, title="Fine", steps={"note": "Detto"}, actor=marta)
    answer = settings_desk.post(
        f"/settings/macros/{macro.public_id}/", {"title": "Fine", "note": "Scritto", "opened": seen}
    )
    assert answer.status_code == 409


def test_a_secret_that_was_changed_is_told_and_not_shown(
    town: Town, settings_desk: Client, marta: User, letters: ChannelAccount
) -> None:
    address = "/settings/channels/carta/"
    seen = opened(settings_desk, address)
    accounts.change(account=letters, actor=marta, settings={"secret": "fiele"})
    shown = settings_desk.get(address).context
    fields = [bound for part in ("form", "channel") for bound in shown[part]]
    sent = {bound.html_name: bound.value() for bound in fields if bound.value() not in (None, False)}
    answer = settings_desk.post(address, {**sent, "opened": seen})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "What is kept secret</th>" in page
    assert "fiele" not in page


def test_the_sentence_is_in_the_readers_language(town: Town, ada: User, marta: User) -> None:
    desk = Client(headers={"Accept-Language": "it"})
    desk.force_login(ada)
    seen = opened(desk, ADDRESS)
    lines.change(queue=town.front_queue, actor=marta, priority=7)
    page = desk.post(ADDRESS, given(town, opened=seen)).content.decode()
    assert "Marta Neri ha fatto modifiche (lunedì 23 Novembre 2026 10:00) dopo che lei ha aperto questa pagina." in page
