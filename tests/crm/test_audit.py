"""The record of looks: complete, in order, and telling when somebody tampered with it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from crm import audit
from crm.models import AuditEntry, AuditHead, User


def write(count: int) -> None:
    for number in range(count):
        audit.record("interaction.read", subject=f"interaction:{number}", actor_label="anna", purpose="own work")


@pytest.mark.django_db
def test_an_untouched_chain_has_nothing_to_report() -> None:
    write(25)
    assert (audit.seal(limit=10), audit.seal(), audit.seal()) == (10, 15, 0)
    assert audit.verify() == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "field, value",
    [
        ("actor_label", "bruno"),
        ("action", "case.read"),
        ("subject", "interaction:x"),
        ("purpose", "other"),
        ("data", {"n": 1}),
    ],
)
def test_an_edited_row_is_named(field: str, value: object) -> None:
    write(5)
    audit.seal()
    third = AuditEntry.objects.order_by("position")[2]
    AuditEntry.objects.filter(pk=third.pk).update(**{field: value})
    (sentence,) = audit.verify()
    assert str(third.pk) in sentence


@pytest.mark.django_db
def test_a_removed_row_is_noticed() -> None:
    write(5)
    audit.seal()
    AuditEntry.objects.filter(position=3).delete()
    assert len(audit.verify()) == 1


@pytest.mark.django_db
def test_cutting_off_the_end_is_noticed() -> None:
    write(5)
    audit.seal()
    AuditEntry.objects.filter(position__gte=4).delete()
    assert len(audit.verify()) == 1


@pytest.mark.django_db
def test_what_is_sealed_during_the_walk_is_no_tampering(monkeypatch: pytest.MonkeyPatch) -> None:
    write(5)
    audit.seal()
    walk = audit._chain

    def walk_while_others_work(end: int) -> list[AuditEntry]:
        rows = list(walk(end))
        write(3)
        audit.seal()
        return rows

    monkeypatch.setattr(audit, "_chain", walk_while_others_work)
    assert audit.verify() == []


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["set back", "removed"])
def test_a_head_that_was_set_back_or_removed_is_noticed(how: str) -> None:
    write(5)
    audit.seal()
    second = AuditEntry.objects.get(position=2)
    head = AuditHead.objects.filter(id=1)
    head.update(position=2, seal=second.seal) if how == "set back" else head.delete()
    assert len(audit.verify()) == 1


@pytest.mark.django_db
def test_resealing_without_the_key_does_not_help(settings: object) -> None:
    write(3)
    audit.seal()
    row = AuditEntry.objects.get(position=2)
    row.actor_label = "nobody"
    row.seal = audit._seal(b"a guess", audit._content(row, 2, row.previous))
    row.save()
    assert audit.verify() != []


@pytest.mark.django_db
def test_an_older_key_still_verifies(settings: pytest.FixtureRequest) -> None:
    write(3)
    audit.seal()
    settings.ENCRYPTION_KEYS = ["a newer key", *settings.ENCRYPTION_KEYS]  # type: ignore[attr-defined]  # pytest-django's settings
    write(2)
    audit.seal()
    assert audit.verify() == []


@pytest.mark.django_db(transaction=True)
def test_two_sealers_at_once_make_one_chain(django_user_model: type[User]) -> None:
    write(60)

    def seal(_number: int) -> int:
        try:
            return audit.seal(limit=7)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(seal, range(12))) == 60
    assert AuditHead.objects.get().position == 60
    assert audit.verify() == []
