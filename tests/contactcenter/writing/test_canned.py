"""Canned answers: whose they are, who may change them, who is offered them."""

from typing import Any

import pytest

from contactcenter.writing import canned
from contactcenter.writing.models import CannedAnswer, Scope
from crm import access
from crm.models import AuditEntry, Grant, Interaction, User
from tests.contactcenter.desk.conftest import Write, write
from tests.people import Town, person

__all__ = ["write"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def keep(actor: User, shortcut: str = "orari", scope: str = Scope.PERSONAL, **more: Any) -> CannedAnswer:
    fields: dict[str, Any] = {"title": "Orari", "texts": {"it": "Dalle 9 alle 12."}, **more}
    return canned.add(shortcut=shortcut, scope=scope, actor=actor, **fields)


def test_ones_own_is_offered_to_nobody_else(anna: User, bruno: User, write: Write) -> None:
    giulia, mine = write("Quando aprite?"), keep(anna)
    assert list(canned.usable(user=anna, interaction=giulia)) == [mine]
    assert not canned.usable(user=bruno, interaction=giulia).exists()
    with pytest.raises(access.NotVisible):
        canned.find(actor=bruno, public_id=mine.public_id)
    with pytest.raises(access.Forbidden):
        canned.change(canned=mine, actor=bruno, shortcut="orari", title="Orari", texts={"it": "Mai."})


def test_an_offices_is_offered_in_its_conversations_alone(town: Town, anna: User, ada: User, write: Write) -> None:
    giulia = write("Quando aprite?")
    keep(ada, "rate", Scope.OFFICE, office=town.taxes)
    ours = keep(ada, "orari", Scope.OFFICE, office=town.front)
    everybodys = keep(ada, "saluto", Scope.GLOBAL)
    assert set(canned.usable(user=anna, interaction=giulia)) == {ours, everybodys}


def test_who_sets_up_one_office_changes_neither_another_nor_the_house(town: Town) -> None:
    olga = person("olga", "Olga", "Neri", "administrator", town.taxes)
    keep(olga, "rate", Scope.OFFICE, office=town.taxes)
    for scope, office in ((Scope.OFFICE, town.front), (Scope.GLOBAL, None)):
        with pytest.raises(access.Forbidden):
            keep(olga, "orari", scope, office=office)


def test_agents_and_managers_share_nothing_by_themselves(town: Town, anna: User, diego: User) -> None:
    for actor in (anna, diego):
        with pytest.raises(access.Forbidden):
            keep(actor, "orari", Scope.OFFICE, office=town.front)
        with pytest.raises(access.Forbidden):
            keep(actor, "orari", Scope.GLOBAL)


def test_whoever_lost_their_role_changes_nothing_any_more(anna: User) -> None:
    mine = keep(anna)
    Grant.objects.filter(user=anna).delete()
    with pytest.raises(access.Forbidden):
        canned.retire(canned=mine, actor=User.objects.get(pk=anna.pk))


def test_a_shortcut_is_given_once_in_its_place_and_is_free_again_when_retired(anna: User, bruno: User) -> None:
    first = keep(anna)
    keep(bruno)
    with pytest.raises(canned.Wrong) as refused:
        keep(anna)
    assert refused.value.sentences["shortcut"] == [
        "Another one has the shortcut “orari” already. Choose a different one."
    ]
    canned.retire(canned=first, actor=anna)
    keep(anna)
    with pytest.raises(canned.Wrong):
        canned.restore(canned=first, actor=anna)


@pytest.mark.parametrize(
    "wrong, place",
    [
        ({"shortcut": "Orari nuovi"}, "shortcut"),
        ({"shortcut": ""}, "shortcut"),
        ({"title": " \x00 "}, "title"),
        ({"texts": {"it": "  "}}, "texts.it"),
        ({"texts": {"it": "Gentile {{nome}}"}}, "texts.it"),
        ({"texts": {"it": "x" * 8001}}, "texts.it"),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_nothing_is_kept(wrong: dict[str, Any], place: str, anna: User) -> None:
    with pytest.raises(canned.Wrong) as refused:
        keep(anna, **wrong)
    assert list(refused.value.sentences) == [place]
    assert not CannedAnswer.objects.exists()


def test_every_change_is_in_the_audit_without_its_words(anna: User) -> None:
    mine = keep(anna)
    canned.change(canned=mine, actor=anna, shortcut="orari", title="Orari nuovi", texts={"it": "Dalle 8."})
    canned.retire(canned=mine, actor=anna)
    canned.restore(canned=mine, actor=anna)
    told = AuditEntry.objects.filter(subject=f"canned:{mine.public_id}").order_by("id")
    assert [row.action for row in told] == ["canned.added", "canned.changed", "canned.retired", "canned.restored"]
    assert all(row.data == {"scope": "personal"} for row in told)


def test_only_what_one_may_answer_with_counts_as_used(anna: User, bruno: User, write: Write) -> None:
    giulia: Interaction = write("Quando aprite?")
    mine, theirs = keep(anna), keep(bruno)
    assert canned.use(ids=[mine.public_id, theirs.public_id], interaction=giulia, actor=anna) == 1
    assert sorted(CannedAnswer.objects.values_list("owner__username", "uses")) == [("anna", 1), ("bruno", 0)]
