"""A statement that is worked out once finds what the ORM finds, for every value put into its places."""

import datetime as dt

import pytest
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Upper

from crm.models import Citizen, ContactPoint
from crm.prepared import Prepared, PreparedModel

MOMENT = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def points() -> None:
    giulia = Citizen.objects.create(name="Giulia Ferri", created_at=MOMENT)
    ContactPoint.objects.create(citizen=giulia, scheme="mailto", value="giulia@posta.example", created_at=MOMENT)
    ContactPoint.objects.create(scheme="tel", value="100% '); --", created_at=MOMENT)


def by_value() -> PreparedModel[ContactPoint]:
    rows = ContactPoint.objects.filter(status="claimed", value="@value").select_related("citizen")
    return PreparedModel(rows.defer("citizen__created_at"), "@value")


@pytest.mark.django_db
@pytest.mark.usefixtures("points")
def test_a_row_comes_with_what_is_read_along_and_no_further_question() -> None:
    point = by_value().first("giulia@posta.example")
    assert point is not None
    assert (point.scheme, point.created_at) == ("mailto", MOMENT)
    assert point.citizen is not None
    assert point.citizen.name == "Giulia Ferri"
    assert point.citizen.created_at == MOMENT  # wasn't read along: it is asked for


@pytest.mark.django_db
@pytest.mark.usefixtures("points")
def test_where_the_join_finds_none_there_is_none() -> None:
    point = by_value().first("100% '); --")
    assert point is not None
    assert point.citizen is None


@pytest.mark.django_db
@pytest.mark.usefixtures("points")
def test_an_unknown_value_finds_nothing_however_often_it_is_asked() -> None:
    asked = by_value()
    assert [asked.first("nobody' OR '1'='1") for _time in range(8)] == [None] * 8  # kept by name from the second on


@pytest.mark.django_db
@pytest.mark.usefixtures("points")
def test_a_value_may_stand_in_several_places() -> None:
    either = Q(value="@value") | Q(citizen__name="@value")
    asked = PreparedModel(ContactPoint.objects.filter(either).annotate(shouted=Upper("scheme")), "@value")
    by_name, by_value = asked.all("Giulia Ferri"), asked.all("100% '); --")
    assert [point.value for point in by_name] == ["giulia@posta.example"]
    assert [vars(point)["shouted"] for point in by_value] == ["TEL"]


def test_a_place_that_stands_nowhere_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="stands nowhere"):
        Prepared(ContactPoint.objects.filter(status="claimed").values_list("id"), "@value")


def test_what_never_changes_stands_in_the_statement_itself() -> None:
    """So that an index which holds only some rows can serve a plan that is kept."""
    asked = Prepared(ContactPoint.objects.filter(status="claimed", value="@value").values_list("id"), "@value")
    assert "'claimed'" in asked.sql
    assert asked.params == ["@value"]


def test_what_could_end_a_literal_stays_beside_the_statement() -> None:
    asked = Prepared(ContactPoint.objects.filter(scheme="o'hara", value="@value").values_list("id"), "@value")
    assert "o'hara" not in asked.sql
    assert set(asked.params) == {"o'hara", "@value"}


@pytest.mark.django_db
def test_on_postgresql_the_server_keeps_it_by_name() -> None:
    asked = by_value()
    for _time in range(3):
        asked.first("x")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM pg_prepared_statements WHERE statement LIKE '%%crm_contactpoint%%'")
            assert cursor.fetchone()[0] >= 1
