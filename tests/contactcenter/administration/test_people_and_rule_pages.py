"""Agents, skills and rules in the settings: what was typed stays, what it means is shown before it is kept."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contactcenter.accounts.models import ChannelAccount
from contactcenter.queues import agents, lines, presence, rules, skills, work_items
from contactcenter.queues.models import Agent, RoutingRule, Skill, WorkItem
from crm.models import AuditEntry, Interaction, User
from tests.people import Town

pytestmark = pytest.mark.django_db


@pytest.fixture
def settings_desk(ada: User) -> Client:
    """Ada, who installs."""
    made = Client(headers={"Accept-Language": "en"})
    made.force_login(ada)
    return made


@pytest.fixture
def tax_skill(town: Town) -> Skill:
    return skills.create(slug="tributi", name="Tributi", topic=town.refund, actor=None)


# --- agents ---


def abilities(**more: Any) -> dict[str, Any]:
    return {"level": 4, "slots_call": 1, "slots_chat": 2, "slots_written": 5, "languages_it": 5, **more}


def test_abilities_are_set_by_plain_selects(settings_desk: Client, anna: User, town: Town, tax_skill: Skill) -> None:
    address = f"/settings/agents/{anna.public_id}/"
    given = abilities(
        languages_uk=3, more_0="ar", more_level_0=2, skills_tributi=4, home_queues=[town.front_queue.pk]
    )  # fmt: skip
    assert settings_desk.post(address, given)["Location"] == address
    agent = Agent.objects.get(user=anna)
    assert agent.capacity == {"call": 1, "chat": 2, "written": 5}
    assert {row.language: row.level for row in agent.languages.all()} == {"it": 5, "uk": 3, "ar": 2}
    assert {row.skill.slug: row.level for row in agent.skills.all()} == {"tributi": 4}
    assert list(agent.home_queues.all()) == [town.front_queue]
    html = settings_desk.get(address).content.decode()
    assert 'for="id_languages_ar">Arabic</label>' in html
    html = settings_desk.get("/settings/agents/").content.decode()
    assert "Arabic 2, Italian 5, Ukrainian 3 · tributi 4 · level 4" in html
    assert "1 call · 2 chat · 5 written" in html


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"slots_call": 2}, "less than or equal to 1"),
        ({"languages_it": ""}, "Choose one language at least."),
        ({"more_0": "ar"}, "Choose the language and how well they speak it."),
        ({"level": 9}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    wrong: dict[str, Any], words: str, settings_desk: Client, anna: User
) -> None:
    html = settings_desk.post(f"/settings/agents/{anna.public_id}/", abilities(slots_chat=7) | wrong).content.decode()
    assert words in html
    assert 'value="7"' in html
    assert not Agent.objects.exists()


def test_the_preview_says_which_queues_would_come_and_why(
    settings_desk: Client, anna: User, town: Town, ada: User
) -> None:
    lines.change(
        queue=town.front_queue,
        actor=ada,
        requirements="level >= 5",
        steps=[{"after": 90, "requirements": "level >= 4"}],
    )
    address = f"/settings/agents/{anna.public_id}/"
    html = settings_desk.get(address).content.decode()
    assert "They don&#x27;t meet what is required: level &gt;= 5." in html
    assert "They have no role here (Tributi)." in html
    html = settings_desk.post(address, abilities(look="1")).content.decode()
    assert "After 90 s, by a step of the queue." in html
    assert "Nothing is kept yet." in html
    assert "At once: by their role" in settings_desk.post(address, abilities(level=5, look="1")).content.decode()
    assert not Agent.objects.exists()


def test_who_leaves_is_switched_off_and_may_come_back(settings_desk: Client, anna: User, town: Town) -> None:
    interaction = Interaction.objects.create(
        account="carta", family="written", office=town.front, queue="accoglienza", opened_at=timezone.now()
    )
    work_items.enqueue(interaction=interaction, queue=town.front_queue, priority=0, at=timezone.now())
    work_items.claim(item=WorkItem.objects.get(), actor=anna)
    page = settings_desk.post(f"/settings/agents/{anna.public_id}/leave/", follow=True).content.decode()
    assert "Anna Bianchi is switched off. 1 contact waits in its queue again." in page
    assert "Switch on again" in page
    assert WorkItem.objects.get().owner is None
    page = settings_desk.post(f"/settings/agents/{anna.public_id}/back/", follow=True).content.decode()
    assert "Anna Bianchi may sign in again." in page


# --- skills ---


def test_a_skill_is_made_given_and_removed(settings_desk: Client, town: Town, anna: User) -> None:
    settings_desk.post("/settings/new/skills/", {"slug": "imu", "name": "IMU", "topic": town.refund.pk})
    skill = Skill.objects.get(slug="imu")
    assert (skill.name, skill.topic, skill.active) == ("IMU", town.refund, True)
    agents.change(user=anna, skills={"imu": 3}, actor=None)
    assert "Anna Bianchi" in settings_desk.get("/settings/skills/imu/").content.decode()
    page = settings_desk.post("/settings/skills/imu/remove/", follow=True).content.decode()
    assert "IMU is removed." in page


def test_a_skill_that_is_asked_for_says_by_whom(settings_desk: Client, town: Town, tax_skill: Skill, ada: User) -> None:
    lines.change(queue=town.taxes_queue, actor=ada, requirements='skills HAS "tributi"')
    html = settings_desk.get("/settings/skills/").content.decode()
    assert "the queue Tributi" in html
    assert "nobody has it" in html
    page = settings_desk.post("/settings/skills/tributi/remove/", follow=True).content.decode()
    assert "“Tributi” is asked for by the queue Tributi. Change their requirements first." in page
    html = settings_desk.post("/settings/skills/tributi/", {"name": "Tributi", "topic": ""}).content.decode()
    assert "is asked for by the queue Tributi" in html
    assert Skill.objects.get().active


# --- rules ---


def test_a_rule_is_written_with_fields(settings_desk: Client, town: Town, letters: ChannelAccount) -> None:
    given = {
        "name": "Rimborsi", "active": "on", "account": "carta", "topics": ["tari-rimborso"], "families": ["written"],
        "citizen": ["known", "verified"], "languages": "uk, ro", "words": "rimbors*\ndue volte", "priority_from": 0,
        "hours_0_days": ["mon", "tue"], "hours_0_from": "08:30", "hours_0_to": "13:00", "calendar": "",
        "calendar_is": "open", "queue": town.taxes_queue.pk, "requirements": "level >= 3", "priority": 5,
    }  # fmt: skip
    assert settings_desk.post("/settings/new/rules/", given)["Location"] == "/settings/rules/"
    rule = RoutingRule.objects.get()
    assert rule.conditions == {
        "topics": ["tari-rimborso"], "languages": ["uk", "ro"], "families": ["written"],
        "words": ["rimbors*", "due volte"], "citizen": ["known", "verified"],
        "hours": [{"days": ["mon", "tue"], "from": "08:30", "to": "13:00"}], "priorities": [{"from": 0, "to": None}],
    }  # fmt: skip
    assert (rule.account, rule.queue, rule.requirements, rule.priority) == ("carta", town.taxes_queue, "level >= 3", 5)
    html = settings_desk.get("/settings/rules/").content.decode()
    assert "URP Roccaverde · about TARI › Rimborso · in Ukrainian or Romanian" in html
    assert "time: Monday, Tuesday 08:30–13:00" in html
    again = settings_desk.get(f"/settings/rules/{rule.pk}/").content.decode()
    assert 'value="uk, ro"' in again
    assert "rimbors*\ndue volte" in again
    assert 'value="08:30"' in again


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"requirements": "level >= nine"}, "^^^^"),
        ({"hours_0_from": "8"}, "Times are written as 08:30"),
        ({"words": "a * b"}, "can&#x27;t be searched for"),
        ({"languages": "italiano"}, "no code of a language"),
        ({"queue": ""}, "This rule does nothing yet."),
        ({"priority_from": 5, "priority_to": 1}, "isn&#x27;t lower"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said_at_its_field(
    wrong: dict[str, Any], words: str, settings_desk: Client, town: Town
) -> None:
    given = {"name": "Regola", "queue": town.taxes_queue.pk, "priority": 0, **wrong}
    html = settings_desk.post("/settings/new/rules/", given).content.decode()
    assert words in html
    assert 'value="Regola"' in html
    assert 'aria-invalid="true"' in html
    assert not RoutingRule.objects.exists()


def test_rules_move_by_a_button_and_come_back_where_they_are(settings_desk: Client, town: Town, ada: User) -> None:
    first, second = (rules.create(name=name, queue=town.taxes_queue, actor=ada) for name in ("Prima", "Seconda"))
    answer = settings_desk.post(f"/settings/rules/{second.pk}/move/", {"to": "up"})
    assert answer["Location"] == f"/settings/rules/#rule-{second.pk}"
    assert list(RoutingRule.objects.values_list("name", flat=True)) == ["Seconda", "Prima"]
    settings_desk.post(f"/settings/rules/{first.pk}/remove/")
    assert RoutingRule.objects.count() == 1


def trial(**more: Any) -> dict[str, Any]:
    plain = {
        "account": "carta",
        "topic": "",
        "language": "it",
        "citizen": "known",
        "moment": "2026-11-23T10:00",
        "words": "",
    }
    return {f"try-{name}": value for name, value in {**plain, **more}.items()}


def test_trying_it_explains_step_by_step_and_names_who_would_be_asked(
    settings_desk: Client, town: Town, letters: ChannelAccount, anna: User, bruno: User, ada: User
) -> None:
    rules.create(name="Sfratti", conditions={"words": ["sfratto"]}, priority=5, requirements="level >= 4", actor=ada)
    rules.create(name="Altri", conditions={"languages": ["uk"]}, queue=town.taxes_queue, actor=ada)
    agents.change(user=anna, level=5, actor=ada)
    presence.change(user=anna, status="available")
    before = AuditEntry.objects.count()
    html = settings_desk.post("/settings/rules/", trial(words="Ho ricevuto uno sfratto")).content.decode()
    told = (
        "The rule “Sfratti” asks for somebody with: level &gt;= 4.", "The rule “Sfratti” changes the priority by +5.",
        "The rule “Altri” doesn&#x27;t apply: it is about another language.", "This channel leads to the queue Accoglienza.",
    )  # fmt: skip
    places = [html.index(sentence) for sentence in told]
    assert places == sorted(places)
    assert "<li>Anna Bianchi</li>" in html
    assert "<li>Bruno Conti: doesn&#x27;t meet what is required</li>" in html
    assert "Ho ricevuto uno sfratto</textarea>" in html
    assert (Interaction.objects.count(), AuditEntry.objects.count()) == (0, before)


def test_a_language_nobody_chose_is_told_from_the_words(
    settings_desk: Client, letters: ChannelAccount, anna: User
) -> None:
    words = "Добрий день, я хотіла б дізнатися, як оформити посвідчення особи для моєї дитини"
    html = settings_desk.post("/settings/rules/", trial(language="", words=words)).content.decode()
    assert "The words sound like this language: Ukrainian." in html
    assert "Nobody right now: it would wait." in html
    assert "Anna Bianchi: isn&#x27;t available now" in html


@pytest.mark.parametrize("path", ["agents/", "skills/", "rules/", "new/skills/", "new/rules/"])
def test_they_are_an_administrators(path: str, town: Town, diego: User) -> None:
    other = Client()
    other.force_login(diego)
    assert other.get(f"/settings/{path}").status_code == 403
