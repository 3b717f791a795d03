"""Hours move from each queue into calendars; queues that kept the same hours share one from now on."""

import json

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS = {day: [["00:00", "24:00"]] for day in DAYS}


def hours_become_calendars(apps, schema_editor):
    queues = apps.get_model("contactcenter", "Queue").objects.using(schema_editor.connection.alias)
    calendars = apps.get_model("contactcenter", "OfficeCalendar").objects.using(schema_editor.connection.alias)
    made = {}
    for queue in queues.order_by("id"):
        if not queue.hours and not queue.closed_days and not queue.holidays:
            continue  # always open
        kept = json.dumps([queue.hours, sorted(queue.closed_days), queue.holidays], sort_keys=True)
        if kept not in made:
            made[kept] = calendars.create(
                slug=_free_slug(calendars, queue.slug), name=queue.name, zone=settings.TIME_ZONE,
                week={day: spans for day, spans in queue.hours.items() if spans} if queue.hours else ALWAYS,
                closed_days=sorted(queue.closed_days), holidays=queue.holidays,
            )  # fmt: skip
        queue.calendar = made[kept]
        queue.save(update_fields=["calendar"])


def _free_slug(calendars, wanted):
    slug, number = wanted, 1
    while calendars.filter(slug=slug).exists():
        number += 1
        slug = f"{wanted[:40]}-{number}"
    return slug


def calendars_become_hours(apps, schema_editor):
    """The way back loses what hours of a queue couldn't say: special hours, zones and parts of a country."""
    queues = apps.get_model("contactcenter", "Queue").objects.using(schema_editor.connection.alias)
    for queue in queues.filter(calendar__isnull=False).select_related("calendar"):
        week = queue.calendar.week
        queue.hours = {} if week == ALWAYS else (week or {"mon": []})
        queue.closed_days, queue.holidays = queue.calendar.closed_days, queue.calendar.holidays
        queue.save(update_fields=["hours", "closed_days", "holidays"])


class Migration(migrations.Migration):
    dependencies = [
        ("contactcenter", "0005_office_calendar"),
    ]

    operations = [
        migrations.AddField(
            model_name="queue",
            name="calendar",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="queues",
                to="contactcenter.officecalendar",
            ),
        ),
        migrations.RunPython(hours_become_calendars, calendars_become_hours),
    ]
