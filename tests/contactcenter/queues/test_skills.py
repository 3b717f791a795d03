"""Skills come and go, except where somebody would wait for them in vain."""

import pytest

from contactcenter.queues import agents, lines, roster, rules, skills
from contactcenter.queues.models import AgentSkill, Skill
from crm.access import Forbidden
from crm.models import AuditEntry, User
from tests.people import Town

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def tax_skill(town: Town, ada: User) -> Skill:
    return skills.create(slug="tributi", name="Tributi", topic=town.refund, actor=ada)


def test_a_skill_is_made_once(tax_skill: Skill, ada: User) -> None:
    with pytest.raises(skills.Wrong, match="Another skill has the short name"):
        skills.create(slug="tributi", name="Altro", actor=ada)
    with pytest.raises(skills.Wrong, match="no spaces"):
        skills.create(slug="due parole", name="Altro", actor=ada)
    assert AuditEntry.objects.filter(action="skill.created", actor=ada).count() == 1


def test_one_that_a_queue_asks_for_stays(tax_skill: Skill, town: Town, ada: User) -> None:
    lines.change(queue=town.taxes_queue, actor=ada, requirements="skills.tributi >= 3")
    for attempt in (
        lambda: skills.remove(skill=tax_skill, actor=ada),
        lambda: skills.change(skill=tax_skill, name="Tributi", topic=None, active=False, actor=ada),
    ):
        with pytest.raises(skills.InUse, match="“Tributi” is asked for by the queue Tributi"):
            attempt()
    assert Skill.objects.get().active


def test_one_that_a_step_or_a_rule_asks_for_stays(tax_skill: Skill, town: Town, ada: User) -> None:
    lines.change(queue=town.front_queue, actor=ada, steps=[{"after": 60, "requirements": 'skills HAS "tributi"'}])
    rules.create(name="Rimborsi", requirements='skills IN ["tributi"]', actor=ada)
    with pytest.raises(skills.InUse, match="the queue Accoglienza, the rule “Rimborsi”"):
        skills.remove(skill=tax_skill, actor=ada)


def test_one_that_alone_brings_a_topic_that_is_asked_for_stays(tax_skill: Skill, town: Town, ada: User) -> None:
    lines.change(queue=town.taxes_queue, actor=ada, requirements='topics HAS "tari-rimborso"')
    with pytest.raises(skills.InUse):
        skills.change(skill=tax_skill, name="Tributi", topic=None, active=True, actor=ada)
    skills.create(slug="rimborsi", name="Rimborsi", topic=town.refund, actor=ada)
    skills.remove(skill=tax_skill, actor=ada)  # the other one brings it too


def test_a_removed_skill_is_nobodys(tax_skill: Skill, anna: User, ada: User) -> None:
    agents.change(user=anna, skills={"tributi": 4}, actor=ada)
    assert roster.known().people[anna.pk].attributes.skills == {"tributi": 4}
    skills.remove(skill=tax_skill, actor=ada)
    assert not AgentSkill.objects.exists()
    assert roster.known().people[anna.pk].attributes.skills == {}
    assert AuditEntry.objects.get(action="skill.removed").data == {"had": 1}


def test_only_administrators_change_skills(tax_skill: Skill, diego: User) -> None:
    with pytest.raises(Forbidden):
        skills.remove(skill=tax_skill, actor=diego)
