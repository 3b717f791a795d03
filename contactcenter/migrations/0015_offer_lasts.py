from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('contactcenter', '0013_views'),
    ]

    operations = [
        migrations.AddField(
            model_name='queue',
            name='offer_lasts',
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
