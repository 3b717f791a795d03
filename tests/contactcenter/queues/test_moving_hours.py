"""The hours that queues kept themselves become calendars, and the same hours become one."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

APP = "contactcenter"
OFFICE = {"mon": [["08:30", "13:00"]], "tue": []}


@pytest.fixture
def before(transactional_db: None) -> Iterator[Any]:
    """The tables as they were; everything is brought up to date again afterwards."""
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()
    executor.migrate([(APP, "0005_office_calendar")])
    yield executor.loader.project_state([(APP, "0005_office_calendar"), ("crm", _last_of("crm", newest))]).apps
    MigrationExecutor(connection).migrate(newest)


def _last_of(app: str, nodes: list[Any]) -> str:
    return next(name for label, name in nodes if label == app)


@pytest.mark.django_db(transaction=True)
def test_hours_move_into_calendars_that_queues_share(before: Any) -> None:
    office = before.get_model("crm", "Office").objects.create(slug="urp", name="URP")
    queues = before.get_model(APP, "Queue").objects
    rows_before: dict[str, dict[str, Any]] = {
        "posta": {"hours": OFFICE, "holidays": "IT", "closed_days": ["2026-12-24", "2026-08-16"]},
        "tributi": {"hours": OFFICE, "holidays": "IT", "closed_days": ["2026-08-16", "2026-12-24"]},
        "chat": {},
        "mai": {"hours": {"mon": []}},
        "feste": {"holidays": "IT"},
    }
    for slug, fields in rows_before.items():
        queues.create(slug=slug, name=slug.title(), office=office, **fields)
    before.get_model(APP, "OfficeCalendar").objects.create(slug="posta", name="Un'altra", zone="Europe/Rome")

    executor = MigrationExecutor(connection)
    executor.migrate([(APP, "0007_hours_live_in_calendars")])
    after = executor.loader.project_state([(APP, "0007_hours_live_in_calendars")]).apps
    rows = {row.slug: row.calendar for row in after.get_model(APP, "Queue").objects.select_related("calendar")}

    assert rows["posta"] == rows["tributi"]
    assert (rows["posta"].slug, rows["posta"].name, rows["posta"].zone) == ("posta-2", "Posta", "Europe/Rome")
    assert (rows["posta"].week, rows["posta"].holidays) == ({"mon": [["08:30", "13:00"]]}, "IT")
    assert rows["posta"].closed_days == ["2026-08-16", "2026-12-24"]
    assert rows["chat"] is None
    assert rows["mai"].week == {}
    assert (rows["feste"].week["sun"], rows["feste"].holidays) == ([["00:00", "24:00"]], "IT")
