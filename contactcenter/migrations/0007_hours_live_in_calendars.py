"""Apart from the copying: PostgreSQL changes no table whose rows were written in the same transaction."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contactcenter", "0006_queues_share_calendars"),
    ]

    operations = [
        migrations.RemoveField(model_name="queue", name="closed_days"),
        migrations.RemoveField(model_name="queue", name="holidays"),
        migrations.RemoveField(model_name="queue", name="hours"),
        migrations.AlterField(
            model_name="workitem",
            name="requirements",
            field=models.CharField(blank=True, max_length=2000),
        ),
    ]
