import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from crm import representations
from crm.access import Forbidden
from crm.models import AuditEntry, Citizen, User

SPRING, SUMMER = dt.date(2026, 4, 1), dt.date(2026, 7, 1)


@pytest.fixture
def giulia(db: None) -> Citizen:
    return Citizen.objects.create(name="Giulia Ferri", created_at=timezone.now())


@pytest.fixture
def nonna(db: None) -> Citizen:
    return Citizen.objects.create(name="Rosa Ferri", created_at=timezone.now())


@pytest.mark.django_db
def test_a_granddaughter_acts_for_her_grandmother_while_her_mandate_lasts(
    giulia: Citizen, nonna: Citizen, anna: User
) -> None:
    made = representations.record(
        representative=giulia, represented=nonna, mandate="delega 12/2026", valid_from=SPRING, actor=anna
    )
    assert representations.valid(represented=nonna, on=SUMMER).get() == made
    representations.end(representation=made, on=dt.date(2026, 6, 30), actor=anna)
    assert representations.valid(represented=nonna, on=dt.date(2026, 6, 30)).exists()  # its last day counts
    assert not representations.valid(represented=nonna, on=SUMMER).exists()
    assert not representations.valid(represented=giulia, on=SPRING).exists()  # it isn't mutual
    assert AuditEntry.objects.filter(citizen=nonna.public_id, action__startswith="representation.").count() == 2


@pytest.mark.django_db
def test_nobody_represents_themselves_or_ends_before_they_began(giulia: Citizen, nonna: Citizen, anna: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        representations.record(representative=giulia, represented=giulia, mandate="x", valid_from=SPRING, actor=anna)
    made = representations.record(representative=giulia, represented=nonna, mandate="x", valid_from=SUMMER, actor=anna)
    with pytest.raises(IntegrityError), transaction.atomic():
        representations.end(representation=made, on=SPRING, actor=anna)


@pytest.mark.django_db
def test_an_administrator_does_not_record_mandates(giulia: Citizen, nonna: Citizen, ada: User) -> None:
    with pytest.raises(Forbidden):
        representations.record(representative=giulia, represented=nonna, mandate="x", valid_from=SPRING, actor=ada)
