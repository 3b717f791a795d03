"""Rules are kept in an order that people choose, and refused where they could never hold or do anything."""

from typing import Any

import pytest

from contactcenter.accounts.models import ChannelAccount
from contactcenter.queues import rulebook, rules
from contactcenter.queues.models import RoutingRule
from crm.access import Forbidden, NotVisible
from crm.models import AuditEntry, User
from tests.people import Town

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def three(town: Town, ada: User) -> list[RoutingRule]:
    return [rules.create(name=name, queue=town.taxes_queue, actor=ada) for name in ("Prima", "Seconda", "Terza")]


def names() -> list[str]:
    return list(RoutingRule.objects.values_list("name", flat=True))


def test_a_new_rule_is_asked_last(three: list[RoutingRule]) -> None:
    assert names() == ["Prima", "Seconda", "Terza"]
    assert [rule.name for rule in rulebook.known().rules] == names()


def test_rules_move_past_one_another(three: list[RoutingRule], ada: User) -> None:
    assert rules.move(rule=three[2], up=True, actor=ada)
    assert names() == ["Prima", "Terza", "Seconda"]
    assert not rules.move(rule=three[0], up=True, actor=ada)
    assert rules.move(rule=three[0], up=False, actor=ada)
    assert names() == ["Terza", "Prima", "Seconda"]
    assert [rule.name for rule in rulebook.known().rules] == names()
    assert AuditEntry.objects.filter(action="rules.reordered").count() == 2


def test_all_are_put_in_order_at_once_and_none_is_forgotten(three: list[RoutingRule], ada: User) -> None:
    ids = [rule.pk for rule in three]
    rules.reorder(ids=ids[::-1], actor=ada)
    assert names() == ["Terza", "Seconda", "Prima"]
    for wrong in (ids[:2], [*ids, ids[0]], [*ids, 999]):
        with pytest.raises(rules.OrderMoved):
            rules.reorder(ids=wrong, actor=ada)


def test_conditions_are_kept_in_one_form(town: Town, ada: User, letters: ChannelAccount) -> None:
    rule = rules.create(
        name="Rimborsi", account="carta", queue=town.taxes_queue, actor=ada,
        conditions={"words": [" rimborso "], "languages": ["IT"], "topics": []},
    )  # fmt: skip
    assert RoutingRule.objects.get(pk=rule.pk).conditions == {"words": ["rimborso"], "languages": ["it"]}


@pytest.mark.parametrize(
    "fields, place",
    [
        ({"name": " ", "priority": 1}, "name"),
        ({}, "queue"),
        ({"account": "telepatia", "priority": 1}, "account"),
        ({"priority": 200}, "priority"),
        ({"requirements": "level >= nine"}, "requirements"),
        ({"priority": 1, "conditions": {"word": ["x"]}}, "conditions"),
        ({"priority": 1, "conditions": {"topics": ["luna"]}}, "conditions.topics"),
        ({"priority": 1, "conditions": {"hours": [{"calendar": "luna", "is": "open"}]}}, "conditions.hours"),
    ],
)
def test_each_fault_is_told_at_its_place(fields: dict[str, Any], place: str, town: Town, ada: User) -> None:
    with pytest.raises(rules.Wrong) as refused:
        rules.create(**{"name": "Regola", "actor": ada, **fields})
    assert list(refused.value.sentences) == [place]
    assert not RoutingRule.objects.exists()


def test_a_rule_to_a_queue_that_is_switched_off_is_refused(town: Town, ada: User) -> None:
    town.taxes_queue.active = False
    with pytest.raises(rules.Wrong, match="Tributi is switched off"):
        rules.create(name="Regola", queue=town.taxes_queue, actor=ada)


def test_a_rule_somebody_removed_is_not_there(three: list[RoutingRule], ada: User) -> None:
    gone = RoutingRule.objects.get(pk=three[0].pk)
    rules.remove(rule=three[0], actor=ada)
    with pytest.raises(NotVisible):
        rules.change(rule=gone, name="Nuova", actor=ada)
    with pytest.raises(NotVisible):
        rules.move(rule=gone, up=True, actor=ada)
    assert names() == ["Seconda", "Terza"]


def test_only_administrators_change_rules(three: list[RoutingRule], diego: User) -> None:
    with pytest.raises(Forbidden):
        rules.remove(rule=three[0], actor=diego)


def test_a_broken_rule_catches_nothing(town: Town) -> None:
    RoutingRule.objects.create(name="Rotta", position=1, conditions={"moon": ["full"]}, queue=town.taxes_queue)
    rulebook.forget()
    [rule] = rulebook.known().rules
    assert rule.conditions == rulebook.NOBODY
